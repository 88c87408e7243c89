"""The roles of deploy/postgresql-roles.sql suffice for the service, and for nothing that it must not do."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import brugerbog
from brugerbog.application.commands.user_input import UserEdits
from brugerbog.infrastructure.database.schema import key_tables, log_tables
from brugerbog.service import Service
from tests.entrypoints.cli.store_cli import csv_file
from tests.infrastructure.database.roles import DEPLOY, drop_roles, login, run_script
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.org_driver import digests
from tests.stores import create, office, somebody

SCRIPT = DEPLOY / "postgresql-roles.sql"
ROLES = ("brugerbog_service", "brugerbog_auditor")


@pytest.fixture
def logins(postgres_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A store made by its owner, the script run on it, and the address by which each role logs in."""
    with office(postgres_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
    for _ in ("made", "upgraded"):
        run_script(postgres_url, SCRIPT.name)
    yield {role: login(postgres_url, role, acts_as_it=True) for role in ROLES}
    drop_roles(postgres_url, ROLES)


@pytest.fixture
def serving(logins: dict[str, str], tmp_path: Path) -> Iterator[Service]:
    with brugerbog.open(logins["brugerbog_service"], master_key_file=tmp_path / "master.key") as service:
        yield service


def test_every_table_of_log_and_keys_is_granted() -> None:
    said = SCRIPT.read_text()
    tables = [*log_tables.tables, *key_tables.tables]

    assert [table for table in tables if f" {table}" not in said] == []


def test_the_service_role_does_all_the_work(serving: Service, tmp_path: Path) -> None:
    actor = serving.operator()
    user_id = create(serving, actor, somebody(1))
    serving.administration.edit_user(actor, user_id, UserEdits(phone="12345678"))
    serving.administration.activate_user(actor, user_id)
    serving.administration.deactivate_user(actor, user_id)
    serving.administration.import_users(
        actor, Path(csv_file(tmp_path / "users.csv", "C;;Åse;Bæk;;24121985;aase@firma.test;;;;3;;;;"))
    )
    serving.administration.delete_user(actor, user_id)
    serving.worker.run_once()
    serving.runner.rebuild("user_list")

    assert len(serving.queries.users(actor).users) == 2
    assert_log_is_sound(serving)
    assert digests(serving)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET topic = 'user.imported'",
        "DELETE FROM events",
        "TRUNCATE events",
        "DROP TABLE events",
        "DROP TRIGGER events_never_changed ON events",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "UPDATE checkpoints SET size = 0",
        "DELETE FROM commands",
        "INSERT INTO head SELECT 2, log_id, format, size, frontier, index_key FROM head",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION brugerbog_never_changed() RETURNS trigger LANGUAGE sql AS ''",
    ],
)
def test_the_service_role_can_neither_change_the_log_nor_its_guards(
    logins: dict[str, str], statement: str
) -> None:
    native = logins["brugerbog_service"].replace("+psycopg", "")
    with psycopg.connect(native) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_auditor_reads_the_log_and_nothing_personal(logins: dict[str, str]) -> None:
    native = logins["brugerbog_auditor"].replace("+psycopg", "")
    with psycopg.connect(native, autocommit=True) as connection:
        for table in ("events", "head", "checkpoints", "signing_keys"):
            connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        for table in ("sealed", "user_keys", "claims", "mail_intents", "link_tokens"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM brugerbog_read.user_list")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("INSERT INTO events SELECT * FROM events")
