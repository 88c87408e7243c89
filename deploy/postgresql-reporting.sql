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

SET search_path = pg_catalog, pg_temp;

CREATE ROLE brugerbog_reporting NOLOGIN;
CREATE ROLE brugerbog_reporting_names NOLOGIN;
GRANT brugerbog_reporting TO brugerbog_reporting_names;

CREATE SCHEMA reporting;
GRANT USAGE ON SCHEMA reporting TO brugerbog_reporting;

-- The views belong to whoever owns the read tables, and so may make both anew. To give something away takes a member
-- of the new owner; afterwards the owner of the database is none any more, and leaves the views alone: what lies in
-- them would run with the rights of whoever reads them.
DO $$
DECLARE
    service regrole := (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'brugerbog_read');
BEGIN
    IF service IS NULL THEN
        RAISE EXCEPTION 'there is no schema for read tables yet: run brugerbog store prepare first';
    END IF;
    IF service <> current_user::regrole THEN
        EXECUTE format('GRANT %s TO CURRENT_USER', service);
        EXECUTE format('ALTER SCHEMA reporting OWNER TO %s', service);
        EXECUTE format('REVOKE %s FROM CURRENT_USER', service);
    END IF;
END $$;
