-- Whose users these are, and how far the views have come.

CREATE OR REPLACE VIEW reporting.organisations AS
SELECT DISTINCT ON (organisation_id)
    organisation_id,
    cvr,
    name,
    reporting.instant(first_value(since) OVER (PARTITION BY organisation_id ORDER BY number)) AS registered_at,
    user_price AS user_price_ore,
    free_users
FROM organisations
ORDER BY organisation_id, number DESC;

COMMENT ON VIEW reporting.organisations IS 'A row for each organisation.';
COMMENT ON COLUMN reporting.organisations.organisation_id IS 'The organisation; the other views have it too.';
COMMENT ON COLUMN reporting.organisations.cvr IS 'CVR number, 8 digits.';
COMMENT ON COLUMN reporting.organisations.name IS 'The organisation''s name.';
COMMENT ON COLUMN reporting.organisations.registered_at IS 'Since when it has been here.';
COMMENT ON COLUMN reporting.organisations.user_price_ore IS 'What a further user costs now, in øre without VAT.';
COMMENT ON COLUMN reporting.organisations.free_users IS 'How many users cost nothing, by the prices of now.';

CREATE OR REPLACE VIEW reporting.freshness AS
SELECT
    positions.name AS read_table,
    positions.state,
    greatest(0, head.size - positions.position) AS events_behind
FROM positions CROSS JOIN head;

COMMENT ON VIEW reporting.freshness IS 'A row for each read table that views may rest on: whether it has all that was recorded.';
COMMENT ON COLUMN reporting.freshness.read_table IS 'The read table, as brugerbog projections status names it.';
COMMENT ON COLUMN reporting.freshness.state IS 'ok; rebuilding, while the table of before answers; failed, when it has stopped and the operator must look.';
COMMENT ON COLUMN reporting.freshness.events_behind IS 'How many events aren''t in it yet; 0 when it is up to date.';

GRANT SELECT ON reporting.organisations, reporting.freshness TO brugerbog_reporting;
