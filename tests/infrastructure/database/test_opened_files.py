"""A file of the store that goes while it is in use: nothing is acknowledged that would be lost."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from brugerbog.application.refusals.store import StoreReplaced
from tests.stores import create, office, open_store, somebody

FILES = ("store.db", "store.keys.db", "store.read.db")
WALS = ("store.db-wal", "store.keys.db-wal")


def _deleted(path: Path) -> None:
    path.unlink()


def _moved(path: Path) -> None:
    path.rename(path.with_name("moved"))


def _replaced(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


@pytest.mark.parametrize(
    ("name", "goes"),
    [
        *((name, goes) for name in FILES for goes in (_deleted, _moved, _replaced)),
        *((name, _deleted) for name in WALS),
    ],
)
def test_nothing_is_acknowledged_once_a_file_is_gone(
    tmp_path: Path, name: str, goes: Callable[[Path], None]
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        goes(tmp_path / name)

        for serial in range(1, 4):
            with pytest.raises(StoreReplaced) as refused:
                create(service, actor, somebody(serial))
        assert refused.value.path == str(tmp_path / name)
        if name != "store.read.db":  # whether the lists stand for the log can't be told any more
            assert len(service.queries.users(actor).users) == 1


def test_a_folder_that_is_moved_away_is_noticed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'here' / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        (tmp_path / "here").rename(tmp_path / "there")
        (tmp_path / "here").mkdir()

        with pytest.raises(StoreReplaced):
            create(service, actor, somebody(1))


def test_a_folder_that_is_deleted_is_noticed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'here' / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        shutil.rmtree(tmp_path / "here")

        with pytest.raises(StoreReplaced):
            create(service, actor, somebody(1))


def test_files_that_come_and_go_beside_the_store_stop_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        for serial in range(5):
            (tmp_path / f"other{serial}").touch()
            create(service, actor, somebody(serial))
            (tmp_path / f"other{serial}").unlink()
        with open_store(url, tmp_path) as other:
            create(other, actor, somebody(6))
        create(service, actor, somebody(7))
        assert len(service.queries.users(actor).users) == 7


def test_a_file_that_goes_long_after_the_folder_last_changed_is_noticed(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        long_ago = 1_000_000_000
        os.utime(tmp_path, (long_ago, long_ago))
        create(service, actor, somebody(0))
        (tmp_path / "store.keys.db").unlink()

        with pytest.raises(StoreReplaced):
            create(service, actor, somebody(1))


def test_a_store_behind_a_symbolic_link_is_watched_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    url = f"sqlite:///{tmp_path / 'link' / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        (tmp_path / "real" / "store.db").unlink()

        with pytest.raises(StoreReplaced):
            create(service, actor, somebody(1))
