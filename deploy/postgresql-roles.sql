-- Least privilege on PostgreSQL: run as the owner of the database once the store was made (brugerbog store
-- prepare), and again after each upgrade (brugerbog store upgrade). Give your own login roles one of these:
--
--   brugerbog_service   what `serve`, `worker` and the command line need, and no more: what is recorded can be
--                       added to, and neither changed nor removed, nor can the guards against it be taken away.
--                       It owns the schema of the read tables, and can make nothing anywhere else
--   brugerbog_auditor   reads the log, its head and its checkpoints; nothing of it is personal
--
-- What several logins make together must belong to all of them, so let each act as its role:
--
--   CREATE ROLE municipality LOGIN PASSWORD '…' IN ROLE brugerbog_service;
--   ALTER ROLE municipality SET role = 'brugerbog_service';
--
-- The owner's own login is for `brugerbog store prepare`, `brugerbog store upgrade`, `brugerbog erase --scrub`, and
-- what needs keys and log only (`keys`, `audit verify`, `audit checkpoint`, `copy`, `doctor`). From now on it leaves
-- the read tables alone: what their owner has put there would run with the rights of whoever touches them, and
-- `SET ROLE` is undone by it with `RESET ROLE`. In psql too, don't read them as the owner or as a superuser.

SET search_path = pg_catalog, public, pg_temp;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brugerbog_service') THEN
        CREATE ROLE brugerbog_service NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brugerbog_auditor') THEN
        CREATE ROLE brugerbog_auditor NOLOGIN;
    END IF;
END $$;

-- Nobody but the owner makes anything beside the tables of the log.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM brugerbog_service, brugerbog_auditor;
GRANT USAGE ON SCHEMA public TO brugerbog_service, brugerbog_auditor;

-- What is recorded: added to, for good.
GRANT SELECT, INSERT ON events, checkpoints, commands, reported, import_rows TO brugerbog_service;

-- What moves with it.
GRANT SELECT, UPDATE ON head TO brugerbog_service;
GRANT SELECT, INSERT, UPDATE ON imports, marks, signing_keys, event_macs TO brugerbog_service;
GRANT SELECT, INSERT, DELETE ON sealed, erasures TO brugerbog_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON claims, mail_intents, link_tokens, activation_codes TO brugerbog_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON master_keys, user_keys, installation_keys TO brugerbog_service;

-- The read tables are made from the log, and made anew by whoever serves. What the owner has made of them is given
-- away, which takes a member of the new owner; afterwards he is none any more. Tables of the service stay as they are.
CREATE SCHEMA IF NOT EXISTS brugerbog_read;
GRANT brugerbog_service TO CURRENT_USER;
DO $$
DECLARE
    made name;
BEGIN
    IF EXISTS (
        SELECT FROM pg_namespace WHERE nspname = 'brugerbog_read' AND nspowner <> 'brugerbog_service'::regrole
    ) THEN
        GRANT USAGE, CREATE ON SCHEMA brugerbog_read TO brugerbog_service;
        FOR made IN
            SELECT relname FROM pg_class
            WHERE relnamespace = 'brugerbog_read'::regnamespace AND relkind = 'r'
                AND relowner <> 'brugerbog_service'::regrole
        LOOP
            EXECUTE format('ALTER TABLE brugerbog_read.%I OWNER TO brugerbog_service', made);
        END LOOP;
        ALTER SCHEMA brugerbog_read OWNER TO brugerbog_service;
    END IF;
END $$;
-- For `brugerbog erase --scrub`, whose VACUUM runs nothing with the rights of the owner.
GRANT USAGE ON SCHEMA brugerbog_read TO CURRENT_USER;
REVOKE brugerbog_service FROM CURRENT_USER;

-- The log, for auditors.
GRANT SELECT ON events, head, checkpoints, signing_keys TO brugerbog_auditor;
