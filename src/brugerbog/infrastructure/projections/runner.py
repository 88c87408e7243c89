"""Runs the projections: reads events after each one's position, and moves rows and position together."""

from __future__ import annotations

from itertools import takewhile
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from brugerbog.application.commands.transactions import refuse_in_transaction
from brugerbog.application.diagnostics.checks import SILENT_AFTER
from brugerbog.application.ports.observation import Operation, OperationKind
from brugerbog.application.refusals.log import EventUnknown
from brugerbog.domain.kernel.instants import instant
from brugerbog.infrastructure.event_store.mapper import is_known
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.projections.error_classification import (
    error_class_name,
    is_event_failure,
    is_retryable,
)
from brugerbog.infrastructure.projections.positions import (
    FAILED,
    OK,
    ProjectionPositions,
    ProjectionStatus,
    positions,
)
from brugerbog.infrastructure.projections.read_rows import rows_of
from brugerbog.infrastructure.projections.rebuild import BATCH, TableRebuild
from brugerbog.projections.projection import RecordedEvent, read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sqlalchemy import Connection

    from brugerbog.application.ports.observation import Observer
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.projections.read_rows import ReadRows
    from brugerbog.projections.projection import Projection

    _Todo = tuple[ReadRows, Sequence[RecordedEvent]]

_LOOK_AGAIN: Final = 1.0
"""Seconds for which is remembered which tables are stale."""

_TRIES: Final = 3
"""So often a batch is tried that the server has rolled back for the sake of other transactions."""


class _OfAnotherLog(Exception):
    """The read tables hold what the log doesn't."""


