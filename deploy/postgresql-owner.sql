-- Create an owner for the database without superuser rights, with its password from a file. For compose.yaml: run as the
-- superuser, before the store is created. The script may be run again.

\set password `cat "${OWNER_PASSWORD_FILE:-/run/secrets/owner_password}"`

SET search_path = pg_catalog, pg_temp;

-- CREATEROLE is for postgresql-roles.sql, pg_checkpoint for `brugerbog erase --scrub`.
SELECT 'CREATE ROLE brugerbog_owner LOGIN NOSUPERUSER CREATEROLE IN ROLE pg_checkpoint'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brugerbog_owner')
\gexec

ALTER ROLE brugerbog_owner PASSWORD :'password';

SELECT 'CREATE DATABASE brugerbog OWNER brugerbog_owner TEMPLATE template0 ENCODING ''UTF8'''
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'brugerbog')
\gexec
