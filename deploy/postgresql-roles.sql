-- Least privilege on PostgreSQL: run as the owner of the database once the store was made (brugerbog store
-- prepare), and again after each upgrade (brugerbog store upgrade). Give your own login roles one of these:
--
--   brugerbog_service   what `serve`, `worker` and the command line need, and no more: what is recorded can be
--                       added to, and neither changed nor removed, nor can the guards against it be taken away
--   brugerbog_auditor   reads the log, its head and its checkpoints; nothing of it is personal
--
-- What several logins make together must belong to all of them, so let each act as its role:
--
--   CREATE ROLE municipality LOGIN PASSWORD '…' IN ROLE brugerbog_service;
--   ALTER ROLE municipality SET role = 'brugerbog_service';
--
-- The owner's own login is for `brugerbog store prepare`, `brugerbog store upgrade` and `brugerbog erase --scrub`.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brugerbog_service') THEN
        CREATE ROLE brugerbog_service NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brugerbog_auditor') THEN
        CREATE ROLE brugerbog_auditor NOLOGIN;
    END IF;
END $$;

-- The owner gives the read tables away, and goes on using them.
GRANT brugerbog_service TO CURRENT_USER;

-- What is recorded: added to, for good.
GRANT SELECT, INSERT ON events, checkpoints, commands, reported, import_rows TO brugerbog_service;

-- What moves with it.
GRANT SELECT, UPDATE ON head TO brugerbog_service;
GRANT SELECT, INSERT, UPDATE ON imports, marks, signing_keys, event_macs TO brugerbog_service;
GRANT SELECT, INSERT, DELETE ON sealed, erasures TO brugerbog_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON claims, mail_intents, link_tokens, activation_codes TO brugerbog_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON master_keys, user_keys, installation_keys TO brugerbog_service;

-- The read tables are made from the log, and made anew by whoever serves.
GRANT USAGE, CREATE ON SCHEMA public TO brugerbog_service;
ALTER TABLE positions OWNER TO brugerbog_service;
ALTER TABLE followed_log OWNER TO brugerbog_service;
ALTER TABLE heartbeats OWNER TO brugerbog_service;
ALTER TABLE user_list OWNER TO brugerbog_service;
ALTER TABLE activity_history OWNER TO brugerbog_service;
ALTER TABLE imported OWNER TO brugerbog_service;
ALTER TABLE due OWNER TO brugerbog_service;
ALTER TABLE notices OWNER TO brugerbog_service;
ALTER TABLE standing OWNER TO brugerbog_service;
ALTER TABLE charges OWNER TO brugerbog_service;
ALTER TABLE organisations OWNER TO brugerbog_service;
ALTER TABLE web_sessions OWNER TO brugerbog_service;
ALTER TABLE web_uploads OWNER TO brugerbog_service;
ALTER TABLE web_used_tickets OWNER TO brugerbog_service;
ALTER TABLE rate_counters OWNER TO brugerbog_service;

GRANT USAGE ON SCHEMA public TO brugerbog_auditor;
GRANT SELECT ON events, head, checkpoints, signing_keys TO brugerbog_auditor;