class ProjectionRunner:
    """Keeps the read tables up with the log; any number of runners may run at once."""

    def __init__(
        self, backend: Backend, log: BrugerbogLog, projections: Sequence[Projection], observer: Observer
    ) -> None:
        self._backend = backend
        self._log = log
        self._rows = {projection.name: rows_of(projection, backend) for projection in projections}
        self._positions = ProjectionPositions(backend, self._rows.keys())
        self._rebuild = TableRebuild(backend, log, self._rows, self._positions)
        self._observer = observer
        self._reached = 0
        self._turn = Lock()
        self._stale: AbstractSet[str] = frozenset()
        self._looked_at = -_LOOK_AGAIN

    # Making and mending

    def prepare(self) -> None:
        """Make read tables that are missing, and rebuild those that aren't of this version or of this log."""
        with self._backend.schema_transaction(self._backend.read) as connection:
            read_tables.create_all(connection)
            known = {row.name: row for row in connection.execute(select(positions))}
            for name, rows in self._rows.items():
                if name not in known:
                    connection.execute(
                        insert(positions).values(
                            name=name, version=rows.projection.version, position=0, state=OK
                        )
                    )
        with self._backend.rebuild_lock(wait=False) as alone:
            if alone:
                self._rebuild.clear_up()
        self._bind()
        for name, row in known.items():
            if name in self._rows and row.version != self._rows[name].projection.version:
                self._renew(name)

    def _bind(self) -> None:
        """Rebuild tables of another log, and note of which log they are where that isn't noted yet."""
        self._mend()
        with self._backend.write_transaction(self._backend.read) as connection:
            standing = self._positions.locked(connection)
            if not self._positions.is_bound(connection):
                least = min((position for position, _ in standing.values()), default=0)
                self._positions.follow_anew(connection, least)

    def _mend(self) -> None:
        """Rebuild every table if they hold what the log doesn't: they were kept while it was put back."""
        if self._are_of_this_log():
            return
        with self._backend.rebuild_lock(wait=True):
            # Another process may have done it meanwhile.
            if self._are_of_this_log():
                return
            logger(__name__).warning("read_tables_of_another_log")
            for name in self._rows:
                self._renew(name, alone=True, position=0)
            with self._backend.write_transaction(self._backend.read) as connection:
                standing = self._positions.locked(connection)
                least = min((position for position, _ in standing.values()), default=0)
                self._positions.follow_anew(connection, least)

    def _are_of_this_log(self) -> bool:
        with self._backend.write_transaction(self._backend.read) as connection:
            self._positions.locked(connection)
            return self._positions.are_of_this_log(connection)

    def _renew(self, name: str, *, alone: bool = False, **stopped: int) -> None:
        """Rebuild a table; one that can't be built stops, and the others go on.

        `alone` says that nobody else builds; `stopped` are values of the position's row if it can't be built.
        """
        try:
            if alone:
                self._rebuild.run(name, None)
            else:
                self.rebuild(name)
        except (SQLAlchemyError, MemoryError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever poisons a projection stops that one, visibly
            failure = error_class_name(error)
            logger(__name__).error("projection_stopped", projection=name, failure=failure)
            with self._backend.write_transaction(self._backend.read) as connection:
                self._positions.stop(connection, name, failure, **stopped)

    def rebuild(self, name: str, *, progress: Callable[[int], None] | None = None) -> None:
        """Build a projection anew from the whole log in a shadow table, then put it in place at one stroke.

        Questions are answered from the old table until then; one that takes long is waited for.
        Raises: what the projection raises, and the old table then stays; NotInTransaction.
        """
        refuse_in_transaction(self._log)
        with self._backend.rebuild_lock(wait=True):
            self._rebuild.run(name, progress)
        self._look_again()

    def digests(self, name: str) -> tuple[str, str]:
        """The digests of the live table and of one built anew from the log, at the same position.

        Raises: what the projection raises; NotInTransaction.
        """
        refuse_in_transaction(self._log)
        with self._backend.rebuild_lock(wait=True):
            return self._rebuild.digests(name)

    # Looking

    @property
    def reached(self) -> int:
        """The position to which this runner knows the read tables to have come."""
        return self._reached

    def status(self) -> list[ProjectionStatus]:
        """How each projection stands."""
        return self._positions.status(self._log.recorder.max_notification_id() or 0)

    def is_ready(self, name: str, position: int) -> bool:
        """Whether a projection may be acted upon: it has come to a position, and nothing is wrong with it."""
        standing = next(one for one in self.status() if one.name == name)
        return standing.state == OK and standing.position >= position

    def stale(self, now: datetime) -> AbstractSet[str]:
        """The read tables that have stopped, or lack an event recorded longer ago than `SILENT_AFTER`.

        Looked up once a second, however many questions are asked.
        """
        at = monotonic()
        if at - self._looked_at > _LOOK_AGAIN:
            self._looked_at, self._stale = at, frozenset(self.find_stale(now))
        return self._stale

    def find_stale(self, now: datetime) -> Iterator[str]:
        """The same, as of now."""
        for one in self.status():
            has_stopped = one.state == FAILED or one.failure is not None
            if has_stopped or (one.lag and self._lacks_what_is_old(one.position, now)):
                yield one.name

    def _lacks_what_is_old(self, position: int, now: datetime) -> bool:
        following = self._log.recorder.select_positions(position, 1)
        return bool(following) and instant(following[0].recorded_at) < now - SILENT_AFTER

    def _look_again(self) -> None:
        self._looked_at = -_LOOK_AGAIN

    # Catching up

    def catch_up(self) -> int:
        """Bring every healthy projection to the end of the log; returns the log's last position then.

        Inside a transaction of this thread nothing is projected, as it may be rolled back: its end does it.
        They stop before an event that only another version knows. Raises: what the store raises.
        """
        end = self._log.recorder.max_notification_id() or 0
        if self._log.in_transaction:
            return end
        # One thread at a time: those who wait hold no connection that the one at work may need.
        with self._turn:
            if end < self._reached:
                end = self._log.recorder.max_notification_id() or 0
            if end < self._reached:
                self._mend()
                self._reached = 0
            try:
                while self._reached < end:
                    self._reached = self._go_on(end)
            except EventUnknown as unknown:
                # Another version may know it: it is asked again, and by every process, and nothing is kept.
                logger(__name__).error("projections_delayed", position=self._reached, failure=unknown.code)
            except Exception as error:
                logger(__name__).error(
                    "projections_delayed", position=self._reached, failure=error_class_name(error)
                )
                raise
        return end

    def _go_on(self, end: int) -> int:
        """Take the healthy projections through the next batch; returns the position they have all reached."""
        for tries_left in reversed(range(_TRIES)):
            try:
                return self._project_batch(end, self._advance_all)
            except _OfAnotherLog:
                if not tries_left:
                    raise
                self._mend()
            except Exception as error:
                if is_event_failure(error):
                    # One of them is poisoned; which one shows when each goes alone.
                    return self._project_batch(end, self._advance_each)
                if not (tries_left and is_retryable(error)):
                    raise
        raise AssertionError("the last try returns or raises")

    def _project_batch(self, end: int, advance: Callable[[Connection, list[_Todo]], None]) -> int:
        with (
            self._observer.observe(Operation(OperationKind.BATCH, "projections")),
            self._backend.write_transaction(self._backend.read) as connection,
        ):
            standing = self._positions.locked(connection)
            healthy = {name: position for name, (position, state) in standing.items() if state != FAILED}
            after = min(healthy.values(), default=end)
            if after != self._reached and not self._positions.are_of_this_log(connection):
                raise _OfAnotherLog
            recorded = self._fresh(after) or self._read(after)
            if after >= end or not recorded:
                return end
            todo = [
                (
                    name,
                    recorded if position <= after else [one for one in recorded if one.position > position],
                )
                for name, position in healthy.items()
            ]
            advance(connection, [(self._rows[name], some) for name, some in todo if some])
            self._positions.follow(connection, recorded[-1])
        return recorded[-1].position

    def _fresh(self, after: int) -> list[RecordedEvent]:
        return [RecordedEvent(position, event) for position, event in self._log.fresh.take(after)]

    def _read(self, after: int) -> list[RecordedEvent]:
        """The next events that this version knows. Raises: EventUnknown when the very next is none."""
        stored = self._log.recorder.select_positions(after, BATCH)
        known = list(takewhile(is_known, stored))
        if stored and not known:
            raise EventUnknown
        opened = self._log.events.open(known)
        return [RecordedEvent(event.position, opened[at]) for at, event in enumerate(known)]

    def _advance_all(self, connection: Connection, todo: list[_Todo]) -> None:
        changes = [(rows, some, rows.changes(connection, some)) for rows, some in todo]
        with self._backend.pipeline(connection):
            for rows, some, changed in changes:
                rows.store(connection, changed)
                self._positions.place(connection, rows.projection.name, some[-1].position)

    def _advance_each(self, connection: Connection, todo: list[_Todo]) -> None:
        for rows, some in todo:
            if self._failure(connection, rows, some) is None:
                self._positions.place(connection, rows.projection.name, some[-1].position)
            else:
                self._stop_at_poison(connection, rows, some)

    def _stop_at_poison(self, connection: Connection, rows: ReadRows, todo: Sequence[RecordedEvent]) -> None:
        """Project what comes before the event that can't be, though it is tried again, and stop there."""
        name = rows.projection.name
        for one in todo:
            error = self._failure(connection, rows, [one]) and self._failure(connection, rows, [one])
            if error is not None:
                failure = error_class_name(error)
                logger(__name__).error(
                    "projection_stopped", projection=name, position=one.position, failure=failure
                )
                self._positions.stop(connection, name, failure, failed_at=one.position)
                self._look_again()
                return
            self._positions.place(connection, name, one.position)

    def _failure(
        self, connection: Connection, rows: ReadRows, some: Sequence[RecordedEvent]
    ) -> Exception | None:
        """Project events of one projection, or nothing of them if they can't be: then why.

        Raises: what isn't a failure of the events.
        """
        try:
            with connection.begin_nested():
                rows.store(connection, rows.changes(connection, some))
        except Exception as error:
            if not is_event_failure(error):
                raise
            return error
        return None
