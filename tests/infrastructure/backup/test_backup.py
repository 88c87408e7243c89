"""A backup taken while the store is in use is a whole store; restoring it brings back all but the erased."""

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest

from brugerbog import maintenance
from brugerbog.application.actors import Actor
from brugerbog.application.refusals.backup import BackupDamaged, BackupMissing, BackupNeedsServer, PlaceTaken
from brugerbog.application.refusals.keys import KeysBeingRotated
from brugerbog.application.refusals.store import StoreEmpty
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.infrastructure.backup import backup
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import create, office, open_store, somebody, user_of


def store_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.db'}"


def restore(folder: Path, name: str = "new", *, backup: str = "backup") -> maintenance.Restored:
    """Put a backup back in a folder of its own; the master key is the one that `office` uses."""
    key = folder / "master.key"
    return maintenance.restore(folder / backup, store_in(folder / name), master_key_file=key)


def make(folder: Path, people: int) -> list[UUID]:
    with office(store_in(folder), folder) as (service, actor):
        return [create(service, actor, somebody(at)) for at in range(people)]


def test_a_restored_store_is_the_one_that_was_backed_up(tmp_path: Path) -> None:
    users = make(tmp_path, 3)
    head = maintenance.back_up(tmp_path / "backup", store_in(tmp_path))

    assert restore(tmp_path) == maintenance.Restored(head, 0)

    with office(store_in(tmp_path / "new"), tmp_path) as (service, actor):
        assert {user.id for user in service.queries.users(actor).users} == set(users)
        assert user_of(service, users[0]).first_name == "Ida"
        assert_log_is_sound(service)


def test_a_backup_taken_while_others_write_is_whole(tmp_path: Path) -> None:
    make(tmp_path, 1)
    enough = Event()

    def write(service: Service, actor: Actor) -> int:
        made = 1
        while not enough.is_set():
            create(service, actor, somebody(made))
            made += 1
        return made

    with office(store_in(tmp_path), tmp_path) as (service, actor), ThreadPoolExecutor(1) as other:
        writing = other.submit(write, service, actor)
        heads = [maintenance.back_up(tmp_path / f"backup{at}", store_in(tmp_path)) for at in range(5)]
        enough.set()
        made = writing.result()

    assert heads[0].size < heads[-1].size <= 1 + 2 * made
    for at, head in enumerate(heads):
        restore(tmp_path, f"new{at}", backup=f"backup{at}")
        with open_store(store_in(tmp_path / f"new{at}"), tmp_path) as service:
            known = service.queries.users(service.operator()).users
            # Whoever is in the log has his key with him.
            assert len(known) == (head.size - 1) // 2
            assert all(user.first_name == "Ida" for user in known)


def test_anyone_who_was_erased_after_the_backup_is_erased_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_ERASE_LIST", str(tmp_path / "erased"))
    gone, stays = make(tmp_path, 2)
    maintenance.back_up(tmp_path / "backup", store_in(tmp_path))
    with office(store_in(tmp_path), tmp_path) as (service, actor):
        service.administration.delete_user(actor, gone)

    assert restore(tmp_path).erased_again == 2

    with office(store_in(tmp_path / "new"), tmp_path) as (service, actor):
        assert user_of(service, gone).first_name is ERASED
        assert [user.id for user in service.queries.users(actor).users] == [stays]


