-- One organisation's share of the views for reporting tools, where several live in one installation: run as the owner
-- of the database, after `brugerbog store reporting`, with the organisation's CVR number in the line below, and again
-- when an upgrade has brought new views or columns. It makes
--
--   the schema reporting_12345678   the same views, but with this organisation's rows only
--   the role reporting_12345678     which reads them and nothing else: give it to logins
--
-- Names aren't among them. Don't give brugerbog_reporting to the same login: that role sees all organisations.

SET brugerbog.cvr = '12345678';

DO $$
DECLARE
    share text := 'reporting_' || current_setting('brugerbog.cvr');
    organisation uuid := (
        SELECT organisation_id FROM reporting.organisations WHERE cvr = current_setting('brugerbog.cvr')
    );
    view name;
BEGIN
    IF organisation IS NULL THEN
        RAISE EXCEPTION 'no organisation has this CVR number';
    END IF;
    IF to_regrole(share) IS NULL THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', share);
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', share);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', share, share);
    FOR view IN
        SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'v'
            AND attname = 'organisation_id' AND relname <> 'user_names'
    LOOP
        -- A barrier: no condition that the reader makes up is tried on another organisation's rows.
        EXECUTE format(
            'CREATE OR REPLACE VIEW %I.%I WITH (security_barrier) AS '
            'SELECT * FROM reporting.%I WHERE organisation_id = %L',
            share, view, view, organisation
        );
        EXECUTE format('GRANT SELECT ON %I.%I TO %I', share, view, share);
    END LOOP;
END $$;
