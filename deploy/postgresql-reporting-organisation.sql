-- One organisation's share of the views for reporting tools, where several live in one installation: run as the owner
-- of the database, after `brugerbog store reporting`, with the organisation's CVR number in the line below, and again
-- when an upgrade has brought new views or columns. It makes
--
--   the schema reporting_12345678   the same views, but with this organisation's rows only
--   the role reporting_12345678     which reads them and nothing else: give it to logins
--
-- A CVR number that no organisation here has makes views without rows. The script reads none of the views itself:
-- what lies in them would run with the rights of the owner.
--
-- Names aren't among them. Don't give brugerbog_reporting to the same login: that role sees all organisations.

SET brugerbog.cvr = '12345678';
SET search_path = pg_catalog, pg_temp;

DO $$
DECLARE
    share text := 'reporting_' || current_setting('brugerbog.cvr');
    service regrole := (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'reporting');
    view name;
BEGIN
    -- To give the views to whoever owns those they look at takes a member, for as long as this runs.
    IF service <> current_user::regrole THEN
        EXECUTE format('GRANT %s TO CURRENT_USER', service);
    END IF;
    IF to_regrole(share) IS NULL THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', share);
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', share);
    EXECUTE format('ALTER SCHEMA %I OWNER TO %s', share, service);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', share, share);
    FOR view IN
        SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'v'
            AND attname = 'organisation_id' AND relname <> 'user_names'
    LOOP
        -- A barrier: no condition that the reader makes up is tried on another organisation's rows.
        EXECUTE format(
            'CREATE OR REPLACE VIEW %I.%I WITH (security_barrier) AS '
            'SELECT * FROM reporting.%I WHERE organisation_id = ('
            'SELECT organisation_id FROM reporting.organisations WHERE cvr = %L)',
            share, view, view, current_setting('brugerbog.cvr')
        );
        EXECUTE format('ALTER VIEW %I.%I OWNER TO %s', share, view, service);
        EXECUTE format('GRANT SELECT ON %I.%I TO %I', share, view, share);
    END LOOP;
    IF service <> current_user::regrole THEN
        EXECUTE format('REVOKE %s FROM CURRENT_USER', service);
    END IF;
END $$;
