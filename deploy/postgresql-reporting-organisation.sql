-- Create the reporting views of one organisation, in an installation with several. Run this script as the owner of the
-- database, after `brugerbog store reporting`, with the organisation's CVR number in the line below. Run it again when an
-- upgrade has added views or columns. It creates
--
--   the schema reporting_12345678   the same views, with this organisation's rows only
--   the role reporting_12345678     which reads these views and nothing else: grant it to logins
--
-- An unknown CVR number creates views without rows. The script doesn't query the views: code in them would run with the
-- rights of the owner.
--
-- Names are not included. Don't grant brugerbog_reporting to the same login: that role sees all organisations.

SET brugerbog.cvr = '12345678';
SET search_path = pg_catalog, pg_temp;

DO $$
DECLARE
    share text := 'reporting_' || current_setting('brugerbog.cvr');
    service regrole := (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'reporting');
    view name;
BEGIN
    -- Changing the owner of the views to the owner of the underlying views needs membership, for the time of this block.
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
        -- security_barrier: no condition of the reader's query is evaluated on another organisation's rows.
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
