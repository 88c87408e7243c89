"""Positions of the read tables in the log, stored with the rows and updated in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, Integer, Table, Text, bindparam, case, insert, select, update

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.infrastructure.database.schema import events, head
from brugerbog.infrastructure.database.statements import Statement
from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from sqlalchemy import Connection, Row

    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.projections.projection import RecordedEvent

OK: Final = "ok"
REBUILDING: Final = "rebuilding"
FAILED: Final = "failed"

positions = Table(
    "positions",
    read_tables,
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", INSTANT, nullable=False),
    Column("state", Text, nullable=False),
    Column("failed_at", INSTANT),
    Column("failure", Text),
)

followed_log = Table(
    "followed_log",
    read_tables,
    Column("log_id", Uid, primary_key=True),
    Column("position", INSTANT, nullable=False),
    Column("stream_id", Uid),
    Column("version", Integer),
    Column("recorded_at", INSTANT),
    Column("command_id", Uid),
)
"""The id of the log that the read tables are projected from, and the last projected event.

The event is needed because a log that was restored and has grown again has other events at the same
positions. The event columns are NULL at position 0, when nothing is projected.
"""

_EVENT: Final = (events.c.stream_id, events.c.version, events.c.recorded_at, events.c.command_id)
_NO_EVENT: Final = (None, None, None, None)


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """The position and state of a projection: `lag` is in events, `failure` an error's class name."""

    name: str
    position: int
    lag: int
    state: str
    failed_at: int | None
    failure: str | None

    @property
    def has_stopped(self) -> bool:
        """Whether the projection is stopped until it is rebuilt."""
        return self.state == FAILED


class ProjectionPositions:
    """Reads and updates the positions of projections."""

    def __init__(self, backend: Backend, names: Collection[str]) -> None:
        self._backend = backend
        self._names = names
        self._locked = Statement(
            select(positions.c.name, positions.c.position, positions.c.state)
            .order_by(positions.c.name)
            .with_for_update(),
            backend.read,
        )
        self._place = Statement(
            update(positions)
            .where(positions.c.name == bindparam("of"))
            .values(position=bindparam("at", type_=INSTANT)),
            backend.read,
        )
        self._follow = Statement(
            update(followed_log)
            .where(followed_log.c.position < bindparam("before", type_=INSTANT))
            .values(
                position=bindparam("at", type_=INSTANT),
                stream_id=bindparam("of_stream", type_=Uid),
                version=bindparam("of_version", type_=Integer()),
                recorded_at=bindparam("recorded", type_=INSTANT),
                command_id=bindparam("by_command", type_=Uid),
            ),
            backend.read,
        )

    def locked(self, connection: Connection) -> dict[str, tuple[int, str]]:
        """Return the position and state of each projection, locked until the end of the transaction."""
        return {
            name: (position, state)
            for name, position, state in self._locked.run(connection).fetchall()
            if name in self._names
        }

    def place(self, connection: Connection, name: str, position: int) -> None:
        """Store a projection's position."""
        self._place.run(connection, at=position, of=name)

    def follow(self, connection: Connection, last: RecordedEvent) -> None:
        """Store the last projected event, unless a later one is stored."""
        event = last.event
        self._follow.run(
            connection,
            before=last.position,
            at=last.position,
            of_stream=event.originator_id,
            of_version=event.originator_version,
            recorded=microseconds(event.timestamp),
            by_command=event.command_id,
        )

    def stop(self, connection: Connection, name: str, failure: str, **also: int) -> None:
        """Store that a projection has failed and is stopped."""
        self._set(connection, name, state=FAILED, failure=failure, **also)

    def mark_built(self, connection: Connection, name: str, position: int, version: int) -> None:
        """Store the position and version of a rebuilt table, and that it is healthy."""
        self._set(
            connection, name, position=position, version=version, state=OK, failed_at=None, failure=None
        )

    def mark(self, name: str, state: str) -> str:
        """Store a projection's state; return the previous state."""
        with self._backend.write_transaction(self._backend.read) as connection:
            before: str = connection.execute(
                select(positions.c.state).where(positions.c.name == name).with_for_update()
            ).scalar_one()
            self._set(connection, name, state=state)
        return before

    def clear_rebuilding(self, connection: Connection) -> None:
        """Reset the state of tables whose rebuild was interrupted."""
        failed = positions.c.failure.is_not(None)
        connection.execute(
            update(positions)
            .where(positions.c.state == REBUILDING)
            .values(state=case((failed, FAILED), else_=OK))
        )

    def _set(self, connection: Connection, name: str, **values: object) -> None:
        connection.execute(update(positions).where(positions.c.name == name).values(**values))

    def are_of_this_log(self, connection: Connection) -> bool:
        """Return whether the log has the events in the tables; False if it was restored, or is another log.

        Two reads by key of the read tables, two of the log.
        """
        rows = connection.execute(select(positions.c.name, positions.c.position)).all()
        followed = connection.execute(select(followed_log)).one_or_none()
        # The log is read last: it only grows, so it contains the projected events.
        with self._backend.log.connect() as log:
            log_id, size = log.execute(select(head.c.log_id, head.c.size)).one()
            reached = max((position for name, position in rows if name in self._names), default=0)
            if followed is None:
                return bool(reached <= size)
            if followed.log_id != log_id or max(reached, followed.position) > size:
                return False
            return bool(_event_at(log, followed.position) == tuple(followed)[2:])

    def follow_anew(self, connection: Connection, position: int) -> None:
        """Store the log's id and the event at a position as those of the tables."""
        with self._backend.log.connect() as log:
            log_id: UUID = log.execute(select(head.c.log_id)).scalar_one()
            names = _event_at(log, position)
        connection.execute(followed_log.delete())
        row = zip(followed_log.columns.keys(), (log_id, position, *names), strict=True)
        connection.execute(insert(followed_log).values(dict(row)))

    def is_bound(self, connection: Connection) -> bool:
        """Return whether the log's id is stored; earlier versions of Brugerbog didn't store it."""
        return connection.execute(select(followed_log.c.log_id)).first() is not None

    def rows(self) -> list[Row[Any]]:
        """Return all rows in order of name."""
        with self._backend.read_connection(self._backend.read) as connection:
            return list(connection.execute(select(positions).order_by(positions.c.name)).all())

    def status(self, end: int) -> list[ProjectionStatus]:
        """Return the status of each projection, with the log's end at a position."""
        return [
            ProjectionStatus(
                row.name, row.position, max(0, end - row.position), row.state, row.failed_at, row.failure
            )
            for row in self.rows()
        ]


def _event_at(log: Connection, position: int) -> tuple[Any, ...]:
    found = log.execute(select(*_EVENT).where(events.c.position == position)).one_or_none()
    return _NO_EVENT if found is None else tuple(found)
