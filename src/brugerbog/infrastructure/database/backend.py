"""The port of the database engines: connections, transactions and locks of a store."""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from brugerbog.infrastructure.database.deadlines import Workload, current_workload
from brugerbog.infrastructure.database.statements import raise_as_sqlalchemy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Table

_CACHED: Final = 8
"""The largest number of idle connections: as many as are busy at once under a mixed load."""

LOGGING_NAME: Final = "brugerbog"
"""The logging name of our engines, so that other engines of an embedding application are not affected."""


def suppress_row_logging(engine: Engine) -> None:
    """Suppress SQLAlchemy's log records of level DEBUG, which contain whole rows with personal data."""
    logging.getLogger(f"sqlalchemy.engine.Engine.{engine.logging_name}").addFilter(_is_above_debug)


def _is_above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


class TableInUse(Exception):
    """A read table can't be replaced while a query reads it."""


class Backend(Protocol):
    """The database, or databases, of a store: log, keys and read tables.

    With `has_single_database`, one transaction spans all three.
    """

    @property
    def log(self) -> Engine: ...

    @property
    def keys(self) -> Engine: ...

    @property
    def read(self) -> Engine: ...

    @property
    def has_single_database(self) -> bool: ...

    @property
    def is_read_only(self) -> bool:
        """Whether the store is on a read-only disk."""
        ...

    @property
    def files(self) -> Sequence[Path]:
        """The files of the store; none on a database server or in memory."""
        ...

    @property
    def can_access_read_tables(self) -> bool:
        """Whether this process may read and write the read tables.

        On PostgreSQL, where the read tables belong to another role, no session that could become the owner of
        the log may.
        """
        ...

    def write_transaction(
        self, engine: Engine, *, replicated: bool = True
    ) -> AbstractContextManager[Connection]:
        """Yield the connection of a write transaction, committed at the end of the block or rolled back.

        A transaction that isn't `replicated` doesn't wait for a synchronous standby and may be lost.
        Raises: OperationalError when a deadline of the current workload passes and nothing was done;
        CommitUnknown when it passes, or the server goes, during the commit.
        """
        ...

    def probe_write(self) -> None:
        """Lock the head, write and commit as every command does, without changing anything.

        Raises: as `write_transaction`.
        """
        ...

    def read_connection(self, engine: Engine) -> AbstractContextManager[Connection]:
        """Yield a connection on which every `Statement` is a transaction of its own."""
        ...

    def pipeline(self, connection: Connection) -> AbstractContextManager[object]:
        """Send the statements of the block to the server together; errors are raised at its end."""
        ...

    def is_prepared(self) -> bool:
        """Return whether the store has its tables."""
        ...

    def has_keys(self) -> bool:
        """Return whether the database of the keys exists."""
        ...

    def has_read_tables(self) -> bool:
        """Return whether the database of the read tables exists, without creating it."""
        ...

    def schema_transaction(self, engine: Engine) -> AbstractContextManager[Connection]:
        """Yield the connection of a transaction that may create tables, while no other process does."""
        ...

    def rebuild_lock(self, *, wait: bool) -> AbstractContextManager[bool]:
        """Hold the lock of rebuilds, of all processes; it is released when its process dies.

        Yields whether the lock is held: without `wait`, another process may hold it.
        """
        ...

    def replace(self, connection: Connection, old: Table, new: Table) -> None:
        """Drop a read table and rename another one in its place, in this transaction.

        Raises: TableInUse when a query reads the old table for longer than others may be delayed.
        """
        ...

    def create_reporting_views(self) -> None:
        """Create the views for reporting tools, or replace them.

        Raises: ReportingNeedsServer, ReportingNotSetUp.
        """
        ...

    def key_rotation_lock(self) -> AbstractContextManager[bool]:
        """Hold the lock of key changes, of all processes. Yield whether it is held, without waiting."""
        ...

    def purge_deleted(self) -> None:
        """Remove old copies of deleted rows, as far as the engine can without rewriting files."""
        ...

    def vacuum(self) -> None:
        """Rewrite every file that may still contain deleted rows; other processes wait meanwhile."""
        ...

    def connections(self) -> tuple[int, int]:
        """Return the number of busy and of idle connections of this process."""
        ...

    def close(self) -> None: ...


class ConnectionCache:
    """Open connections for reuse, without the checks of a pool, which cost more than a statement.

    Each connection keeps the deadlines last set on it; `tune` sets those of another workload.
    """

    def __init__(self, engine: Engine, tune: Callable[[Any, Workload], None]) -> None:
        self._engine = engine
        self._tune = tune
        self._idle: dict[Workload, list[Connection]] = {workload: [] for workload in Workload}
        self._is_closed = False

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Yield a connection outside of a transaction; after an error it is not used again."""
        workload = current_workload()
        connection = self._take(workload)
        try:
            yield connection
        except BaseException:
            if connection.invalidated:
                self.close()
            connection.close()
            raise
        if connection.invalidated:
            connection.close()
            return
        if connection.in_transaction():
            connection.rollback()
        if self._is_closed:
            # The cache was closed while the connection was in use.
            connection.invalidate()
            connection.close()
        elif self.idle < _CACHED:
            self._idle[workload].append(connection)
        else:
            connection.close()

    def _take(self, workload: Workload) -> Connection:
        """Return a connection set to this workload, else another one after setting it, else a new one."""
        for other in (workload, *self._idle):
            with suppress(IndexError):
                connection = self._idle[other].pop()
                if other is not workload:
                    self._retune(connection, workload)
                return connection
        return self._engine.connect()

    def _retune(self, connection: Connection, workload: Workload) -> None:
        try:
            self._tune(connection.connection.driver_connection, workload)
        except connection.dialect.loaded_dbapi.Error as error:
            try:
                raise_as_sqlalchemy(error, connection)
            finally:
                connection.close()

    @property
    def idle(self) -> int:
        """The number of idle connections."""
        return sum(map(len, self._idle.values()))

    def end(self) -> None:
        """Close all connections for good; those in use when they are returned."""
        self._is_closed = True
        self.close()

    def close(self) -> None:
        """Close the idle connections, instead of returning them to the pool."""
        for connections in self._idle.values():
            while connections:
                connection = connections.pop()
                connection.invalidate()
                connection.close()
