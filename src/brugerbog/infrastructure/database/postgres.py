"""PostgreSQL 15 or newer, through psycopg 3: log, keys and read tables in one database."""

from __future__ import annotations

import math
import os
from contextlib import contextmanager, suppress
from functools import partial
from socket import SHUT_RDWR, socket
from typing import TYPE_CHECKING, Any, Final

from psycopg.errors import LockNotAvailable
from sqlalchemy import NullPool, create_engine, event, select, text
from sqlalchemy.exc import DBAPIError

from brugerbog.application.refusals.database import ReadTablesOfAnother
from brugerbog.infrastructure.database.backend import (
    LOGGING_NAME,
    ConnectionCache,
    TableInUse,
    suppress_row_logging,
)
from brugerbog.infrastructure.database.connections import count_connections
from brugerbog.infrastructure.database.deadlines import CommitUnknown, Watchdog, current_workload, deadlines
from brugerbog.infrastructure.database.postgres_schemas import Schemas
from brugerbog.infrastructure.database.postgres_session import CONNECT_ARGS, check_server, pin_settings
from brugerbog.infrastructure.database.reporting.views import create_reporting_views, placeholders_of_views
from brugerbog.infrastructure.database.schema import checkpoints, events, head, key_tables, log_tables
from brugerbog.infrastructure.database.statements import raise_as_sqlalchemy
from brugerbog.infrastructure.settings import REQUEST_SECONDS
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import URL, Connection, Engine, Table
    from sqlalchemy.pool import ConnectionPoolEntry

    from brugerbog.infrastructure.database.deadlines import Workload

_SCHEMA_LOCK: Final = 0x42525547
"""The number of an advisory lock, held while tables are created."""

_REBUILD_LOCK: Final = 0x42525548
"""Held while a read table is rebuilt."""


_ROTATION_LOCK: Final = 0x42525549
"""Held while keys are changed."""


_TABLE_LOCK_TIMEOUT: Final = "500ms"
"""A wait for a table delays all other queries; this is less than `deadlock_timeout` of the server."""

_NETWORK: Final[dict[str, Any]] = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Timeouts of libpq for a silent server or network, in seconds, the last in milliseconds.

