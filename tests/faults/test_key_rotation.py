"""A key rotation that was killed is resumed, and users created during a rotation keep their keys."""

from pathlib import Path
from typing import Any

import pytest

from brugerbog.application.refusals.requests import CprInUse
from brugerbog.infrastructure.crypto.key_file import KeyFile
from brugerbog.infrastructure.crypto.vault import master_key_id
from brugerbog.infrastructure.database.schema import (
    events,
    head,
    installation_keys,
    master_keys,
    signing_keys,
    user_keys,
)
from brugerbog.infrastructure.keys.installation_keys import INDEX, SIGNING, TOKENS
from brugerbog.service import Service
from tests.faults.rotation_process import CUTS, be_killed_while_rotating, create_until_stopped
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.processes import FORKSERVER, PATIENCE, run, running
from tests.stores import create, office, open_store, rows, somebody, user_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each cut on each engine; in the short form cuts before a step on one, cuts after it on the other."""
    if "cut" not in metafunc.fixturenames:
        return
    full = metafunc.config.getoption("full")
    cases = [
        pytest.param(
            engine,
            what,
            cut,
            after,
            id=f"{engine} {what} {'after' if after else 'before'} {step}",
            marks=[pytest.mark.postgres] if engine == "postgres" else [],
        )
        for what, steps in CUTS.items()
        for cut, (_, step) in enumerate(steps)
        for after in (False, True)
        for engine in ("sqlite", "postgres")
        if full or (engine == "postgres") is after
    ]
    metafunc.parametrize(("engine", "what", "cut", "after"), cases)


@pytest.fixture
def url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new store on the engine of the case."""
    if engine == "postgres":
        made: str = request.getfixturevalue("postgres_url")
        return made
    return f"sqlite:///{tmp_path / 'store.db'}"


def test_a_rotation_killed_at_any_step_is_resumed(
    tmp_path: Path,
    url: str,
    what: str,
    cut: int,
    after: bool,  # noqa: FBT001 - drawn by pytest
) -> None:
    with office(url, tmp_path) as (service, actor):
        users = [create(service, actor, somebody(serial)) for serial in range(3)]
        logged = rows(service, events), _tree(service)

    assert run(_run_program, url, tmp_path, what, cut, after) == -9

    with open_store(url, tmp_path) as service:
        assert {user_of(service, user_id).first_name for user_id in users} == {"Ida"}
        with pytest.raises(CprInUse):
            create(service, service.operator(), somebody(0))
        done = _rotate(service, what)
        assert (rows(service, events), _tree(service)) == logged
        if what == "master":
            assert_one_master(service, tmp_path, done.master)
        _assert_one_key_of_each(service)
    with open_store(url, tmp_path) as service:
        users.append(create(service, service.operator(), somebody(3)))
        assert {user_of(service, user_id).first_name for user_id in users} == {"Ida"}
        assert_log_is_sound(service)


def _tree(service: Service) -> Any:  # noqa: ANN401 - a row
    """Return the columns of the head but for the ids of keys."""
    return [
        value
        for name, value in rows(service, head)[0]._mapping.items()
        if name not in {"index_key", "token_key"}
    ]


def _run_program(*arguments: Any) -> None:  # noqa: ANN401 - those of the program
    *args, after = arguments
    be_killed_while_rotating(*args, after=after)


def _rotate(service: Service, what: str) -> Any:  # noqa: ANN401 - the result of the rotation
    return getattr(service.keys, f"rotate_{what}")(*([lambda *_: None] if what == "signing" else []))


def assert_one_master(service: Service, folder: Path, newest: bytes) -> None:
    assert [master_key_id(key) for key in KeyFile(folder / "master.key").read()] == [newest]
    assert [bytes(row.id) for row in rows(service, master_keys)] == [newest]
    wrapped = [*rows(service, user_keys), *rows(service, installation_keys)]
    assert {bytes(row.master) for row in wrapped} == {newest}


def _assert_one_key_of_each(service: Service) -> None:
    kept = {row.name: bytes(row.id) for row in rows(service, installation_keys)}
    assert len(rows(service, installation_keys)) == 4
    assert kept[INDEX] == bytes(rows(service, head)[0].index_key)
    assert kept[TOKENS] == bytes(rows(service, head)[0].token_key)
    assert service.queries.organisation(service.operator()).cvr
    (current,) = [row for row in rows(service, signing_keys) if row.retired_at_size is None]
    assert kept[SIGNING] == bytes(current.public_key)


def test_processes_that_create_users_during_rotations_lose_no_key(
    tmp_path: Path, store_url: str, *, full: bool
) -> None:
    """Two processes create users while a third rotates the master and the index key repeatedly."""
    started = (FORKSERVER.Semaphore(0), FORKSERVER.Semaphore(0))
    stop, results = FORKSERVER.Event(), FORKSERVER.SimpleQueue()
    with office(store_url, tmp_path) as (service, _):
        with running(
            2,
            create_until_stopped,
            lambda number: (store_url, tmp_path, number * 3000, (started[number], stop), results),
        ) as creators:
            assert all(one.acquire(timeout=PATIENCE) for one in started)
            for _ in range(40 if full else 5):
                master = service.keys.rotate_master().master
                index = service.keys.rotate_index().index
            stop.set()
            outcomes = [results.get() for _ in creators]
        assert [one for one in outcomes if isinstance(one, str)] == []
        # Wrapping with a removed master key is refused, so every key is wrapped with a known one.
        assert_one_master(service, tmp_path, master)
        assert bytes(rows(service, head)[0].index_key) == index
        assert len(rows(service, user_keys)) == sum(len(created) for _, created in outcomes)
        for first, created in outcomes:
            for serial, user_id in enumerate(created, first):
                assert user_of(service, user_id).first_name == "Ida"
                with pytest.raises(CprInUse) as taken:
                    create(service, service.operator(), somebody(serial))
                assert taken.value.user_id == user_id
        assert_log_is_sound(service)
