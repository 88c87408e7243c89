"""An empty store is prepared once, however many open it; what is no store is refused by name."""

import stat
import time
from pathlib import Path
from threading import Timer

import psycopg
import pysqlite3.dbapi2 as driver
import pytest
from sqlalchemy import select

import brugerbog
from brugerbog import maintenance
from brugerbog.application.refusals.store import StoreEmpty, StoreUnusable
from brugerbog.infrastructure.database import postgres_session, sqlite
from brugerbog.infrastructure.database.schema import head
from brugerbog.infrastructure.projections.runner import ProjectionRunner
from tests.infrastructure.migrations.opening_process import open_and_tell
from tests.processes import FORKSERVER, running
from tests.stores import at_once, create, office, open_store, register, somebody, user_of


def native(url: str) -> str:
    return url.replace("+psycopg", "")


def test_processes_that_open_an_empty_store_at_once_prepare_one(tmp_path: Path, store_url: str) -> None:
    start, told = FORKSERVER.Barrier(4), FORKSERVER.SimpleQueue()
    with running(4, open_and_tell, lambda _: (store_url, tmp_path, start, told)) as openers:
        heard = [told.get() for _ in openers]

    assert heard == [heard[0]] * 4
    assert heard[0][0] == "opened"


def test_threads_that_open_an_empty_store_at_once_prepare_one(tmp_path: Path, store_url: str) -> None:
    def log_id(_: int) -> object:
        with open_store(store_url, tmp_path) as service, service.log.backend.log.connect() as connection:
            return connection.execute(select(head.c.log_id)).scalar_one()

    assert len(set(at_once(6, log_id))) == 1


def test_an_opened_store_is_the_same_when_opened_again(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor):
        user_id = create(service, actor, somebody(0))

    with open_store(store_url, tmp_path, create=False) as service:
        assert user_of(service, user_id).first_name == "Ida"


def test_an_empty_server_is_refused_when_nothing_may_be_made(tmp_path: Path, postgres_url: str) -> None:
    with pytest.raises(StoreEmpty):
        open_store(postgres_url, tmp_path, create=False)

    assert list(tmp_path.iterdir()) == []
    with psycopg.connect(native(postgres_url)) as connection:
        made = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert made == (0,)


def test_an_absent_file_is_refused_when_nothing_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(StoreEmpty):
        open_store(f"sqlite:///{tmp_path / 'deeper' / 'store.db'}", tmp_path, create=False)

    assert list(tmp_path.iterdir()) == []


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    with brugerbog.open(f"sqlite:///{tmp_path / 'one' / 'two' / 'store.db'}") as service:
        assert register(service)


