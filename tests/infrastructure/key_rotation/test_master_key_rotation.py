"""Changing the master key wraps every key anew, touches no event, and loses nobody's who works meanwhile."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event as Flag
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

import brugerbog
from brugerbog.application.actors import Actor
from brugerbog.application.ports.event_log import AppendRequest
from brugerbog.application.refusals.keys import KeysBeingRotated, MasterKeyNotWritable, MasterKeyWrong
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.key_file import KeyFile
from brugerbog.infrastructure.crypto.master_key import MASTER_KEY_VARIABLE, new_master_key
from brugerbog.infrastructure.crypto.vault import master_key_id
from brugerbog.infrastructure.database.schema import (
    ciphertexts,
    events,
    head,
    installation_keys,
    log_tables,
    master_keys,
    user_keys,
)
from brugerbog.infrastructure.key_rotation.master_key import MasterKeyRotation
from brugerbog.infrastructure.keys.user_keys import UserKeyRing
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import at_once, create, decided_user, office, open_store, register, rows, somebody, user_of


def key_file(folder: Path) -> KeyFile:
    return KeyFile(folder / "master.key")


def all_that_is_wrapped(service: Service) -> list[Any]:
    return [*rows(service, user_keys), *rows(service, installation_keys)]


def assert_all_is_under(service: Service, master: bytes) -> None:
    assert [bytes(row.id) for row in rows(service, master_keys)] == [master]
    assert {bytes(row.master) for row in all_that_is_wrapped(service)} == {master}


def test_all_keys_are_wrapped_by_the_new_one_which_is_the_only_one_left(
    tmp_path: Path, store_url: str
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        users = [create(service, actor, somebody(serial)) for serial in range(5)]
        (old,) = key_file(tmp_path).read()
        done = service.keys.rotate_master()
        (new,) = key_file(tmp_path).read()

        assert (done.master, done.retired, done.rewrapped) == (
            master_key_id(new),
            (master_key_id(old),),
            5 + 4,
        )
        assert (done.resumed, done.old_keys_kept) == (False, False)
        assert_all_is_under(service, master_key_id(new))
        assert [user_of(service, user_id).first_name for user_id in users] == ["Ida"] * 5
    with office(store_url, tmp_path) as (service, actor):
        assert len(service.queries.users(actor).users) == 5
        assert user_of(service, create(service, actor, somebody(6))).first_name == "Ida"


def test_the_log_is_not_touched(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor):
        for serial in range(3):
            create(service, actor, somebody(serial))
        before = {table.name: rows(service, table) for table in log_tables.sorted_tables}
        service.keys.rotate_master()

        after = {table.name: rows(service, table) for table in log_tables.sorted_tables}
        # The token key is changed with it, and what it authenticates.
        assert {name for name in before if before[name] != after[name]} == {"head", "event_macs"}
        changed = [
            column.name
            for column in head.columns
            if getattr(before["head"][0], column.name) != getattr(after["head"][0], column.name)
        ]
        assert changed == ["token_key"]
        assert_log_is_sound(service)
        assert before[head.name]
        assert before[events.name]
        assert before[ciphertexts.name]


def test_the_old_key_opens_nothing_any_more(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, _):
        old = key_file(tmp_path).read()
        service.keys.rotate_master()
    key_file(tmp_path).write(old)

    with pytest.raises(MasterKeyWrong):
        open_store(store_url, tmp_path)


def test_a_key_in_memory_can_be_changed_too() -> None:
    with brugerbog.open("sqlite://") as service:
        actor = register(service)
        user_id = create(service, actor, somebody(0))
        done = service.keys.rotate_master()
        assert_all_is_under(service, done.master)
        assert user_of(service, user_id).first_name == "Ida"


def test_more_users_than_are_taken_at_once_are_all_wrapped_anew(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brugerbog.infrastructure.key_rotation.master_key._BATCH_SIZE", 3)
    with office(store_url, tmp_path) as (service, actor):
        users = [create(service, actor, somebody(serial)) for serial in range(10)]
        done = service.keys.rotate_master()
        assert done.rewrapped == 10 + 4
        assert_all_is_under(service, done.master)
        assert all(user_of(service, user_id).cpr for user_id in users)


# Others who work meanwhile


def test_who_has_the_store_open_goes_on_with_the_new_key(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        before = create(other, actor, somebody(0))
        done = service.keys.rotate_master()

        assert user_of(other, before).first_name == "Ida"
        after = create(other, actor, somebody(1))
        assert user_of(service, after).first_name == "Ida"
        assert_all_is_under(service, done.master)


def test_who_only_writes_is_refused_by_the_database_and_goes_on_with_the_new_key(
    tmp_path: Path, store_url: str
) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        (old,) = key_file(tmp_path).read()
        done = service.keys.rotate_master()
        assert other.log.vault.wrapping_key_id == master_key_id(old)

        create(other, actor, somebody(0))
        assert other.log.vault.wrapping_key_id == done.master


def test_who_does_all_or_nothing_meanwhile_goes_on_with_the_new_key(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        done = service.keys.rotate_master()
        user = decided_user(actor, uuid4())
        with other.log.transaction():
            other.log.record([user], AppendRequest())
        assert user_of(service, user.id).first_name == "Bo"
        assert_all_is_under(service, done.master)


@pytest.mark.parametrize("step", ["_make_known", "_rewrap_all", "_retire", "_remove_old_keys"])
def test_users_created_between_two_steps_keep_their_keys(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        created = []
        undisturbed: Callable[..., Any] = getattr(MasterKeyRotation, step)

        def disturbed(rotation: MasterKeyRotation, *given: Any) -> Any:  # noqa: ANN401 - as the step
            created.append(create(other, actor, somebody(2 * len(created))))
            done = undisturbed(rotation, *given)
            created.append(create(other, actor, somebody(2 * len(created) + 1)))
            return done

        monkeypatch.setattr(MasterKeyRotation, step, disturbed)
        done = service.keys.rotate_master()

        assert len(created) >= 2
        assert_all_is_under(service, done.master)
        assert {user_of(service, user_id).first_name for user_id in created} == {"Ida"}


def test_users_created_all_the_while_keep_their_keys(tmp_path: Path, store_url: str) -> None:
    stop = Flag()
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:

        def work(number: int) -> list[Any]:
            if number == 0:
                try:
                    return [service.keys.rotate_master().master for _ in range(4)]
                finally:
                    stop.set()
            created: list[Any] = []
            while not stop.is_set():
                created.append(create(other, actor, somebody(len(created))))
            return created

        masters, created = at_once(2, work)

        assert len(created) > 1
        assert_all_is_under(service, masters[-1])
        assert {user_of(service, user_id).first_name for user_id in created} == {"Ida"}


def test_a_user_erased_meanwhile_does_not_come_back(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        user_id = create(service, actor, somebody(0))
        strike = MasterKeyRotation._retire

        def erase_first(rotation: MasterKeyRotation, old: bytes) -> None:
            other.administration.delete_user(actor, user_id)
            strike(rotation, old)

        monkeypatch.setattr(MasterKeyRotation, "_retire", erase_first)
        service.keys.rotate_master()
        assert rows(service, user_keys) == []


def test_two_do_not_rotate_at_once(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, _), open_store(store_url, tmp_path) as other:
        with other.log.backend.key_rotation_lock() as alone:
            assert alone
            for rotate in (service.keys.rotate_master, service.keys.rotate_index):
                with pytest.raises(KeysBeingRotated):
                    rotate()
        service.keys.rotate_master()


# What the database sees to


def test_a_master_key_that_wraps_something_cannot_be_struck(service: Service, actor: Actor) -> None:
    create(service, actor, somebody(0))
    backend = service.log.backend
    with pytest.raises(IntegrityError), backend.write_transaction(backend.keys) as connection:
        connection.execute(delete(master_keys))
    assert len(rows(service, master_keys)) == 1


def test_nothing_is_wrapped_by_a_key_that_is_not_known(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    backend = service.log.backend
    with pytest.raises(IntegrityError), backend.write_transaction(backend.keys) as connection:
        connection.execute(update(user_keys).values(master=b"nobody's"))
    assert user_of(service, user_id).first_name == "Ida"


# Where the keys come from


def test_the_old_key_may_be_kept_for_older_copies(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, _):
        for count in (2, 3):
            done = service.keys.rotate_master(keep_old=True)
            assert (done.old_keys_kept, done.resumed) == (True, False)
            assert len(key_file(tmp_path).read()) == count
            assert_all_is_under(service, done.master)
        assert service.keys.rotate_master().resumed
        assert [master_key_id(key) for key in key_file(tmp_path).read()] == [done.master]


def test_a_key_put_first_by_hand_is_taken_and_none_is_drawn(tmp_path: Path, store_url: str) -> None:
    mine = new_master_key()
    with office(store_url, tmp_path) as (service, actor):
        key_file(tmp_path).write([mine, *key_file(tmp_path).read()])
        create(service, actor, somebody(0))
        done = service.keys.rotate_master()
        assert (done.master, done.resumed) == (master_key_id(mine), True)
        assert key_file(tmp_path).read() == [mine]


def test_a_store_opens_while_the_new_key_is_not_yet_known_to_it(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, _):
        (old,) = key_file(tmp_path).read()
        key_file(tmp_path).write([new_master_key(), old])
    with office(store_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        assert_all_is_under(service, master_key_id(old))


def in_environment(*keys: Secret[bytes]) -> str:
    return " ".join(base64.b64encode(key.reveal()).decode() for key in keys)


def test_in_the_environment_the_operator_puts_the_new_key_and_takes_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, url = new_master_key(), new_master_key(), f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv(MASTER_KEY_VARIABLE, in_environment(old))
    with brugerbog.open(url) as service:
        create(service, register(service), somebody(0))
        with pytest.raises(MasterKeyNotWritable):
            service.keys.rotate_master()
    monkeypatch.setenv(MASTER_KEY_VARIABLE, in_environment(new, old))
    with brugerbog.open(url) as service:
        done = service.keys.rotate_master()
        assert (done.master, done.old_keys_kept) == (master_key_id(new), True)
    monkeypatch.setenv(MASTER_KEY_VARIABLE, in_environment(new))
    with brugerbog.open(url) as service:
        assert_all_is_under(service, master_key_id(new))


def test_a_key_that_is_needed_and_nowhere_stops_the_change(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        (old,) = key_file(tmp_path).read()
        with service.log.backend.write_transaction(service.log.backend.keys) as connection:
            connection.execute(insert(master_keys).values(id=b"lost key"))
            connection.execute(update(user_keys).values(master=b"lost key"))
        with pytest.raises(MasterKeyWrong):
            service.keys.rotate_master()
        assert old in key_file(tmp_path).read()


# Keys of nobody


def orphaned(service: Service, age: timedelta) -> UUID:
    """Leave the key of a user who never came to be."""
    user_id = uuid4()
    service.log.keys.store({user_id: b"k" * 32}, microseconds(service.keys._clock.now() - age), None)
    return user_id


def test_a_key_without_a_user_is_swept_after_a_day(service: Service, actor: Actor) -> None:
    kept = create(service, actor, somebody(0))
    if not service.log.backend.has_single_database:
        young, _old = orphaned(service, timedelta(hours=23)), orphaned(service, timedelta(hours=25))
        assert service.keys.delete_orphaned_keys() == 1
        assert {row.user_id for row in rows(service, user_keys)} == {kept, young}
    assert service.keys.delete_orphaned_keys() == 0


def test_keys_of_nobody_are_swept_when_the_master_key_is_changed(tmp_path: Path) -> None:
    with office(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as (service, _):
        orphaned(service, timedelta(days=2))
        service.keys.rotate_master()
        assert rows(service, user_keys) == []


def test_an_old_key_of_nobody_that_is_used_after_all_is_as_if_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as (service, actor):
        user_id = orphaned(service, timedelta(days=2))
        reuse = UserKeyRing.reuse

        def sweep_then(keys: UserKeyRing, *given: Any) -> Any:  # noqa: ANN401 - as it
            taken_up = reuse(keys, *given)
            assert service.keys.delete_orphaned_keys() == 0
            return taken_up

        monkeypatch.setattr(UserKeyRing, "reuse", sweep_then)
        service.log.record([decided_user(actor, user_id)], AppendRequest())
        assert user_of(service, user_id).first_name == "Bo"


def test_an_old_key_of_nobody_that_was_swept_just_before_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as (service, actor):
        user_id = orphaned(service, timedelta(days=2))
        reuse = UserKeyRing.reuse

        def swept_first(keys: UserKeyRing, *given: Any) -> Any:  # noqa: ANN401 - as it
            assert service.keys.delete_orphaned_keys() == 1
            return reuse(keys, *given)

        monkeypatch.setattr(UserKeyRing, "reuse", swept_first)
        service.log.record([decided_user(actor, user_id)], AppendRequest())
        assert user_of(service, user_id).first_name == "Bo"
