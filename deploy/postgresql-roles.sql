-- Least privilege on PostgreSQL. Run this script as the owner of the database after the store was created (brugerbog
-- store prepare), and again after each upgrade (brugerbog store upgrade). Grant your login roles one of these:
--
--   brugerbog_service   the rights that `serve`, `worker` and the command line need, and no more. It can append
--                       recorded data, but neither change nor delete them, nor drop the triggers that prevent this.
--                       It owns the schema of the read tables, and can create objects nowhere else
--   brugerbog_auditor   reads the log, its head and its checkpoints, which contain nothing personal
--
-- Objects created by several logins must belong to all of them, so let each login act as its role:
--
--   CREATE ROLE municipality LOGIN PASSWORD '…' IN ROLE brugerbog_service;
--   ALTER ROLE municipality SET role = 'brugerbog_service';
--
-- The owner's own login is for `brugerbog store prepare`, `brugerbog store upgrade`, `brugerbog erase --scrub`, and
-- commands that need only keys and log (`keys`, `audit verify`, `audit checkpoint`, `copy`, `doctor`). From now on the
-- owner must not touch the read tables: code that their owner has put there would run with the rights of the user who
-- touches them, and can undo `SET ROLE` with `RESET ROLE`. In psql too, don't read them as the owner or as a superuser.

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

-- Only the owner creates objects beside the tables of the log.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM brugerbog_service, brugerbog_auditor;
GRANT USAGE ON SCHEMA public TO brugerbog_service, brugerbog_auditor;

-- Recorded data: append only.
GRANT SELECT, INSERT ON events, checkpoints, commands, reported, import_rows TO brugerbog_service;

-- Data that change.
GRANT SELECT, UPDATE ON head TO brugerbog_service;
GRANT SELECT, INSERT, UPDATE ON imports, marks, signing_keys, event_macs TO brugerbog_service;
GRANT SELECT, INSERT, DELETE ON sealed, erasures TO brugerbog_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON claims, mail_intents, link_tokens, activation_codes TO brugerbog_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON master_keys, user_keys, installation_keys TO brugerbog_service;

-- The service builds and rebuilds the read tables from the log. Read tables that the owner has created are transferred to
-- the service. This needs membership in the new owner, which is revoked afterwards. Tables of the service don't change.
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
-- For `brugerbog erase --scrub`, whose VACUUM executes no code with the rights of the owner.
GRANT USAGE ON SCHEMA brugerbog_read TO CURRENT_USER;
REVOKE brugerbog_service FROM CURRENT_USER;

-- The log, for auditors.
GRANT SELECT ON events, head, checkpoints, signing_keys TO brugerbog_auditor;
