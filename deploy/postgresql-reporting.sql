-- Roles and schema for reporting tools on PostgreSQL. Run this script once, as the owner of the database, after the store
-- was created (brugerbog organisation register), and after postgresql-roles.sql if that is used. Then create the views,
-- with the login of the service, and again after each upgrade:
--
--   brugerbog store reporting
--
-- Grant one of these roles to the logins of users and tools. The views of the first role contain no names:
--
--   brugerbog_reporting         all views except user_names
--   brugerbog_reporting_names   all views
--
--   CREATE ROLE controlling LOGIN PASSWORD '…' IN ROLE brugerbog_reporting;
--   ALTER ROLE controlling SET default_transaction_read_only = on;
--   ALTER ROLE controlling SET statement_timeout = '5min';
--   ALTER ROLE controlling SET idle_in_transaction_session_timeout = '1min';
--
-- docs/reporting.md describes the views.

SET search_path = pg_catalog, pg_temp;

CREATE ROLE brugerbog_reporting NOLOGIN;
CREATE ROLE brugerbog_reporting_names NOLOGIN;
GRANT brugerbog_reporting TO brugerbog_reporting_names;

CREATE SCHEMA reporting;
GRANT USAGE ON SCHEMA reporting TO brugerbog_reporting;

-- The views belong to the owner of the read tables, who can therefore rebuild both. Changing the owner needs membership
-- in the new owner. Afterwards the membership is revoked, and the owner of the database must not query the views: code in
-- them would run with the rights of the user who queries them.
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
