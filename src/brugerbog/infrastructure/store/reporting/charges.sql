-- What is invoiced. A user's price hangs on how many were asked to activate themselves before him, and on what
-- a user cost then: as application/reports.py and Organisation.prices_at count.

CREATE OR REPLACE VIEW reporting.charges AS
WITH charged AS (
    SELECT
        charges.*,
        count(*) FILTER (WHERE kind = 'user') OVER (PARTITION BY organisation_id ORDER BY position, number) AS users
    FROM charges
    WHERE reporting.instant(charged_at) <= reporting.as_of()
)
SELECT
    charged.user_id,
    charged.organisation_id,
    charged.kind,
    charged.ean,
    reporting.instant(charged.charged_at) AS charged_at,
    to_char(reporting.instant(charged.charged_at) AT TIME ZONE 'Europe/Copenhagen', 'YYYY-MM') AS month,
    CASE
        WHEN charged.kind <> 'user' THEN charged.price
        WHEN charged.users <= prices.free_users THEN 0
        ELSE prices.user_price
    END AS amount_ore
FROM charged
CROSS JOIN LATERAL (
    -- The latest of those known then; of a charge from before the first, the first.
    SELECT organisations.user_price, organisations.free_users
    FROM organisations
    WHERE organisations.organisation_id = charged.organisation_id
    ORDER BY
        organisations.since <= charged.charged_at DESC,
        CASE WHEN organisations.since <= charged.charged_at THEN -organisations.number ELSE organisations.number END
    LIMIT 1
) AS prices;

COMMENT ON VIEW reporting.charges IS 'A row for each thing invoiced, for good: a user, once, when he is first asked to activate himself, and each device ordered.';
COMMENT ON COLUMN reporting.charges.user_id IS 'Whom it was for; he may have been deleted since.';
COMMENT ON COLUMN reporting.charges.organisation_id IS 'His organisation.';
COMMENT ON COLUMN reporting.charges.kind IS 'user, code_display, audio_code_reader or chip.';
COMMENT ON COLUMN reporting.charges.ean IS 'Where it is invoiced; empty when nowhere in particular.';
COMMENT ON COLUMN reporting.charges.charged_at IS 'When it was charged.';
COMMENT ON COLUMN reporting.charges.month IS 'The month of that in Copenhagen, YYYY-MM.';
COMMENT ON COLUMN reporting.charges.amount_ore IS 'What it cost, in øre without VAT; the first users of an organisation are free.';

GRANT SELECT ON reporting.charges TO brugerbog_reporting;
