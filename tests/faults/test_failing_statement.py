"""Promises 1 and 2, one fault at a time: the n-th statement or commit fails, for every n there is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from brugerbog.domain.values.means import Means
from brugerbog.infrastructure.database.schema import events
from brugerbog.infrastructure.database.statements import Rows, Statement
from brugerbog.service import Service
from tests.faults.store_consistency import assert_store_is_consistent
from tests.stores import create, office, rows, somebody

Command = Callable[[UUID], object]
MOST_STEPS = 200


class Fault:
    """Fails at the n-th step; a commit may fail after it was done, when only its answer is lost."""

    def __init__(self, at: int, *, answer_lost: bool) -> None:
        self._left = at
        self._answer_lost = answer_lost

    @property
    def met(self) -> bool:
        return self._left <= 0

    def step(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            raise OperationalError("a statement", None, ConnectionError("planted"))

    def before(self, run: Callable[..., Any]) -> Callable[..., Any]:
        def fail_or_run(*given: object, **named: object) -> Any:  # noqa: ANN401 - whatever it gives
            self.step()
            return run(*given, **named)

        return fail_or_run

    def commit(self, do_commit: Callable[[Any], None]) -> Callable[[Any], None]:
        def commit(connection: object) -> None:
            if self._answer_lost:
                do_commit(connection)
            self.step()
            if not self._answer_lost:
                do_commit(connection)

        return commit


@contextmanager
def planted(service: Service, fault: Fault) -> Iterator[None]:
    backend = service.log.backend
    engines: set[Engine] = {backend.log, backend.keys, backend.read}
    with pytest.MonkeyPatch.context() as patch:
        for ours, run in ((Statement, Statement.run), (Rows, Rows.insert)):
            patch.setattr(ours, run.__name__, fault.before(run))
        for engine in engines:
            event.listen(engine, "before_cursor_execute", fault.step)
            patch.setattr(engine.dialect, "do_commit", fault.commit(engine.dialect.do_commit))
        try:
            yield
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", fault.step)


def fails_and_is_repeated(service: Service, command: Command, fault: Fault, facts: int) -> None:
    """Do a command of so many events with a fault on its way, then again under the same id."""
    command_id = uuid4()
    with planted(service, fault):
        try:
            answer = command(command_id)
        except OperationalError:
            answer = None
    again = command(command_id)
    assert answer in {None, again}
    stored = [one.topic for one in rows(service, events) if one.command_id == command_id]
    assert len(stored) == facts, stored


@pytest.mark.parametrize("answer_lost", [False, True], ids=["fails", "is done and its answer lost"])
def test_a_creation_is_whole_whichever_step_fails(
    tmp_path: Path, store_url: str, *, answer_lost: bool
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        for at in range(1, MOST_STEPS):
            new, fault = somebody(at, means=(Means.APP,)), Fault(at, answer_lost=answer_lost)

            def creation(command_id: UUID, new: Any = new) -> object:  # noqa: ANN401 - bound now
                return service.administration.create_user(actor, new, command_id=command_id)

            fails_and_is_repeated(service, creation, fault, 3)
            if not fault.met:
                break
        assert 5 < at < MOST_STEPS - 1
        assert_store_is_consistent(service)


@pytest.mark.parametrize("answer_lost", [False, True], ids=["fails", "is done and its answer lost"])
def test_a_deletion_is_whole_whichever_step_fails(
    tmp_path: Path, store_url: str, *, answer_lost: bool
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        for at in range(1, MOST_STEPS):
            user_id = create(service, actor, somebody(at, means=(Means.APP,)))
            fault = Fault(at, answer_lost=answer_lost)

            def deletion(command_id: UUID, user_id: UUID = user_id) -> object:
                return service.administration.delete_user(actor, user_id, command_id=command_id)

            fails_and_is_repeated(service, deletion, fault, 2)
            assert_nothing_is_left(service)
            if not fault.met:
                break
        assert 5 < at < MOST_STEPS - 1
        assert_store_is_consistent(service)


def assert_nothing_is_left(service: Service) -> None:
    """Everybody here is deleted, and so are all keys but those of users who never came to be."""
    deleted = {one.stream_id for one in rows(service, events) if one.topic == "user.deleted"}
    assert deleted.isdisjoint(service.log.keys.load(deleted))