@pytest.mark.parametrize("name", ["store", "store.sqlite", "my store.db", "lager.æøå.db"])
def test_a_file_of_any_name_is_found_again(tmp_path: Path, name: str) -> None:
    url = f"sqlite:///{tmp_path / name}"
    with brugerbog.open(url) as service:
        actor = register(service)

    with brugerbog.open(url, create=False) as service:
        assert service.operator() == actor


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    with office(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        open_to_others = [
            path.name for path in tmp_path.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077
        ]

    assert open_to_others == []


def test_log_and_keys_are_on_disk_when_acknowledged(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as service:
        backend = service.log.backend
        for engine in (backend.log, backend.keys):
            with engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
                assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


def test_a_file_that_is_no_store_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"something else entirely " * 100)

    with pytest.raises(StoreUnusable):
        open_store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    assert (tmp_path / "store.db").read_bytes() == b"something else entirely " * 100


def test_a_log_whose_keys_are_missing_is_refused_by_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with office(url, tmp_path):
        pass
    for file in tmp_path.glob("store.keys*"):
        file.unlink()

    with pytest.raises(StoreUnusable):
        open_store(url, tmp_path)
    assert list(tmp_path.glob("store.keys*")) == []


def test_read_tables_that_are_missing_are_made_anew(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        user_id = create(service, actor, somebody(0))
    for file in tmp_path.glob("store.read*"):
        file.unlink()

    with office(url, tmp_path) as (service, actor):
        assert [user.id for user in service.queries.users(actor).users] == [user_id]
    assert stat.S_IMODE((tmp_path / "store.read.db").stat().st_mode) == 0o600


def test_a_log_of_a_later_format_is_refused(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, _):
        backend = service.log.backend
        with backend.write_transaction(backend.log) as connection:
            connection.exec_driver_sql("UPDATE head SET format = 2")

    with pytest.raises(StoreUnusable):
        open_store(store_url, tmp_path)


def test_a_sqlite_that_can_lose_commits_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite.driver, "sqlite_version_info", (3, 51, 2))

    with pytest.raises(StoreUnusable, match=r"3\.51\.3"):
        open_store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_too_old_is_refused(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_session, "OLDEST_VERSION", 990000)

    with pytest.raises(StoreUnusable, match="too old"):
        open_store(postgres_url, tmp_path)


def test_a_server_that_acknowledges_before_it_has_written_is_refused(
    tmp_path: Path, postgres_url: str
) -> None:
    with psycopg.connect(native(postgres_url)) as connection:
        database = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{database}" SET synchronous_commit = off')

    with pytest.raises(StoreUnusable, match="synchronous_commit"):
        open_store(postgres_url, tmp_path)


def test_a_server_that_does_not_flush_is_refused(tmp_path: Path, postgres_url: str) -> None:
    with psycopg.connect(native(postgres_url), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        try:
            _wait_for_fsync(postgres_url, "off")
            with pytest.raises(StoreUnusable, match="fsync"):
                open_store(postgres_url, tmp_path)
        finally:
            connection.execute("ALTER SYSTEM RESET fsync")
            connection.execute("SELECT pg_reload_conf()")
            _wait_for_fsync(postgres_url, "on")


def _wait_for_fsync(url: str, wanted: str) -> None:
    for _ in range(200):
        with psycopg.connect(native(url)) as connection:
            if connection.execute("SHOW fsync").fetchone() == (wanted,):
                return
    raise AssertionError(wanted)


def test_a_server_that_was_refused_is_left_alone(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_session, "OLDEST_VERSION", 990000)
    with pytest.raises(StoreUnusable):
        open_store(postgres_url, tmp_path)

    assert _others_connected(postgres_url) == 0


def test_a_server_is_left_alone_when_opening_fails_halfway(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProjectionRunner, "catch_up", _fails)
    with pytest.raises(ConnectionError):
        open_store(postgres_url, tmp_path)

    assert _others_connected(postgres_url) == 0


def _fails(_: ProjectionRunner) -> int:
    raise ConnectionError


def _others_connected(url: str) -> int:
    """Those still connected after a moment to leave."""
    with psycopg.connect(native(url), autocommit=True) as connection:
        for _ in range(20):
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
            if found == (0,):
                return 0
            time.sleep(0.05)
    assert found is not None
    return int(found[0])


def test_a_server_that_cannot_be_reached_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable):
        open_store("postgresql+psycopg://nobody@127.0.0.1:1/nothing", tmp_path)


@pytest.mark.parametrize("url", ["mysql://localhost/x", "no url at all", "postgresql://localhost/x"])
def test_an_address_of_another_engine_is_refused_by_name(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreUnusable):
        open_store(url, tmp_path)


def test_opening_waits_for_who_has_just_begun_the_file(tmp_path: Path) -> None:
    holder = driver.connect(str(tmp_path / "store.db"), isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = Timer(0.3, holder.rollback)
    release.start()

    open_store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path).close()
    release.join()
    holder.close()


def test_a_store_is_made_ready_once_and_then_left_as_it_is(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "key" / "master.key"))

    made = at_once(4, lambda _: maintenance.prepare(store_url).is_new)

    assert sorted(made) == [False, False, False, True]
    with brugerbog.open(store_url, create=False) as service:
        assert service.log.organisation_ids() == []
