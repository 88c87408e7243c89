"""Maintenance of the read tables: creating them, and rebuilding those of another version or another log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from brugerbog.application.commands.transactions import refuse_in_transaction
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.projections.error_classification import error_class_name
from brugerbog.infrastructure.projections.positions import OK, ProjectionPositions, positions
from brugerbog.infrastructure.projections.rebuild import TableRebuild
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.projections.read_rows import ReadRows
    from brugerbog.infrastructure.projections.staleness import StaleTables


class ReadTableMaintenance:
    """Creates and rebuilds read tables."""

    def __init__(
        self,
        backend: Backend,
        log: BrugerbogLog,
        rows: Mapping[str, ReadRows],
        positions: ProjectionPositions,
        stale: StaleTables,
    ) -> None:
        self._backend = backend
        self._log = log
        self._rows = rows
        self._positions = positions
        self._stale = stale
        self._rebuild = TableRebuild(backend, log, rows, positions)

    def prepare(self) -> None:
        """Create missing read tables, and rebuild tables of another version or another log."""
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
        self._bind_to_log()
        for name, row in known.items():
            if name in self._rows and row.version != self._rows[name].projection.version:
                self._rebuild_or_stop(name)

    def rebuild(self, name: str, progress: Callable[[int], None] | None = None) -> None:
        """Build a table anew from the whole log in a shadow table, which then replaces the old table.

        Queries read the old table until then. A long-running reader of the old table is waited for.
        Raises: what the projection raises, and the old table then stays; NotInTransaction.
        """
        refuse_in_transaction(self._log)
        with self._backend.rebuild_lock(wait=True):
            self._rebuild.run(name, progress)
        self._stale.reset()

    def digests(self, name: str) -> tuple[str, str]:
        """Return the digests of the live table and of a table built anew, at the same position.

        Raises: what the projection raises; NotInTransaction.
        """
        refuse_in_transaction(self._log)
        with self._backend.rebuild_lock(wait=True):
            return self._rebuild.digests(name)

    def rebuild_tables_of_another_log(self) -> None:
        """Rebuild all tables if they hold events that the log lacks, as after a restore of the log alone."""
        if self._are_of_this_log():
            return
        with self._backend.rebuild_lock(wait=True):
            # Another process may have rebuilt them meanwhile.
            if self._are_of_this_log():
                return
            logger("brugerbog.projections").warning("read_tables_of_another_log")
            for name in self._rows:
                self._rebuild_or_stop(name, alone=True, position=0)
            with self._backend.write_transaction(self._backend.read) as connection:
                locked = self._positions.locked(connection)
                least = min((position for position, _ in locked.values()), default=0)
                self._positions.follow_anew(connection, least)

    def _bind_to_log(self) -> None:
        """Rebuild tables of another log, and record the log's id where it isn't recorded yet."""
        self.rebuild_tables_of_another_log()
        with self._backend.write_transaction(self._backend.read) as connection:
            locked = self._positions.locked(connection)
            if not self._positions.is_bound(connection):
                least = min((position for position, _ in locked.values()), default=0)
                self._positions.follow_anew(connection, least)

    def _are_of_this_log(self) -> bool:
        with self._backend.write_transaction(self._backend.read) as connection:
            self._positions.locked(connection)
            return self._positions.are_of_this_log(connection)

    def _rebuild_or_stop(self, name: str, *, alone: bool = False, **stopped: int) -> None:
        """Rebuild a table; a projection that fails is stopped, and the others continue.

        With `alone`, the caller holds the lock for rebuilding. `stopped` are values of the position's row in
        case of failure.
        """
        try:
            if alone:
                self._rebuild.run(name, None)
            else:
                self.rebuild(name)
        except (SQLAlchemyError, MemoryError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - any error of a projection stops that one, visibly
            failure = error_class_name(error)
            logger("brugerbog.projections").error("projection_stopped", projection=name, failure=failure)
            with self._backend.write_transaction(self._backend.read) as connection:
                self._positions.stop(connection, name, failure, **stopped)
