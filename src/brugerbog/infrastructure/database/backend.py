"""What SQLite and PostgreSQL have in common here: connections and transactions."""

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

_KEPT: Final = 8
"""So many connections stay open for the next user: as many as are at work at once under a mixed load."""

LOGGING_NAME: Final = "brugerbog"
"""Our engines' part of SQLAlchemy's log, so that no other engine of an embedding application is touched."""


def suppress_row_logging(engine: Engine) -> None:
    """Keep what SQLAlchemy logs at DEBUG to itself: whole rows, and names stand in some of them."""
    logging.getLogger(f"sqlalchemy.engine.Engine.{engine.logging_name}").addFilter(_is_no_row)


def _is_no_row(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


class TableInUse(Exception):
    """A read table can't be replaced just now: somebody is reading it."""


class Backend(Protocol):
    """A database with room for the log, the keys and the read tables.

    `has_single_database` says that all three lie in one, so that one transaction spans them.
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
        """Whether it lies where nothing can be written."""
        ...

    @property
    def files(self) -> Sequence[Path]:
        """The files that it all lies in, where it lies in files of ours."""
        ...

    @property
    def can_access_read_tables(self) -> bool:
        """Whether this process may ask and change the read tables.

        On PostgreSQL nobody may who could become the owner of the log, where the tables are another role's.
        """
        ...

    def write_transaction(
        self, engine: Engine, *, replicated: bool = True
    ) -> AbstractContextManager[Connection]:
        """A transaction that nobody else's write can come between; committed on leaving, else rolled back.

        One that isn't `replicated` doesn't wait for a synchronous standby: for what may be lost.
        Raises: OperationalError when a deadline of the current workload passes and nothing was done;
        CommitUnknown when it passes, or the server goes, during the commit.
        """
        ...

    def probe_write(self) -> None:
        """Do what every command does, without changing anything: lock the head, write, and commit.

        Raises: what `write_transaction` raises.
        """
        ...

    def read_connection(self, engine: Engine) -> AbstractContextManager[Connection]:
        """A connection on which each `Statement` is a transaction of its own."""
        ...

    def pipeline(self, connection: Connection) -> AbstractContextManager[object]:
        """What is executed in here goes to the server together; its errors come at the end."""
        ...

    def is_prepared(self) -> bool:
        """Whether the store has its tables."""
        ...

    def has_keys(self) -> bool:
        """Whether there is a place where the keys of a prepared store are."""
        ...

    def has_read_tables(self) -> bool:
        """Whether there is a place where the read tables may be; looking makes none."""
        ...

    def schema_transaction(self, engine: Engine) -> AbstractContextManager[Connection]:
        """A transaction in which tables may be made, while no other process makes them."""
        ...

    def rebuild_lock(self, *, wait: bool) -> AbstractContextManager[bool]:
        """Be the only one, of all processes, who builds read tables; freed when a process dies.

        Hands out whether one is: without `wait` another may be.
        """
        ...

    def replace(self, connection: Connection, old: Table, new: Table) -> None:
        """Drop a read table and give another its name and place, in this transaction.

        Raises: TableInUse when somebody reads the old one for longer than others should be held up.
        """
        ...

    def create_reporting_views(self) -> None:
        """Make the views for reporting tools, or renew them.

        Raises: ReportingNeedsServer, ReportingNotSetUp.
        """
        ...

    def key_rotation_lock(self) -> AbstractContextManager[bool]:
        """Hold the lock of key changes, of all processes. Yield whether it is held, without waiting."""
        ...

    def purge_deleted(self) -> None:
        """Let go of old copies of what was deleted, as far as the engine can."""
        ...

    def vacuum(self) -> None:
        """Write anew every file in which something deleted may still lie; it stops others meanwhile."""
        ...

    def connections(self) -> tuple[int, int]:
        """How many connections of this process are busy, and how many idle."""
        ...

    def close(self) -> None: ...


class ConnectionCache:
    """A few open connections, handed on from user to user; a pool's own checks cost more than a statement.

    Each keeps the deadlines that it was last set to, and `tune` sets it to those of another workload.
    """

    def __init__(self, engine: Engine, tune: Callable[[Any, Workload], None]) -> None:
        self._engine = engine
        self._tune = tune
        self._idle: dict[Workload, list[Connection]] = {workload: [] for workload in Workload}
        self._is_over = False

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection in no transaction; when anything goes wrong on it, it is not used again."""
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
        if self._is_over:
            # Somebody was still at work when all was closed.
            connection.invalidate()
            connection.close()
        elif self.idle < _KEPT:
            self._idle[workload].append(connection)
        else:
            connection.close()

    def _take(self, workload: Workload) -> Connection:
        """One that is set to this workload; else another one, set to it now; else a new one."""
        for of in (workload, *self._idle):
            with suppress(IndexError):
                connection = self._idle[of].pop()
                if of is not workload:
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
        """How many are open and in nobody's hands."""
        return sum(map(len, self._idle.values()))

    def end(self) -> None:
        """Close all for good: those in use as soon as they come back."""
        self._is_over = True
        self.close()

    def close(self) -> None:
        """Close those that nobody uses, really and not only back into the pool."""
        for connections in self._idle.values():
            while connections:
                connection = connections.pop()
                connection.invalidate()
                connection.close()
