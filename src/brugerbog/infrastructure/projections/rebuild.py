"""Rebuild of a read table from the log, in a shadow table that then replaces the live table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, select
from sqlalchemy.schema import CreateTable

from brugerbog.infrastructure.database.backend import TableInUse
from brugerbog.infrastructure.event_store.mapper import class_of
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.projections.error_classification import ProjectionRaised
from brugerbog.infrastructure.projections.positions import REBUILDING, ProjectionPositions, positions
from brugerbog.infrastructure.projections.read_rows import SHADOW, ReadRows, rows_of, shadow_of
from brugerbog.projections.projection import RecordedEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.event_store.log import BrugerbogLog

BATCH: Final = 1000
"""The most events in a batch."""

READER_WAIT: Final = 2.0
"""Seconds between two attempts to replace a table that is being read."""


class TableRebuild:
    """Rebuilds one table at a time; the caller holds the lock (`Backend.rebuild_lock`)."""

    def __init__(
        self,
        backend: Backend,
        log: BrugerbogLog,
        rows: Mapping[str, ReadRows],
        positions: ProjectionPositions,
    ) -> None:
        self._backend = backend
        self._log = log
        self._rows = rows
        self._positions = positions

    def run(self, name: str, progress: Callable[[int], None] | None) -> None:
        """Build a table anew in place of the live one. If the projection raises, the live table stays.

        Raises: what the projection raises.
        """
        try:
            self._run(name, progress)
        except ProjectionRaised as error:
            raise (error.__cause__ or error) from None

    def _run(self, name: str, progress: Callable[[int], None] | None) -> None:
        live, shadow = self._rows[name], self._new_shadow(name)
        previous_state = self._positions.mark(name, REBUILDING)
        try:
            position = self._fill(shadow, self._end(), progress)
            with self._backend.write_transaction(self._backend.read) as connection:
                shadow.make_indexes(connection)
            while not self._replace(live, shadow, position):
                logger("brugerbog.projections").warning("rebuild_waits_for_readers", projection=name)
                time.sleep(READER_WAIT)
                position = self._fill(shadow, self._end(), None, position)
        except BaseException:
            self._positions.mark(name, previous_state)
            self._drop(shadow)
            raise

    def _replace(self, live: ReadRows, shadow: ReadRows, position: int) -> bool:
        """Project the remaining events and replace the live table, in one transaction.

        Return False, with nothing changed, if a query reads the live table for too long.
        """
        try:
            with self._backend.write_transaction(self._backend.read) as connection:
                self._positions.locked(connection)
                while (reached := self._project_next(connection, shadow, position)) > position:
                    position = reached
                self._backend.replace(connection, live.table, shadow.table)
                projection = live.projection
                self._positions.mark_built(connection, projection.name, position, projection.version)
        except TableInUse:
            return False
        return True

    def digests(self, name: str) -> tuple[str, str]:
        """Return the digests of the live table and of a table built anew, at the same position."""
        live, shadow = self._rows[name], self._new_shadow(name)
        try:
            with self._backend.read.connect() as connection:
                live_at = select(positions.c.position).where(positions.c.name == name)
                until = connection.execute(live_at).scalar_one()
            position = self._fill(shadow, until, None)
            with self._backend.write_transaction(self._backend.read) as connection:
                until, _ = self._positions.locked(connection)[name]
                while (reached := self._project_next(connection, shadow, position, until)) > position:
                    position = reached
                return live.digest(connection), shadow.digest(connection)
        except ProjectionRaised as error:
            raise (error.__cause__ or error) from None
        finally:
            self._drop(shadow)

    def clear_up(self) -> None:
        """Drop the shadow tables of interrupted rebuilds, and reset the state of their projections."""
        with self._backend.write_transaction(self._backend.read) as connection:
            for name in inspect(connection).get_table_names():
                if SHADOW in name:
                    connection.exec_driver_sql(f'DROP TABLE "{name}"')
            self._positions.clear_rebuilding(connection)

    def _end(self) -> int:
        return self._log.recorder.max_notification_id() or 0

    def _new_shadow(self, name: str) -> ReadRows:
        live = self._rows[name]
        table = shadow_of(live.table)
        with self._backend.schema_transaction(self._backend.read) as connection:
            connection.execute(CreateTable(table))
        return rows_of(live.projection, self._backend, table)

    def _fill(
        self, shadow: ReadRows, until: int, progress: Callable[[int], None] | None, position: int = 0
    ) -> int:
        """Project the events after `position`, up to `until`, into a shadow; return the last position."""
        while position < until:
            with self._backend.write_transaction(self._backend.read) as connection:
                reached = self._project_next(connection, shadow, position, until)
            if reached == position:
                break
            position = reached
            if progress is not None:
                progress(position)
        return position

    def _drop(self, shadow: ReadRows) -> None:
        with self._backend.write_transaction(self._backend.read) as connection:
            shadow.table.drop(connection, checkfirst=True)

    def _project_next(
        self, connection: Connection, rows: ReadRows, after: int, until: int | None = None
    ) -> int:
        """Project the next batch, decrypting only the events that the projection handles.

        Return the last position of the batch, or `after` if there are no more events.
        """
        limit = BATCH if until is None else min(BATCH, until - after)
        stored = self._log.recorder.select_positions(after, limit)
        handled = [one for one in stored if class_of(one.topic) in rows.handles]
        decrypted = self._log.events.open(handled)
        recorded = [RecordedEvent(one.position, decrypted[at]) for at, one in enumerate(handled)]
        rows.store(connection, rows.changes(connection, recorded))
        return stored[-1].position if stored else after
