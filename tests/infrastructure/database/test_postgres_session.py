"""Sessions on PostgreSQL mean the same whatever the environment, the role or the database sets."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import brugerbog
from brugerbog.application.refusals.database import NotUtf8, TriggersOff
from brugerbog.diagnostics import check_up
from tests.org_driver import OrgDriver, digests, open_org
from tests.postgres import PostgresServer


def run(url: str, statement: sql.Composable) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True, client_encoding="UTF8") as connection:
        connection.execute(statement)


def name_of(url: str) -> sql.Identifier:
    return sql.Identifier(url.rpartition("/")[2])


@pytest.fixture
def role_set_back(postgres_url: str) -> Iterator[None]:
    """Whatever a test has set for the role is gone afterwards."""
    yield
    run(postgres_url, sql.SQL("ALTER ROLE postgres RESET ALL"))


def set_for_role(url: str, setting: str, value: str) -> None:
    run(url, sql.SQL("ALTER ROLE postgres SET {} = {}").format(sql.Identifier(setting), sql.Literal(value)))


def lives_with_letters_beyond_latin_1(url: str, folder: Path) -> None:
    with open_org(url, folder) as org:
        org.create("Łukasz")
        org.create("Ida")

        assert org.names() == ["Ida", "Łukasz"]
        assert {(one.state, one.lag) for one in org.service.runner.status()} == {("ok", 0)}
        assert digests(org.service)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "EUC_JP"])
def test_the_environments_encoding_changes_nothing(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", encoding)

    lives_with_letters_beyond_latin_1(postgres_url, tmp_path)


def test_encodings_among_the_environments_options_change_nothing(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c client_encoding=LATIN1")

    lives_with_letters_beyond_latin_1(postgres_url, tmp_path)


def test_the_databases_encoding_for_clients_changes_nothing(postgres_url: str, tmp_path: Path) -> None:
    of = name_of(postgres_url)
    run(postgres_url, sql.SQL("ALTER DATABASE {} SET client_encoding = 'LATIN1'").format(of))

    lives_with_letters_beyond_latin_1(postgres_url, tmp_path)


def test_the_addresss_encoding_changes_nothing(postgres_url: str, tmp_path: Path) -> None:
    lives_with_letters_beyond_latin_1(f"{postgres_url}?client_encoding=latin1", tmp_path)


@pytest.mark.usefixtures("role_set_back")
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("client_encoding", "LATIN1"),
        ("standard_conforming_strings", "off"),
        ("bytea_output", "escape"),
        ("DateStyle", "German"),
        ("default_transaction_isolation", "serializable"),
    ],
)
def test_the_roles_settings_change_nothing(
    postgres_url: str, tmp_path: Path, setting: str, value: str
) -> None:
    set_for_role(postgres_url, setting, value)

    lives_with_letters_beyond_latin_1(postgres_url, tmp_path)
    with open_org(postgres_url, tmp_path) as org:
        assert shown(org, setting) != value


def shown(org: OrgDriver, setting: str) -> str:
    with org.service.log.backend.log.connect() as connection:
        found: str = connection.exec_driver_sql(f"SHOW {setting}").scalar_one()
    return found


@pytest.mark.usefixtures("role_set_back")
def test_an_open_store_goes_on_waiting_for_the_disk(postgres_url: str, tmp_path: Path) -> None:
    with open_org(postgres_url, tmp_path) as org:
        set_for_role(postgres_url, "synchronous_commit", "off")
        org.service.log.backend.log.dispose()

        assert shown(org, "synchronous_commit") == "on"


@pytest.mark.usefixtures("role_set_back")
def test_a_role_without_triggers_is_refused(postgres_url: str, tmp_path: Path) -> None:
    set_for_role(postgres_url, "session_replication_role", "replica")

    with pytest.raises(TriggersOff):
        brugerbog.open(postgres_url, master_key_file=tmp_path / "master.key")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_letter_is_refused(
    postgres_server: PostgresServer, postgres_url: str, tmp_path: Path, encoding: str
) -> None:
    name = f"in_{encoding.lower()}"
    run(
        postgres_url,
        sql.SQL("CREATE DATABASE {} ENCODING {} TEMPLATE template0 LOCALE 'C'").format(
            sql.Identifier(name), sql.Literal(encoding)
        ),
    )
    try:
        with pytest.raises(NotUtf8) as refused:
            brugerbog.open(postgres_server.url(name), master_key_file=tmp_path / "master.key")
        codes = {finding.code for _, finding in check_up(postgres_server.url(name))}
    finally:
        postgres_server.drop_database(name)

    assert refused.value.encoding == encoding
    assert "store_not_utf8" in codes
    assert not list(tmp_path.iterdir())