A URL with one of these parameters overrides it.
"""

_SET_DEADLINES: Final = (
    "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),"
    " set_config('idle_in_transaction_session_timeout', %s, false)"
)
_TUNED_TO: Final = "workload"
_OWNER_OF: Final = text("SELECT relowner::regrole::text FROM pg_class WHERE oid = to_regclass(:name)")


def _nothing() -> None:
    """Do nothing: a connection that was closed while its deadlines were set raises an error itself."""


def _refuse() -> None:
    raise ReadTablesOfAnother


class PostgresBackend:
    """One database, in which the lock of the head's row puts appends in order; nothing else is locked."""

    has_single_database = True
    is_read_only = False
    files = ()

    def __init__(self, url: URL, request_seconds: float = REQUEST_SECONDS) -> None:
        """Raises: as `check_server`; ForeignObjects."""
        self._deadlines = deadlines(request_seconds)
        self._watchdog = Watchdog()
        self.log: Engine = create_engine(
            url,
            pool_size=10,
            max_overflow=32,
            pool_timeout=request_seconds,
            connect_args={name: value for name, value in _NETWORK.items() if name not in url.query}
            | CONNECT_ARGS,
            hide_parameters=True,
            logging_name=LOGGING_NAME,
            use_native_hstore=False,  # else each connection looks for that type, by the search path it finds
        )
        pin_settings(self.log)
        suppress_row_logging(self.log)
        self._schemas = Schemas(self.log, [*log_tables.tables, *key_tables.tables])
        event.listen(self.log, "checkout", self._tune_new)
        if "connect_timeout" not in url.query:
            event.listen(self.log, "do_connect", self._limit_connect)
        self.keys = self.log
        self.read: Engine = self.log.execution_options()
        self._write_connections = ConnectionCache(self.log, self._tune)
        self._read_connections = ConnectionCache(
            self.log.execution_options(isolation_level="AUTOCOMMIT"), self._tune
        )
        try:
            with self.log.connect() as connection:
                self._schemas.check()
                check_server(connection)
        except BaseException:
            self.log.dispose()
            raise
        if not self.can_access_read_tables:
            self.read = create_engine("postgresql+psycopg://", poolclass=NullPool, creator=_refuse)

    @property
    def can_access_read_tables(self) -> bool:
        return self._schemas.can_access_read_tables

    def _tune_new(self, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401 - the driver's
        """Set the deadlines of the current workload on a connection from the pool."""
        workload = current_workload()
        if record.info.get(_TUNED_TO) is not workload:
            self._tune(connection, workload)
            record.info[_TUNED_TO] = workload

    def _tune(self, driver: Any, workload: Workload) -> None:  # noqa: ANN401 - the driver's connection
        """Set the server's deadlines on a connection outside of a transaction."""
        limits = self._deadlines[workload]
        timeouts = [f"{round((each or 0) * 1000)}ms" for each in (limits.statement, limits.lock, limits.idle)]
        with self._watchdog.watching(limits.unit_of_work, partial(_cut, driver), _nothing):
            before, driver.autocommit = driver.autocommit, True
            driver.execute(_SET_DEADLINES, timeouts)
            driver.autocommit = before

    def _limit_connect(
        self, _dialect: object, _record: object, _args: object, parameters: dict[str, Any]
    ) -> None:
        """Limit the time of a new connection to that of the workload."""
        limit = self._deadlines[current_workload()].unit_of_work
        if limit is not None:
            parameters["connect_timeout"] = max(2, min(_NETWORK["connect_timeout"], math.floor(limit)))

    @contextmanager
    def write_transaction(self, engine: Engine, *, replicated: bool = True) -> Iterator[Connection]:
        self._check_access(engine)
        limits = self._deadlines[current_workload()]
        with self._write_connections.connection() as connection:
            driver: Any = connection.connection.driver_connection
            cut = partial(_cut, driver)
            with self._watchdog.watching(limits.unit_of_work, cut, connection.invalidate):
                try:
                    if not replicated:
                        driver.execute("SET LOCAL synchronous_commit TO local")
                    yield connection
                except connection.dialect.loaded_dbapi.Error as error:
                    raise_as_sqlalchemy(error, connection)
                with self._watchdog.watching(limits.commit, cut, connection.invalidate):
                    self._commit(engine, connection, driver)

    def _commit(self, engine: Engine, connection: Connection, driver: Any) -> None:  # noqa: ANN401 - the driver's
        """Raises: CommitUnknown when the server doesn't answer."""
        try:
            engine.dialect.do_commit(driver)
        except connection.dialect.loaded_dbapi.Error as error:
            try:
                raise_as_sqlalchemy(error, connection)
            except DBAPIError:
                if connection.invalidated:
                    raise CommitUnknown("", None, error, hide_parameters=True) from error
                raise

    @contextmanager
    def read_connection(self, engine: Engine) -> Iterator[Connection]:
        self._check_access(engine)
        limits = self._deadlines[current_workload()]
        with self._read_connections.connection() as connection:
            cut = partial(_cut, connection.connection.driver_connection)
            with self._watchdog.watching(limits.unit_of_work, cut, connection.invalidate):
                yield connection

    def probe_write(self) -> None:
        with self.write_transaction(self.log) as connection:
            connection.execute(select(head.c.size).with_for_update()).all()

    def _check_access(self, engine: Engine) -> None:
        """Raises: ReadTablesOfAnother."""
        if engine is self.read and not self.can_access_read_tables:
            raise ReadTablesOfAnother

    @contextmanager
    def pipeline(self, connection: Connection) -> Iterator[None]:
        driver: Any = connection.connection.driver_connection
        try:
            with driver.pipeline():
                yield
        except connection.dialect.loaded_dbapi.Error as error:
            raise_as_sqlalchemy(error, connection)

    def is_prepared(self) -> bool:
        with self.log.connect() as connection:
            return connection.dialect.has_table(connection, "head")

    def has_keys(self) -> bool:
        return True

    def has_read_tables(self) -> bool:
        return True

    @contextmanager
    def schema_transaction(self, engine: Engine) -> Iterator[Connection]:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
            if engine is self.read:
                self._schemas.make_room(connection)
            yield connection

    def rebuild_lock(self, *, wait: bool) -> AbstractContextManager[bool]:
        return self._advisory_lock(_REBUILD_LOCK, wait=wait)

    def replace(self, connection: Connection, old: Table, new: Table) -> None:
        try:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_TABLE_LOCK_TIMEOUT}'"))
            with placeholders_of_views(connection, old.name):
                owner = connection.execute(_OWNER_OF, {"name": old.name}).scalar_one()
                old.drop(connection)
                connection.exec_driver_sql(f'ALTER TABLE "{new.name}" RENAME TO "{old.name}"')
                connection.exec_driver_sql(f'ALTER TABLE "{old.name}" OWNER TO {owner}')
        except DBAPIError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise TableInUse from None
            raise

    def create_reporting_views(self) -> None:
        with self.rebuild_lock(wait=True), self.write_transaction(self.read) as connection:
            create_reporting_views(connection)

    def key_rotation_lock(self) -> AbstractContextManager[bool]:
        return self._advisory_lock(_ROTATION_LOCK, wait=False)

    @contextmanager
    def _advisory_lock(self, number: int, *, wait: bool) -> Iterator[bool]:
        lock = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        with self.log.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            got = connection.exec_driver_sql(f"SELECT {lock}({number})").scalar_one() is not False
            try:
                yield got
            finally:
                if got:
                    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({number})")

    def purge_deleted(self) -> None:
        """Do nothing: PostgreSQL removes old copies by rewriting tables, which `vacuum` does."""

    def vacuum(self) -> None:
        """Rewrite the tables that hold personal data, and the planner's statistics of their columns.

        Needs the owner of tables and database. Write-ahead log, archives and standbys keep old pages until
        they are recycled, which a client can't influence. Read tables of another role are rewritten too:
        VACUUM runs any code in them as their owner, in a context that can't change roles.
        """
        personal = [table for table in log_tables.sorted_tables if table not in (events, head, checkpoints)]
        names = [one.name for one in (*personal, *key_tables.sorted_tables, *read_tables.sorted_tables)]
        with self.log.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            for table in self._schemas.tables(connection, names):
                connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table}")
            connection.exec_driver_sql("VACUUM (FULL) pg_catalog.pg_statistic")
            connection.exec_driver_sql("CHECKPOINT")

    def connections(self) -> tuple[int, int]:
        return count_connections([self.log], [self._write_connections, self._read_connections])

    def close(self) -> None:
        self._watchdog.close()
        self._write_connections.end()
        self._read_connections.end()
        self.log.dispose()


def _cut(driver: Any) -> None:  # noqa: ANN401 - the driver's connection
    """Close a connection from another thread, so that a wait for the server ends with an error at once.

    The statement isn't cancelled: a commit that waits for a standby would then end as if it had succeeded.
    """
    with suppress(OSError), socket(fileno=os.dup(driver.fileno())) as its:
        its.shutdown(SHUT_RDWR)
