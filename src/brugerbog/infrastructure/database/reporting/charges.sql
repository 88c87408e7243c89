-- Charges. A user's price depends on the number of users asked to activate before, and on the price at that time,
-- as in application/queries/reports.py and Organisation.prices_at.

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
    -- The latest prices at that time; for a charge before the first prices, the first.
    SELECT organisations.user_price, organisations.free_users
    FROM organisations
    WHERE organisations.organisation_id = charged.organisation_id
    ORDER BY
        organisations.since <= charged.charged_at DESC,
        CASE WHEN organisations.since <= charged.charged_at THEN -organisations.number ELSE organisations.number END
    LIMIT 1
) AS prices;

COMMENT ON VIEW reporting.charges IS 'All charges, kept permanently: each user once, at the first request to activate, and each ordered device.';
COMMENT ON COLUMN reporting.charges.user_id IS 'The user charged for, who may have been deleted since.';
COMMENT ON COLUMN reporting.charges.organisation_id IS 'The user''s organisation.';
COMMENT ON COLUMN reporting.charges.kind IS 'user, code_display, audio_code_reader or chip.';
COMMENT ON COLUMN reporting.charges.ean IS 'The EAN that is invoiced; NULL without a particular one.';
COMMENT ON COLUMN reporting.charges.charged_at IS 'Time of the charge.';
COMMENT ON COLUMN reporting.charges.month IS 'Month of the charge in Copenhagen, YYYY-MM.';
COMMENT ON COLUMN reporting.charges.amount_ore IS 'Price in øre without VAT; the first users of an organisation are free.';

GRANT SELECT ON reporting.charges TO brugerbog_reporting;
