"""Read tables that were kept while their log was put back: noticed, and built anew."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, make_url, select, update

from brugerbog.diagnostics import check_up
from brugerbog.infrastructure.projections.positions import followed_log, positions
from brugerbog.projections.projection import read_tables
from brugerbog.service import Service
from tests.org_driver import digests, open_org
from tests.postgres import PostgresServer

Copy = Callable[[str], str]
RetentionStore = dict[str, list[dict[str, object]]]


@pytest.fixture
def copy(request: pytest.FixtureRequest, store_url: str, tmp_path: Path) -> Copy:
    """Copy the closed store to another place; return its URL."""

    def copied(name: str) -> str:
        if store_url.startswith("sqlite"):
            for kind in (".db", ".keys.db", ".read.db", ".erased"):
                shutil.copy(tmp_path / f"store{kind}", tmp_path / f"{name}{kind}")
            return f"sqlite:///{tmp_path / name}.db"
        server: PostgresServer = request.getfixturevalue("postgres_server")
        database = make_url(store_url).database or ""
        server.copy_database(database, f"{database}_{name}")
        return server.url(f"{database}_{name}")

    return copied


def kept_tables(service: Service) -> RetentionStore:
    with service.log.backend.read.connect() as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in read_tables.sorted_tables
        }


def put_in_place(service: Service, kept: RetentionStore) -> None:
    """Let the read tables be those that were kept."""
    with service.log.backend.write_transaction(service.log.backend.read) as connection:
        for table in read_tables.sorted_tables:
            connection.execute(delete(table))
            if kept[table.name]:
                connection.execute(insert(table), kept[table.name])


def damage(service: Service, change: Callable[[Connection], object]) -> None:
    with service.log.backend.write_transaction(service.log.backend.read) as connection:
        change(connection)


@pytest.mark.parametrize("then", [[], ["Bo", "Eva", "Per"]], ids=["and_shorter", "and_grown_again"])
def test_tables_of_a_restored_log_are_rebuilt_at_open(
    store_url: str, tmp_path: Path, copy: Copy, then: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with open_org(store_url, tmp_path) as org:
        org.create("Ida")
    backup = copy("backup")
    with open_org(store_url, tmp_path) as org:
        org.create("Ada")
        kept = kept_tables(org.service)
    with open_org(backup, tmp_path) as org:
        for name in then:
            org.create(name)
        put_in_place(org.service, kept)
    with caplog.at_level(logging.WARNING, "brugerbog"), open_org(backup, tmp_path) as org:
        assert org.names() == sorted(["Ida", *then])
        org.create("Åse")
        assert org.names() == [*sorted(["Ida", *then]), "Åse"]
        assert {(one.state, one.lag) for one in org.service.runner.status()} == {("ok", 0)}
        assert digests(org.service)
    assert "read_tables_of_another_log" in caplog.text


@pytest.mark.parametrize("then", [[], ["Bo", "Eva", "Per"]], ids=["and_shorter", "and_grown_again"])
def test_a_running_process_rebuilds_tables_of_a_restored_log(
    store_url: str, tmp_path: Path, copy: Copy, then: list[str]
) -> None:
    with open_org(store_url, tmp_path) as org:
        org.create("Ida")
    backup = copy("backup")
    with open_org(store_url, tmp_path) as org:
        org.create("Ada")
        kept = kept_tables(org.service)
    with open_org(backup, tmp_path) as at_work, open_org(backup, tmp_path) as other:
        for name in then:
            other.create(name)
        put_in_place(other.service, kept)

        at_work.create("Åse")

        assert at_work.names() == [*sorted(["Ida", *then]), "Åse"]
        assert digests(at_work.service)


def test_tables_of_another_installation_are_rebuilt(store_url: str, tmp_path: Path) -> None:
    with open_org("sqlite://") as other:
        other.create("Fremmed")
        kept = kept_tables(other.service)
    with open_org(store_url, tmp_path) as org:
        org.create("Ida")
        put_in_place(org.service, kept)
    with open_org(store_url, tmp_path) as org:
        assert org.names() == ["Ida"]
        assert digests(org.service)


def test_tables_of_the_previous_version_are_bound_and_not_rebuilt(
    store_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_org(store_url, tmp_path) as org:
        org.create("Ida")
        damage(org.service, lambda connection: connection.execute(delete(followed_log)))
    with caplog.at_level(logging.WARNING, "brugerbog"), open_org(store_url, tmp_path) as org:
        assert kept_tables(org.service)["followed_log"]
    assert "read_tables_of_another_log" not in caplog.text


def test_the_doctor_reports_tables_of_another_log(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        org.create("Ida")

        def codes() -> set[str]:
            looked_at = check_up(store_url, clock=org.clock)
            return {finding.code for check, finding in looked_at if check == "projections"}

        before = codes()
        damage(org.service, lambda connection: connection.execute(update(positions).values(position=99)))

        assert "read_tables_of_another_log" not in before
        assert "read_tables_of_another_log" in codes()


def test_a_rebuild_of_one_table_keeps_the_binding(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        org.create("Ida")
        org.service.runner.rebuild("user_list")
        org.create("Ada")
    with open_org(store_url, tmp_path) as org:
        assert org.names() == ["Ada", "Ida"]
        (row,) = kept_tables(org.service)["followed_log"]
        assert row["position"] == org.service.log.recorder.max_notification_id()
