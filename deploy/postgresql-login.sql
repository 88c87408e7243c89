-- Create a login for the service, with its password from a file. For compose.yaml, after postgresql-roles.sql.

\set password `cat "${SERVICE_PASSWORD_FILE:-/run/secrets/service_password}"`

SELECT 'CREATE ROLE brugerbog LOGIN IN ROLE brugerbog_service'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brugerbog')
\gexec

ALTER ROLE brugerbog PASSWORD :'password';
ALTER ROLE brugerbog SET role = 'brugerbog_service';
