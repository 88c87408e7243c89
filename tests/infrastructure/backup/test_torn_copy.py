"""A store copied file by file, perhaps in use: it opens whole, or is refused by name."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pysqlite3.dbapi2 as driver
import pytest

from brugerbog.application.refusals.store import StoreTorn
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.infrastructure.backup import file_integrity
from brugerbog.infrastructure.event_store.log import BrugerbogLog
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import create, office, open_store, somebody


def store_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.db'}"


def copy_by_hand(source: Path, target: Path, names: list[str]) -> None:
    target.mkdir()
    for name in names:
        if (source / name).exists():
            shutil.copy(source / name, target / name)


PAGE = 4096
REFUSED = {
    *("store_torn", "keys_outdated", "store_empty", "store_incomplete", "keys_missing", "erase_list_missing"),
    *("erase_list_short", "store_out_of_reach", "store_outdated"),
}
KEYS_FIRST = ["store.keys.db", "store.keys.db-wal", "store.db", "store.db-wal", "store.erased"]
LOG_FIRST = ["store.db", "store.keys.db", "store.db-wal", "store.keys.db-wal", "store.erased"]
WAL_FIRST = ["store.db-wal", "store.keys.db-wal", "store.db", "store.keys.db", "store.erased"]
WITHOUT_WAL = ["store.db", "store.keys.db", "store.erased"]


def test_a_store_copied_in_use_opens_whole_or_not_at_all(tmp_path: Path, *, full: bool) -> None:
    folder, enough = tmp_path / "live", Event()
    folder.mkdir()
    orders = [KEYS_FIRST, LOG_FIRST, WAL_FIRST, WITHOUT_WAL] * (10 if full else 1)
    with office(store_in(folder), tmp_path) as (service, actor), ThreadPoolExecutor(1) as other:

        def write() -> None:
            serial = 0
            while not enough.is_set():
                create(service, actor, somebody(serial))
                serial += 1
                if serial % 7 == 0:
                    with service.log.backend.log.connect() as connection:
                        connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

        writing = other.submit(write)
        for at, names in enumerate(orders):
            enough.wait(0.1)
            copy_by_hand(folder, tmp_path / f"copy{at}", names)
        enough.set()
        writing.result()

    found = {opened_as(tmp_path / f"copy{at}", tmp_path) for at in range(len(orders))}
    assert found <= REFUSED | {"whole"}


def opened_as(copy: Path, folder: Path) -> str:
    """How a copy opens: whole, or refused by that name."""
    try:
        copied = open_store(store_in(copy), folder, create=False)
    except Refusal as refused:
        return refused.code
    with copied:
        users = copied.queries.users(copied.operator()).users if copied.log.organisation_ids() else []
        assert {user.first_name for user in users} <= {"Ida"}
        assert copied.unreadable() == []
        assert_log_is_sound(copied)
    return "whole"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A store of twenty users, copied as a whole to another place."""
    with office(store_in(tmp_path / "a"), tmp_path) as (service, actor):
        for serial in range(20):
            create(service, actor, somebody(serial))
    copy_by_hand(tmp_path / "a", tmp_path / "b", KEYS_FIRST)
    return tmp_path / "b"


def change(path: Path, *statements: str) -> None:
    connection = driver.connect(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_copy_that_lacks_an_event_is_refused(copied: Path, tmp_path: Path) -> None:
    change(copied / "store.db", "DROP TRIGGER events_no_delete", "DELETE FROM events WHERE position = 9")

    with pytest.raises(StoreTorn):
        open_store(store_in(copied), tmp_path)
    with pytest.raises(StoreTorn):
        open_store(store_in(copied), tmp_path)


def test_a_copy_with_an_older_page_in_the_middle_is_refused(copied: Path, tmp_path: Path) -> None:
    change(copied / "store.db", "PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray((copied / "store.db").read_bytes())
    page = content.index(b'"door"') // PAGE * PAGE
    content[page : page + PAGE] = bytes(PAGE)
    (copied / "store.db").write_bytes(content)

    with pytest.raises(StoreTorn):
        open_store(store_in(copied), tmp_path)


def test_a_copy_that_lacks_a_key_far_back_is_refused(copied: Path, tmp_path: Path) -> None:
    change(
        copied / "store.keys.db", "DELETE FROM user_keys WHERE user_id = (SELECT min(user_id) FROM user_keys)"
    )

    with pytest.raises(Refusal) as refused:
        open_store(store_in(copied), tmp_path)
    assert refused.value.code == "keys_outdated"


def test_files_are_looked_through_once_in_a_place(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    look = file_integrity.check_files
    monkeypatch.setattr(
        file_integrity, "check_files", lambda backend: (looked.append(backend), look(backend))
    )

    for _ in range(3):
        with open_store(store_in(copied), tmp_path) as service:
            assert isinstance(service.log, BrugerbogLog)

    assert len(looked) == 1
