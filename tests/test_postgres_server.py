import contextlib

import psycopg
import pytest

from tests.postgres import PostgresServer


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""))


def test_committed_rows_survive_an_immediate_restart(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    with connect(postgres_url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('æble')")

    postgres_server.restart(mode="immediate")

    with connect(postgres_url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("æble",)]


def test_an_immediate_restart_cuts_off_open_connections(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    with connect(postgres_url) as connection:
        connection.execute("CREATE TABLE never_committed ()")
        postgres_server.restart(mode="immediate")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")

    with connect(postgres_url) as connection:
        assert connection.execute("SELECT to_regclass('never_committed')").fetchone() == (None,)


def test_the_server_flushes_to_disk_as_in_production(postgres_url: str) -> None:
    with connect(postgres_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_dropping_a_database_closes_its_connections(postgres_server: PostgresServer) -> None:
    name = postgres_server.create_database()
    with contextlib.closing(connect(postgres_server.url(name))):
        postgres_server.drop_database(name)

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(postgres_server.url(name))


def test_a_store_is_offered_on_each_engine(store_url: str) -> None:
    assert store_url.split(":", maxsplit=1)[0] in {"sqlite", "postgresql+psycopg"}
