"""Runs the projections: reads events after each one's position, and moves rows and position together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, Integer, Table, Text, insert, select, update
from sqlalchemy.exc import OperationalError

from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.read_rows import ReadRows, shadow_of
from brugerbog.projections.columns import INSTANT
from brugerbog.projections.projection import Recorded, read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from brugerbog.infrastructure.store.backend import Backend
    from brugerbog.infrastructure.store.log import BrugerbogLog
    from brugerbog.projections.projection import Projection, Row

BATCH: Final = 1000
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


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """How a projection stands: `lag` counts events not yet in it; `failure` names the error's kind only."""

    name: str
    position: int
    lag: int
    state: str
    failed_at: int | None
    failure: str | None


class Runner:
    """Keeps the read tables up with the log; any number of runners may run at once."""

    def __init__(self, backend: Backend, log: BrugerbogLog, projections: Sequence[Projection]) -> None:
        self._backend = backend
        self._log = log
        self._rows = {projection.name: ReadRows(projection, backend) for projection in projections}

    def prepare(self) -> None:
        """Make read tables that are missing, and rebuild those whose projection has changed its mind."""
        with self._backend.writing(self._backend.read) as connection:
            read_tables.create_all(connection)
            known = {row.name: row for row in connection.execute(select(positions))}
            for name, rows in self._rows.items():
                if name not in known:
                    connection.execute(
                        insert(positions).values(
                            name=name, version=rows.projection.version, position=0, state=OK
                        )
                    )
        for name, row in known.items():
            if name in self._rows and row.version != self._rows[name].projection.version:
                self.rebuild(name)

    def catch_up(self) -> int:
        """Bring every healthy projection to the end of the log; returns the log's last position then."""
        while True:
            with self._backend.writing(self._backend.read) as connection:
                standing = self._standing(connection)
                healthy = {name: row.position for name, row in standing.items() if row.state != FAILED}
                end = self._log.recorder.max_notification_id() or 0
                after = min(healthy.values(), default=end)
                if after >= end:
                    return end
                recorded = self._read(after)
                for name, position in healthy.items():
                    self._advance(connection, self._rows[name], recorded, position)

    def status(self) -> list[ProjectionStatus]:
        """How each projection stands."""
        with self._backend.read.connect() as connection:
            rows = connection.execute(select(positions).order_by(positions.c.name)).all()
        end = self._log.recorder.max_notification_id() or 0
        return [
            ProjectionStatus(
                row.name, row.position, max(0, end - row.position), row.state, row.failed_at, row.failure
            )
            for row in rows
        ]

    def rebuild(self, name: str, *, progress: Callable[[int], None] | None = None) -> None:
        """Build a projection anew from the whole log in a shadow table, then put it in place at one stroke.

        Questions are answered from the old table until then. Raises: what the projection raises; the old
        table then stays.
        """
        live = self._rows[name]
        self._mark(name, REBUILDING)
        try:
            shadow, position = self._build_shadow(live, progress)
            with self._backend.writing(self._backend.read) as connection:
                self._standing(connection)
                while recorded := self._read(position):
                    position = self._project(connection, shadow, recorded)
                live.table.drop(connection)
                connection.exec_driver_sql(f'ALTER TABLE "{shadow.table.name}" RENAME TO "{live.table.name}"')
                self._move(connection, name, position, version=live.projection.version)
        except BaseException:
            self._mark(name, OK)
            raise

    def digests(self, name: str) -> tuple[str, str]:
        """The digests of the live table and of one built anew from the log, at the same position."""
        live = self._rows[name]
        shadow, position = self._build_shadow(live, None)
        with self._backend.writing(self._backend.read) as connection:
            reached = self._standing(connection)[name].position
            while position < reached:
                recorded = [one for one in self._read(position) if one.position <= reached]
                position = self._project(connection, shadow, recorded)
            found = live.digest(connection), shadow.digest(connection)
            shadow.table.drop(connection)
        return found

    def _build_shadow(self, live: ReadRows, progress: Callable[[int], None] | None) -> tuple[ReadRows, int]:
        table = shadow_of(live.table)
        with self._backend.writing(self._backend.read) as connection:
            table.drop(connection, checkfirst=True)
            table.create(connection)
        shadow, position = ReadRows(live.projection, self._backend, table), 0
        while recorded := self._read(position):
            if len(recorded) < BATCH and position:
                break
            with self._backend.writing(self._backend.read) as connection:
                position = self._project(connection, shadow, recorded)
            if progress is not None:
                progress(position)
        return shadow, position

    def _read(self, after: int) -> list[Recorded]:
        stored = self._log.recorder.select_positions(after, BATCH)
        opened = self._log.events.open(stored)
        return [Recorded(event.position, opened[at]) for at, event in enumerate(stored)]

    def _advance(
        self, connection: Connection, rows: ReadRows, recorded: Sequence[Recorded], position: int
    ) -> None:
        todo = [one for one in recorded if one.position > position]
        if not todo:
            return
        try:
            with connection.begin_nested():
                self._project(connection, rows, todo)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever poisons a projection stops that one, visibly
            self._stop_at_poison(connection, rows, todo, error)
        else:
            self._move(connection, rows.projection.name, todo[-1].position)

    def _stop_at_poison(
        self, connection: Connection, rows: ReadRows, todo: Sequence[Recorded], error: Exception
    ) -> None:
        """Project what comes before the event that can't be, and stop there."""
        name = rows.projection.name
        poison = todo[0].position
        for one in todo:
            poison = one.position
            try:
                with connection.begin_nested():
                    self._project(connection, rows, [one])
            except OperationalError:
                raise
            except Exception as found:  # noqa: BLE001 - as above
                error = found
                break
            self._move(connection, name, one.position)
        failure = type(error).__name__
        logger(__name__).error("projection_stopped", projection=name, position=poison, failure=failure)
        connection.execute(
            update(positions)
            .where(positions.c.name == name)
            .values(state=FAILED, failed_at=poison, failure=failure)
        )

    def _project(self, connection: Connection, rows: ReadRows, recorded: Sequence[Recorded]) -> int:
        """Apply events to the rows of their streams; returns the last position."""
        entered = {one.event.originator_id for one in recorded if one.event.originator_version == 1}
        touched = {one.event.originator_id for one in recorded}
        before = rows.load(connection, touched - entered)
        after: dict[UUID, list[Row]] = {}
        apply = rows.projection.apply
        for one in recorded:
            stream_id: Any = one.event.originator_id
            known = after.get(stream_id)
            if known is None:
                known = before.get(stream_id, [])
            after[stream_id] = apply(known, one)
        rows.store(connection, before, after)
        return recorded[-1].position

    def _standing(self, connection: Connection) -> dict[str, Any]:
        """Where the projections stand; whoever reads this last in a transaction waits for the others."""
        rows = connection.execute(select(positions).order_by(positions.c.name).with_for_update())
        return {row.name: row for row in rows if row.name in self._rows}

    def _move(self, connection: Connection, name: str, position: int, **also: object) -> None:
        values: dict[str, object] = {"position": position, **also}
        if also:
            values |= {"state": OK, "failed_at": None, "failure": None}
        connection.execute(update(positions).where(positions.c.name == name).values(**values))

    def _mark(self, name: str, state: str) -> None:
        with self._backend.writing(self._backend.read) as connection:
            connection.execute(update(positions).where(positions.c.name == name).values(state=state))
