"""Runs the projections: reads events after each one's position, and moves rows and position together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Integer, Table, Text, bindparam, case, insert, inspect, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateTable

from brugerbog.application.watching import Kind, Work
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.read_rows import SHADOW, ReadRows, rows_of, shadow_of
from brugerbog.infrastructure.store.backend import TableInUse
from brugerbog.infrastructure.store.mapper import class_of
from brugerbog.infrastructure.store.statements import Statement
from brugerbog.projections.columns import INSTANT
from brugerbog.projections.projection import Recorded, read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from brugerbog.application.watching import Observer
    from brugerbog.infrastructure.store.backend import Backend
    from brugerbog.infrastructure.store.log import BrugerbogLog
    from brugerbog.infrastructure.store.mapper import LoggedEvent
    from brugerbog.projections.projection import Projection

    _Todo = tuple[ReadRows, Sequence[Recorded]]

BATCH: Final = 1000
BREATH: Final = 2.0
"""Seconds to let others work between two tries to replace a table that is being read."""

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

    def __init__(
        self, backend: Backend, log: BrugerbogLog, projections: Sequence[Projection], observer: Observer
    ) -> None:
        self._backend = backend
        self._log = log
        self._rows = {projection.name: rows_of(projection, backend) for projection in projections}
        self._observer = observer
        self._reached = 0
        self._turn = Lock()
        self._lock = Statement(
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

    def prepare(self) -> None:
        """Make read tables that are missing, and rebuild those whose projection has changed its mind."""
        with self._backend.preparing(self._backend.read) as connection:
            read_tables.create_all(connection)
            known = {row.name: row for row in connection.execute(select(positions))}
            for name, rows in self._rows.items():
                if name not in known:
                    connection.execute(
                        insert(positions).values(
                            name=name, version=rows.projection.version, position=0, state=OK
                        )
                    )
        self._clear_up()
        for name, row in known.items():
            if name in self._rows and row.version != self._rows[name].projection.version:
                self._renew(name)

    def _clear_up(self) -> None:
        """Undo what builders that died have left: their tables, and that they are said to be at work."""
        with self._backend.building(wait=False) as alone:
            if not alone:
                return
            with self._backend.writing(self._backend.read) as connection:
                for name in inspect(connection).get_table_names():
                    if SHADOW in name:
                        connection.exec_driver_sql(f'DROP TABLE "{name}"')
                stood = positions.c.failure.is_not(None)
                connection.execute(
                    update(positions)
                    .where(positions.c.state == REBUILDING)
                    .values(state=case((stood, FAILED), else_=OK))
                )

    def _renew(self, name: str) -> None:
        """Rebuild for a new version; one that can't be built stops, and the others go on."""
        try:
            self.rebuild(name)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever poisons a projection stops that one, visibly
            failure = type(error).__name__
            logger(__name__).error("projection_stopped", projection=name, failure=failure)
            with self._backend.writing(self._backend.read) as connection:
                connection.execute(
                    update(positions).where(positions.c.name == name).values(state=FAILED, failure=failure)
                )

    def catch_up(self) -> int:
        """Bring every healthy projection to the end of the log; returns the log's last position then."""
        end = self._log.recorder.max_notification_id() or 0
        if end < self._reached:
            self._reached = 0
        # One thread at a time: those who wait hold no connection that the one at work may need.
        with self._turn:
            while self._reached < end:
                try:
                    self._reached = self._go_on(end, self._advance_all)
                except OperationalError:
                    raise
                except Exception:  # noqa: BLE001 - one of them is poisoned; which one shows when each goes alone
                    self._reached = self._go_on(end, self._advance_each)
        return end

    @property
    def reached(self) -> int:
        """The position to which this runner knows the read tables to have come."""
        return self._reached

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

    def is_ready(self, name: str, position: int) -> bool:
        """Whether a projection may be acted upon: it has come to a position, and nothing is wrong with it."""
        standing = next(one for one in self.status() if one.name == name)
        return standing.state == OK and standing.position >= position

    def rebuild(self, name: str, *, progress: Callable[[int], None] | None = None) -> None:
        """Build a projection anew from the whole log in a shadow table, then put it in place at one stroke.

        Questions are answered from the old table until then; one that takes long is waited for.
        Raises: what the projection raises; the old table then stays.
        """
        with self._backend.building(wait=True):
            self._rebuild(name, progress)

    def _rebuild(self, name: str, progress: Callable[[int], None] | None) -> None:
        live, shadow = self._rows[name], self._new_shadow(name)
        before = self._mark(name, REBUILDING)
        try:
            position = self._fill(shadow, self._log.recorder.max_notification_id() or 0, progress)
            with self._backend.writing(self._backend.read) as connection:
                shadow.make_indexes(connection)
            while not self._put_in_place(live, shadow, position):
                logger(__name__).warning("rebuild_waits_for_readers", projection=name)
                time.sleep(BREATH)
                position = self._fill(shadow, self._log.recorder.max_notification_id() or 0, None, position)
        except BaseException:
            self._mark(name, before)
            self._drop(shadow)
            raise

    def _put_in_place(self, live: ReadRows, shadow: ReadRows, position: int) -> bool:
        """Project what is left, and let a shadow take its table's place; False while somebody reads that."""
        try:
            with self._backend.writing(self._backend.read) as connection:
                self._standing(connection)
                while (reached := self._project_next(connection, shadow, position)) > position:
                    position = reached
                self._backend.replace(connection, live.table, shadow.table)
                self._move(connection, live.projection.name, position, version=live.projection.version)
        except TableInUse:
            return False
        return True

    def digests(self, name: str) -> tuple[str, str]:
        """The digests of the live table and of one built anew from the log, at the same position."""
        with self._backend.building(wait=True):
            return self._digests(name)

    def _digests(self, name: str) -> tuple[str, str]:
        live, shadow = self._rows[name], self._new_shadow(name)
        try:
            with self._backend.read.connect() as connection:
                reached = connection.execute(select(positions.c.position).where(positions.c.name == name))
                until = reached.scalar_one()
            position = self._fill(shadow, until, None)
            with self._backend.writing(self._backend.read) as connection:
                until, _ = self._standing(connection)[name]
                while position < until:
                    position = self._project_next(connection, shadow, position, until)
                return live.digest(connection), shadow.digest(connection)
        finally:
            self._drop(shadow)

    def _new_shadow(self, name: str) -> ReadRows:
        live = self._rows[name]
        table = shadow_of(live.table)
        with self._backend.writing(self._backend.read) as connection:
            connection.execute(CreateTable(table))
        return rows_of(live.projection, self._backend, table)

    def _fill(
        self, shadow: ReadRows, until: int, progress: Callable[[int], None] | None, position: int = 0
    ) -> int:
        """Project the log into a shadow up to a position, batch by batch; returns the position reached."""
        while position < until:
            with self._backend.writing(self._backend.read) as connection:
                position = self._project_next(connection, shadow, position, until)
            if progress is not None:
                progress(position)
        return position

    def _drop(self, shadow: ReadRows) -> None:
        with self._backend.writing(self._backend.read) as connection:
            shadow.table.drop(connection, checkfirst=True)

    def _fresh(self, after: int) -> list[Recorded]:
        return [Recorded(position, event) for position, event in self._log.fresh.take(after)]

    def _read(self, after: int) -> list[Recorded]:
        return self._opened(self._log.recorder.select_positions(after, BATCH))

    def _opened(self, stored: Sequence[LoggedEvent]) -> list[Recorded]:
        opened = self._log.events.open(stored)
        return [Recorded(event.position, opened[at]) for at, event in enumerate(stored)]

    def _project_next(
        self, connection: Connection, rows: ReadRows, after: int, until: int | None = None
    ) -> int:
        """Project the next batch, opening only what the projection is about; returns the position reached."""
        limit = BATCH if until is None else min(BATCH, until - after)
        stored = self._log.recorder.select_positions(after, limit)
        recorded = self._opened([one for one in stored if class_of(one.topic) in rows.concerns])
        rows.store(connection, rows.changes(connection, recorded))
        return stored[-1].position if stored else after

    def _go_on(self, end: int, advance: Callable[[Connection, list[_Todo]], None]) -> int:
        """Take the healthy projections through the next batch; returns the position they have all reached."""
        with (
            self._observer.over(Work(Kind.BATCH, "projections")),
            self._backend.writing(self._backend.read) as connection,
        ):
            standing = self._standing(connection)
            healthy = {name: position for name, (position, state) in standing.items() if state != FAILED}
            after = min(healthy.values(), default=end)
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
        return recorded[-1].position

    def _advance_all(self, connection: Connection, todo: list[_Todo]) -> None:
        changes = [(rows, some, rows.changes(connection, some)) for rows, some in todo]
        with self._backend.at_one_go(connection):
            for rows, some, changed in changes:
                rows.store(connection, changed)
                self._place.run(connection, at=some[-1].position, of=rows.projection.name)

    def _advance_each(self, connection: Connection, todo: list[_Todo]) -> None:
        for rows, some in todo:
            try:
                with connection.begin_nested():
                    rows.store(connection, rows.changes(connection, some))
            except OperationalError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever poisons a projection stops that one, visibly
                self._stop_at_poison(connection, rows, some, error)
            else:
                self._move(connection, rows.projection.name, some[-1].position)

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
                    rows.store(connection, rows.changes(connection, [one]))
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

    def _standing(self, connection: Connection) -> dict[str, tuple[int, str]]:
        """Where the projections stand; whoever reads this last in a transaction waits for the others."""
        return {
            name: (position, state)
            for name, position, state in self._lock.run(connection).fetchall()
            if name in self._rows
        }

    def _move(self, connection: Connection, name: str, position: int, **also: object) -> None:
        values: dict[str, object] = {"position": position, **also}
        if also:
            values |= {"state": OK, "failed_at": None, "failure": None}
        connection.execute(update(positions).where(positions.c.name == name).values(**values))

    def _mark(self, name: str, state: str) -> str:
        """Set a projection's state; returns the one before."""
        with self._backend.writing(self._backend.read) as connection:
            before: str = connection.execute(
                select(positions.c.state).where(positions.c.name == name).with_for_update()
            ).scalar_one()
            connection.execute(update(positions).where(positions.c.name == name).values(state=state))
        return before