def test_a_backup_holds_neither_master_key_nor_read_tables(tmp_path: Path) -> None:
    make(tmp_path, 1)
    maintenance.back_up(tmp_path / "backup", store_in(tmp_path))

    names = sorted(path.name for path in (tmp_path / "backup").iterdir())
    assert names == ["backup.json", "store.db", "store.keys.db"]
    for path in (tmp_path / "backup", *(tmp_path / "backup").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_nothing_that_exists_is_written_over(tmp_path: Path) -> None:
    make(tmp_path, 1)
    maintenance.back_up(tmp_path / "backup", store_in(tmp_path))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.db")}

    with pytest.raises(PlaceTaken):
        maintenance.back_up(tmp_path / "backup", store_in(tmp_path))
    with pytest.raises(PlaceTaken):
        maintenance.restore(tmp_path / "backup", store_in(tmp_path))

    assert {path: path.read_bytes() for path in tmp_path.rglob("*.db")} == before


def test_a_damaged_backup_is_refused_and_leaves_no_store(tmp_path: Path) -> None:
    make(tmp_path, 5)
    maintenance.back_up(tmp_path / "backup", store_in(tmp_path))
    copy = tmp_path / "backup" / "store.db"
    found = copy.read_bytes()
    at = found.index(b"user_administrator" if b"user_administrator" in found else b'"door"')
    copy.write_bytes(found[:at] + b"X" + found[at + 1 :])

    with pytest.raises(BackupDamaged):
        maintenance.restore(tmp_path / "backup", store_in(tmp_path / "new"))
    assert list((tmp_path / "new").iterdir()) == []


def test_half_a_backup_is_refused(tmp_path: Path) -> None:
    make(tmp_path, 1)
    maintenance.back_up(tmp_path / "backup", store_in(tmp_path))
    (tmp_path / "backup" / "store.keys.db").unlink()

    with pytest.raises(BackupDamaged):
        maintenance.restore(tmp_path / "backup", store_in(tmp_path / "new"))


def test_what_is_no_backup_and_no_store_is_refused_by_name(tmp_path: Path, postgres_url: str) -> None:
    with pytest.raises(BackupMissing):
        maintenance.restore(tmp_path, store_in(tmp_path / "new"))
    with pytest.raises(StoreEmpty):
        maintenance.back_up(tmp_path / "backup", store_in(tmp_path))
    with pytest.raises(BackupNeedsServer):
        maintenance.back_up(tmp_path / "backup", postgres_url)
    assert not (tmp_path / "backup").exists()


def test_a_backup_is_a_store_that_can_be_looked_into_with_the_list_of_the_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_ERASE_LIST", str(tmp_path / "erased"))
    users = make(tmp_path, 2)
    maintenance.back_up(tmp_path / "backup", store_in(tmp_path))
    shutil.copytree(tmp_path / "backup", tmp_path / "looked into")

    with office(store_in(tmp_path / "looked into"), tmp_path) as (service, _):
        assert user_of(service, users[1]).first_name == "Ida"


def test_no_keys_are_changed_while_a_backup_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, 1)
    copy_file = backup._copy_file
    with office(store_in(tmp_path), tmp_path) as (service, actor):

        def change_a_key_between(source: Path, target: Path) -> None:
            with pytest.raises(KeysBeingRotated):
                service.keys.rotate_index()
            copy_file(source, target)

        with monkeypatch.context() as meddled:
            meddled.setattr(backup, "_copy_file", change_a_key_between)
            maintenance.back_up(tmp_path / "backup", store_in(tmp_path))
        with service.log.backend.key_rotation_lock(), pytest.raises(KeysBeingRotated):
            maintenance.back_up(tmp_path / "another", store_in(tmp_path))
        service.keys.rotate_index()
        create(service, actor, somebody(1))

    restore(tmp_path)
    with office(store_in(tmp_path / "new"), tmp_path) as (service, actor):
        assert len(service.queries.users(actor).users) == 1


def test_a_backup_from_before_a_change_of_the_master_key_opens_with_the_old_one(tmp_path: Path) -> None:
    users = make(tmp_path, 2)
    maintenance.back_up(tmp_path / "backup", store_in(tmp_path))
    with office(store_in(tmp_path), tmp_path) as (service, _):
        service.keys.rotate_master(keep_old=True)

    restore(tmp_path)
    with office(store_in(tmp_path / "new"), tmp_path) as (service, actor):
        assert user_of(service, users[0]).first_name == "Ida"
        create(service, actor, somebody(2))
        service.keys.rotate_master()
