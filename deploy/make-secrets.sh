#!/bin/sh
# Generate the passwords and the master key for compose.yaml, once: deploy/secrets is never overwritten.
# Run this script as root, so that the files can belong to the containers' user (10001) alone.
set -eu
umask 077

folder="$(dirname "$0")/secrets"
mkdir "$folder"

draw() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }

for login in superuser owner service; do
    draw > "$folder/${login}_password"
done
printf 'postgres:5432:postgres:postgres:%s\n' "$(cat "$folder/superuser_password")" > "$folder/superuser_pgpass"
printf 'postgres:5432:brugerbog:brugerbog_owner:%s\n' "$(cat "$folder/owner_password")" > "$folder/owner_pgpass"
printf 'postgres:5432:brugerbog:brugerbog:%s\n' "$(cat "$folder/service_password")" > "$folder/service_pgpass"
head -c 32 /dev/urandom | base64 > "$folder/master.key"
# These two secrets come from others. Services that need them refuse to start while the files are empty.
: > "$folder/oidc_client_secret"
: > "$folder/smtp_password"

if [ "$(id -u)" = 0 ]; then
    # The image of PostgreSQL reads its password as root.
    chown -R 10001 "$folder"
else
    echo "Not root: change the owner to the containers' user yourself: chown -R 10001 $folder" >&2
fi
echo "Fill in $folder/oidc_client_secret and $folder/smtp_password." >&2
echo "Keep a copy of $folder/master.key elsewhere: without it, personal data can't be decrypted." >&2
