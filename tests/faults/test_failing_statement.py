"""Promises 1 and 2 when the n-th statement or commit of a command fails, for every n."""

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
    """Fails at the n-th statement or commit; with `answer_lost` a commit fails after it was done."""

    def __init__(self, at: int, *, answer_lost: bool) -> None:
        self._left = at
        self._answer_lost = answer_lost

    @property
    def was_reached(self) -> bool:
        return self._left <= 0

    def count_down(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            raise OperationalError("a statement", None, ConnectionError("injected"))

    def before(self, run: Callable[..., Any]) -> Callable[..., Any]:
        def fail_or_run(*args: object, **kwargs: object) -> Any:  # noqa: ANN401 - the result of `run`
            self.count_down()
            return run(*args, **kwargs)

        return fail_or_run

    def commit(self, do_commit: Callable[[Any], None]) -> Callable[[Any], None]:
        def commit(connection: object) -> None:
            if self._answer_lost:
                do_commit(connection)
            self.count_down()
            if not self._answer_lost:
                do_commit(connection)

        return commit


@contextmanager
def injected(service: Service, fault: Fault) -> Iterator[None]:
    backend = service.log.backend
    engines: set[Engine] = {backend.log, backend.keys, backend.read}
    with pytest.MonkeyPatch.context() as patch:
        for ours, run in ((Statement, Statement.run), (Rows, Rows.insert)):
            patch.setattr(ours, run.__name__, fault.before(run))
        for engine in engines:
            event.listen(engine, "before_cursor_execute", fault.count_down)
            patch.setattr(engine.dialect, "do_commit", fault.commit(engine.dialect.do_commit))
        try:
            yield
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", fault.count_down)


def execute_twice(service: Service, command: Command, fault: Fault, event_count: int) -> None:
    """Execute a command with an injected fault and again under its id; it records `event_count` events."""
    command_id = uuid4()
    with injected(service, fault):
        try:
            answer = command(command_id)
        except OperationalError:
            answer = None
    again = command(command_id)
    assert answer in {None, again}
    stored = [event.topic for event in rows(service, events) if event.command_id == command_id]
    assert len(stored) == event_count, stored


@pytest.mark.parametrize("answer_lost", [False, True], ids=["fails", "done, answer lost"])
def test_a_creation_is_complete_or_absent_whichever_statement_fails(
    tmp_path: Path, store_url: str, *, answer_lost: bool
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        for at in range(1, MOST_STEPS):
            new, fault = somebody(at, means=(Means.APP,)), Fault(at, answer_lost=answer_lost)

            def creation(command_id: UUID, new: Any = new) -> object:  # noqa: ANN401 - bound now
                return service.administration.create_user(actor, new, command_id=command_id)

            execute_twice(service, creation, fault, 3)
            if not fault.was_reached:
                break
        assert 5 < at < MOST_STEPS - 1
        assert_store_is_consistent(service)


@pytest.mark.parametrize("answer_lost", [False, True], ids=["fails", "done, answer lost"])
def test_a_deletion_is_complete_or_absent_whichever_statement_fails(
    tmp_path: Path, store_url: str, *, answer_lost: bool
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        for at in range(1, MOST_STEPS):
            user_id = create(service, actor, somebody(at, means=(Means.APP,)))
            fault = Fault(at, answer_lost=answer_lost)

            def deletion(command_id: UUID, user_id: UUID = user_id) -> object:
                return service.administration.delete_user(actor, user_id, command_id=command_id)

            execute_twice(service, deletion, fault, 2)
            assert_keys_are_deleted(service)
            if not fault.was_reached:
                break
        assert 5 < at < MOST_STEPS - 1
        assert_store_is_consistent(service)


def assert_keys_are_deleted(service: Service) -> None:
    """Check that no deleted user has a key; a key of a user whose creation failed may remain."""
    deleted = {event.stream_id for event in rows(service, events) if event.topic == "user.deleted"}
    assert deleted.isdisjoint(service.log.keys.load(deleted))
