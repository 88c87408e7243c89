"""Keys and log that don't belong together are refused by name, on both engines, and nobody's name is lost."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select

import brugerbog
from brugerbog.application.refusals.keys import KeysOutdated
from brugerbog.domain.user.details import Edits
from brugerbog.infrastructure.database.schema import user_keys
from brugerbog.infrastructure.keys.user_keys import UserKeyRing
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import create, office, open_store, rows, somebody, user_of


@dataclass
class Place:
    """A store whose keys can be put back as they were."""

    url: str
    folder: Path

    def open(self, **how: bool) -> Service:
        return brugerbog.open(self.url, master_key_file=self.folder / "master.key", create=False, **how)

    def with_keys_of(self, then: list[tuple[object, ...]]) -> None:
        """Put users' keys back as they were, past all that keeps them."""
        with open_store(self.url, self.folder) as service:
            backend = service.log.backend
            with backend.write_transaction(backend.keys) as connection:
                connection.execute(delete(user_keys))
                if then:
                    connection.execute(insert(user_keys), [dict(row._mapping) for row in then])  # type: ignore[attr-defined]


@pytest.fixture
def place(store_url: str, tmp_path: Path) -> Place:
    return Place(store_url, tmp_path)


def made(place: Place, before: int, after: int) -> tuple[list[UUID], list[tuple[object, ...]]]:
    """So many users from before the keys were copied, and after; and the keys as copied."""
    with office(place.url, place.folder) as (service, actor):
        users = [create(service, actor, somebody(at)) for at in range(before)]
        keys = rows(service, user_keys)
        users += [create(service, actor, somebody(at)) for at in range(before, before + after)]
    return users, keys


def test_older_keys_beside_a_newer_log_are_refused(place: Place) -> None:
    _, older = made(place, 2, 1)
    place.with_keys_of(older)

    with pytest.raises(KeysOutdated):
        place.open()


def test_older_keys_are_refused_when_the_newest_user_of_all_is_erased(place: Place) -> None:
    users, older = made(place, 2, 2)
    with place.open() as service:
        service.administration.delete_user(service.operator(), users[-1])
    place.with_keys_of(older)

    with pytest.raises(KeysOutdated):
        place.open()


def test_the_right_keys_are_not_refused_whatever_was_erased(place: Place) -> None:
    users, _ = made(place, 0, 3)
    for gone in reversed(users):
        with place.open() as service:
            service.administration.delete_user(service.operator(), gone)

    with place.open() as service:
        assert service.unreadable() == []


def test_newer_keys_beside_an_older_log_do_no_harm(place: Place) -> None:
    users, _ = made(place, 2, 0)
    with place.open() as service:
        service.log.keys.store({UUID(int=7): b"k" * 32}, 1, None)

    with place.open() as service:
        assert user_of(service, users[1]).first_name == "Ida"


@pytest.mark.parametrize("cut_off", ["store", "destroy"])
def test_what_is_cut_off_between_keys_and_log_opens_again(
    place: Place, cut_off: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    users, _ = made(place, 2, 0)
    real: Callable[..., None] = getattr(UserKeyRing, cut_off)

    def killed(*given: object, **more: object) -> None:
        if cut_off == "store":
            real(*given, **more)
        raise KeyboardInterrupt

    with place.open() as service, monkeypatch.context() as meddled:
        meddled.setattr(UserKeyRing, cut_off, killed)
        commands: dict[str, Callable[[], object]] = {
            "store": lambda: create(service, service.operator(), somebody(8)),
            "destroy": lambda: service.administration.delete_user(service.operator(), users[1]),
        }
        with pytest.raises(KeyboardInterrupt):
            commands[cut_off]()

    with place.open() as service:
        assert user_of(service, users[0]).first_name == "Ida"


def test_a_key_that_is_missing_further_back_is_found_by_the_full_comparison(place: Place) -> None:
    users, _ = made(place, 3, 0)
    with place.open() as service:
        service.log.keys.destroy([users[0]])

    with place.open() as service:
        assert service.unreadable() == [users[0]]
        with pytest.raises(KeysOutdated):
            service.administration.edit_user(service.operator(), users[0], Edits(first_name="Bo"))


def test_users_whose_keys_are_lost_are_erased_on_the_operators_word(place: Place) -> None:
    users, older = made(place, 2, 2)
    place.with_keys_of(older)

    with place.open(erase_unreadable=True) as service:
        assert service.unreadable() == []
        assert_log_is_sound(service)
    with place.open() as service:
        assert {one.id for one in service.queries.users(service.operator()).users} == set(users[:2])
        assert user_of(service, users[3]).erased
        assert create(service, service.operator(), somebody(3)) not in users


def test_an_older_file_of_keys_beside_a_newer_log_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    made(Place(url, tmp_path), 1, 0)
    shutil.copy(tmp_path / "store.keys.db", tmp_path / "older")
    with office(url, tmp_path) as (service, actor):
        create(service, actor, somebody(1))
        with service.log.backend.read_connection(service.log.backend.keys) as connection:
            assert len(connection.execute(select(user_keys)).all()) == 2
    for leftover in ("store.keys.db-wal", "store.keys.db-shm"):
        (tmp_path / leftover).unlink(missing_ok=True)
    shutil.copy(tmp_path / "older", tmp_path / "store.keys.db")

    with pytest.raises(KeysOutdated):
        open_store(url, tmp_path)
