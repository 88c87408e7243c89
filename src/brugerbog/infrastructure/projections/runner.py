"""The projection runner: projects new events into the read tables, with each table's position."""

from __future__ import annotations

from itertools import takewhile
from threading import Lock
from typing import TYPE_CHECKING, Final

from brugerbog.application.ports.observation import Operation, OperationKind
from brugerbog.application.refusals.log import EventUnknown
from brugerbog.infrastructure.event_store.mapper import is_known
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.projections.error_classification import (
    error_class_name,
    is_event_failure,
    is_retryable,
)
from brugerbog.infrastructure.projections.maintenance import ReadTableMaintenance
from brugerbog.infrastructure.projections.positions import FAILED, OK, ProjectionPositions, ProjectionStatus
from brugerbog.infrastructure.projections.read_rows import rows_of
from brugerbog.infrastructure.projections.rebuild import BATCH
from brugerbog.infrastructure.projections.staleness import StaleTables
from brugerbog.projections.projection import RecordedEvent

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

    _Work = tuple[ReadRows, Sequence[RecordedEvent]]

_TRIES: Final = 3
"""Attempts at a batch that the server rolls back because of other transactions."""


class _OfAnotherLog(Exception):
    """The read tables hold events that the log doesn't."""


class ProjectionRunner:
    """Keeps the read tables up to date with the log; any number of runners may run at once."""

    def __init__(
        self, backend: Backend, log: BrugerbogLog, projections: Sequence[Projection], observer: Observer
    ) -> None:
        self._backend = backend
        self._log = log
        self._rows = {projection.name: rows_of(projection, backend) for projection in projections}
        self._positions = ProjectionPositions(backend, self._rows.keys())
        self._stale = StaleTables(log, self._positions)
        self._maintenance = ReadTableMaintenance(backend, log, self._rows, self._positions, self._stale)
        self._observer = observer
        self._reached = 0
        self._catching_up = Lock()

    def prepare(self) -> None:
        """Create missing read tables, and rebuild tables of another version or another log."""
        self._maintenance.prepare()

    def rebuild(self, name: str, *, progress: Callable[[int], None] | None = None) -> None:
        """Build a table anew from the whole log. Raises: as `ReadTableMaintenance.rebuild`."""
        self._maintenance.rebuild(name, progress)

    def digests(self, name: str) -> tuple[str, str]:
        """Return the digests of the live table and of a table built anew, at the same position.

        Raises: what the projection raises; NotInTransaction.
        """
        return self._maintenance.digests(name)

    @property
    def reached(self) -> int:
        """The last position that all healthy read tables have reached in this runner."""
        return self._reached

    def status(self) -> list[ProjectionStatus]:
        """Return each projection's position, lag and state."""
        return self._positions.status(self._log.recorder.max_notification_id() or 0)

    def is_ready(self, name: str, position: int) -> bool:
        """Return whether a projection has reached a position, and is neither stopped nor being rebuilt."""
        projection = next(one for one in self.status() if one.name == name)
        return projection.state == OK and projection.position >= position

    def stale(self, now: datetime) -> AbstractSet[str]:
        """Return the read tables that have stopped, or lack an event recorded longer ago than `SILENT_AFTER`.

        Read from the store once a second, however many queries ask.
        """
        return self._stale.names(now)

    def find_stale(self, now: datetime) -> Iterator[str]:
        """Return the stale read tables as of now, without the cache."""
        return self._stale.find(now)

    def catch_up(self) -> int:
        """Project all new events into every healthy read table; return the log's last position.

        Inside a transaction of this thread nothing is projected, as it may be rolled back; events are
        projected after its end. Projecting stops before an event that only another version of Brugerbog
        knows. Raises: what the store raises.
        """
        end = self._log.recorder.max_notification_id() or 0
        if self._log.in_transaction:
            return end
        # One thread at a time: waiting threads hold no connection that the working thread may need.
        with self._catching_up:
            if end < self._reached:
                end = self._log.recorder.max_notification_id() or 0
            if end < self._reached:
                self._maintenance.rebuild_tables_of_another_log()
                self._reached = 0
            try:
                while self._reached < end:
                    self._reached = self._project_next_batch(end)
            except EventUnknown as unknown:
                # Another version may know the event: every call and every process tries again.
                self._log_delay(unknown.code)
            except Exception as error:
                self._log_delay(error_class_name(error))
                raise
        return end

    def _log_delay(self, failure: str) -> None:
        logger("brugerbog.projections").error("projections_delayed", position=self._reached, failure=failure)

    def _project_next_batch(self, end: int) -> int:
        """Project the next batch into the healthy tables; return the position that all have reached."""
        for tries_left in reversed(range(_TRIES)):
            try:
                return self._project_batch(end, self._advance_all)
            except _OfAnotherLog:
                if not tries_left:
                    raise
                self._maintenance.rebuild_tables_of_another_log()
            except Exception as error:
                if is_event_failure(error):
                    # One projection fails at an event; which one shows when each is advanced alone.
                    return self._project_batch(end, self._advance_each)
                if not (tries_left and is_retryable(error)):
                    raise
        raise AssertionError("the last try returns or raises")

    def _project_batch(self, end: int, advance: Callable[[Connection, list[_Work]], None]) -> int:
        with (
            self._observer.observe(Operation(OperationKind.BATCH, "projections")),
            self._backend.write_transaction(self._backend.read) as connection,
        ):
            locked = self._positions.locked(connection)
            healthy = {name: position for name, (position, state) in locked.items() if state != FAILED}
            after = min(healthy.values(), default=end)
            if after != self._reached and not self._positions.are_of_this_log(connection):
                raise _OfAnotherLog
            recorded = self._recent_events(after) or self._read(after)
            if after >= end or not recorded:
                return end
            work = [
                (
                    name,
                    recorded if position <= after else [one for one in recorded if one.position > position],
                )
                for name, position in healthy.items()
            ]
            advance(connection, [(self._rows[name], events) for name, events in work if events])
            self._positions.follow(connection, recorded[-1])
        return recorded[-1].position

    def _recent_events(self, after: int) -> list[RecordedEvent]:
        return [RecordedEvent(position, event) for position, event in self._log.recent_events.take(after)]

    def _read(self, after: int) -> list[RecordedEvent]:
        """Return the next events that this version knows. Raises: EventUnknown for an unknown first event."""
        stored = self._log.recorder.select_positions(after, BATCH)
        known = list(takewhile(is_known, stored))
        if stored and not known:
            raise EventUnknown
        opened = self._log.events.open(known)
        return [RecordedEvent(event.position, opened[at]) for at, event in enumerate(known)]

    def _advance_all(self, connection: Connection, work: list[_Work]) -> None:
        changes = [(rows, events, rows.changes(connection, events)) for rows, events in work]
        with self._backend.pipeline(connection):
            for rows, events, changed in changes:
                rows.store(connection, changed)
                self._positions.place(connection, rows.projection.name, events[-1].position)

    def _advance_each(self, connection: Connection, work: list[_Work]) -> None:
        for rows, events in work:
            if self._failure(connection, rows, events) is None:
                self._positions.place(connection, rows.projection.name, events[-1].position)
            else:
                self._stop_at_failing_event(connection, rows, events)

    def _stop_at_failing_event(
        self, connection: Connection, rows: ReadRows, events: Sequence[RecordedEvent]
    ) -> None:
        """Project the events before the first event that fails twice, and stop the projection there."""
        name = rows.projection.name
        for one in events:
            error = self._failure(connection, rows, [one]) and self._failure(connection, rows, [one])
            if error is not None:
                failure = error_class_name(error)
                logger("brugerbog.projections").error(
                    "projection_stopped", projection=name, position=one.position, failure=failure
                )
                self._positions.stop(connection, name, failure, failed_at=one.position)
                self._stale.reset()
                return
            self._positions.place(connection, name, one.position)

    def _failure(
        self, connection: Connection, rows: ReadRows, events: Sequence[RecordedEvent]
    ) -> Exception | None:
        """Project events into one table; on a failure of the events, project none and return the error.

        Raises: errors that aren't failures of the events.
        """
        try:
            with connection.begin_nested():
                rows.store(connection, rows.changes(connection, events))
        except Exception as error:
            if not is_event_failure(error):
                raise
            return error
        return None
