-- Organisations, and the projection lag.

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

COMMENT ON VIEW reporting.organisations IS 'Organisations, one row each.';
COMMENT ON COLUMN reporting.organisations.organisation_id IS 'The organisation, as in the other views.';
COMMENT ON COLUMN reporting.organisations.cvr IS 'CVR number, 8 digits.';
COMMENT ON COLUMN reporting.organisations.name IS 'The organisation''s name.';
COMMENT ON COLUMN reporting.organisations.registered_at IS 'When the organisation was registered.';
COMMENT ON COLUMN reporting.organisations.user_price_ore IS 'Current price of a further user, in øre without VAT.';
COMMENT ON COLUMN reporting.organisations.free_users IS 'Number of free users, by the current prices.';

CREATE OR REPLACE VIEW reporting.freshness AS
SELECT
    positions.name AS read_table,
    positions.state,
    greatest(0, head.size - positions.position) AS events_behind
FROM positions CROSS JOIN head;

COMMENT ON VIEW reporting.freshness IS 'Projection lag: one row for each read table that views may depend on.';
COMMENT ON COLUMN reporting.freshness.read_table IS 'The read table, as in brugerbog projections status.';
COMMENT ON COLUMN reporting.freshness.state IS 'ok; rebuilding (the old table is used meanwhile); failed (stopped, the operator must act).';
COMMENT ON COLUMN reporting.freshness.events_behind IS 'Number of recorded events not yet in the table; 0 when up to date.';

GRANT SELECT ON reporting.organisations, reporting.freshness TO brugerbog_reporting;
