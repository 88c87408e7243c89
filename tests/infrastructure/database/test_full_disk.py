"""A disk that is full or can't be written: questions go on, commands are refused by name, all stays whole."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from brugerbog import maintenance
from brugerbog.application.refusals.store import StoreFull, StoreReadOnly
from brugerbog.service import StoreFailure, refusal_of_failure
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import create, office, open_store, somebody


def mount(*options: str) -> None:
    done = subprocess.run(["mount", *options], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place))
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    assert shutil.disk_usage(disk).free == 0


def test_on_a_full_disk_questions_go_on_and_nothing_is_called_damaged(disk: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{disk / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        known = {create(service, actor, somebody(serial)) for serial in range(3)}
        fill(disk)

        def create_many() -> None:
            for serial in range(3, 300):
                known.add(create(service, actor, somebody(serial)))

        with pytest.raises(StoreFailure) as failed:
            create_many()
        assert isinstance(refusal_of_failure(failed.value), StoreFull)

        assert {user.id for user in service.queries.users(actor).users} == known
        with pytest.raises(StoreFull):
            maintenance.back_up(disk / "backup", url)
        assert (
            maintenance.back_up(tmp_path / "elsewhere", url).size
            == service.log.recorder.max_notification_id()
        )
        (disk / "filler").unlink()
        maintenance.back_up(disk / "backup", url)
        known.add(create(service, actor, somebody(500)))
        assert_log_is_sound(service)
    with open_store(url, tmp_path) as service:
        assert {user.id for user in service.queries.users(service.operator()).users} == known


def test_a_store_on_a_read_only_disk_answers_and_is_verified_and_takes_no_command(
    disk: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{disk / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        user_id = create(service, actor, somebody(0))
    mount("-o", "remount,ro", str(disk))

    with open_store(url, tmp_path, create=False) as service:
        assert [user.id for user in service.queries.users(service.operator()).users] == [user_id]
        assert service.checkpoint_signer.verify().is_sound
        assert service.unreadable() == []
        with pytest.raises(StoreReadOnly):
            create(service, actor, somebody(1))
    maintenance.back_up(tmp_path / "backup", url)

    mount("-o", "remount,rw", str(disk))
    with open_store(url, tmp_path) as service:
        create(service, actor, somebody(1))


def test_nobody_who_is_to_be_erased_is_served_from_a_read_only_disk(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_ERASE_LIST", str(tmp_path / "erased"))
    url = f"sqlite:///{disk / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        user_id = create(service, actor, somebody(0))
        service.log.erase_list.add([user_id])
    mount("-o", "remount,ro", str(disk))

    with pytest.raises(StoreReadOnly):
        open_store(url, tmp_path, create=False)
