-- Views for reporting tools on PostgreSQL: run once, as the owner of the database, after the store was made
-- (brugerbog organisation register) and after postgresql-roles.sql if that is used. Then make the views, and make
-- them anew after each upgrade, as whoever runs Brugerbog day by day:
--
--   brugerbog store reporting
--
-- Give the logins of people and tools one of these roles; no name stands in what the first may read:
--
--   brugerbog_reporting         all views but user_names
--   brugerbog_reporting_names   these and user_names
--
--   CREATE ROLE controlling LOGIN PASSWORD '…' IN ROLE brugerbog_reporting;
--   ALTER ROLE controlling SET default_transaction_read_only = on;
--   ALTER ROLE controlling SET statement_timeout = '5min';
--   ALTER ROLE controlling SET idle_in_transaction_session_timeout = '1min';
--
-- What the views tell is told in docs/reporting.md.

CREATE ROLE brugerbog_reporting NOLOGIN;
CREATE ROLE brugerbog_reporting_names NOLOGIN;
GRANT brugerbog_reporting TO brugerbog_reporting_names;

CREATE SCHEMA reporting;
GRANT USAGE ON SCHEMA reporting TO brugerbog_reporting;

-- The views belong to whoever owns the read tables, and so may make both anew.
DO $$
BEGIN
    EXECUTE format('ALTER SCHEMA reporting OWNER TO %s', (
        SELECT relowner::regrole FROM pg_class WHERE oid = 'user_list'::regclass
    ));
END $$;
