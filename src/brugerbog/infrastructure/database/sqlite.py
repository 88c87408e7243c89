"""SQLite: three files side by side, or three databases in memory."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import pysqlite3.dbapi2 as driver
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from brugerbog.application.refusals.database import ReportingNeedsServer, SqliteTooOld
from brugerbog.application.refusals.store import StoreReadOnly
from brugerbog.infrastructure.database.backend import LOGGING_NAME, ConnectionCache, suppress_row_logging
from brugerbog.infrastructure.database.connections import count_connections
from brugerbog.infrastructure.database.deadlines import (
    LockTimeout,
    Watchdog,
    Workload,
    current_workload,
    deadlines,
)
from brugerbog.infrastructure.database.opened_files import OpenedFiles
from brugerbog.infrastructure.database.statements import raise_as_sqlalchemy
from brugerbog.infrastructure.database.write_lock import WriteLock
from brugerbog.infrastructure.settings import REQUEST_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Table
    from sqlalchemy.engine.interfaces import DBAPIConnection

SAFE_VERSION: Final = (3, 51, 3)
"""Earlier ones can lose commits in WAL mode with several connections."""

_CONNECTION: Final[dict[str, Any]] = {
    "isolation_level": None,
    "check_same_thread": False,
    "timeout": 60,
    "cached_statements": 256,
}
_CACHE_KIB: Final = 16_384
"""Room for the pages that a thousand new users change in the indexes of a hundred thousand."""

_WAL_PAGES: Final = 4_000
"""So a page that changes in every transaction is written to the file once for many of them."""

_SCRUB_SECONDS: Final = 60
_OWNER_ONLY: Final = 0o600


class SqliteBackend:
    """Log in `file.db`, keys in `file.keys.db`, read tables in `file.read.db`; or all three in memory.

    The threads of this process write one after another, in the order in which they ask for a lock. The read
    tables have a lock of their own, so that a login doesn't wait for an import.
    """

    has_single_database = False
    can_access_read_tables = True

    def __init__(self, path: Path | None, request_seconds: float = REQUEST_SECONDS) -> None:
        """Raises: SqliteTooOld when the SQLite library can lose commits."""
        if driver.sqlite_version_info < SAFE_VERSION:
            raise SqliteTooOld(driver.sqlite_version)
        self.path = path
        self._deadlines = deadlines(request_seconds)
        self._watchdog = Watchdog()
        self._log_lock, self._read_lock = WriteLock(), WriteLock()
        self._memory_connections: list[Any] = []
        self._opened = OpenedFiles()
        self.is_read_only = path is not None and path.exists() and _is_on_read_only_disk(path)
        self._rebuild_lock, self._rotation_lock = Lock(), Lock()
        self.log = self._engine("", synchronous="FULL")
        self.keys = self._engine(".keys", synchronous="FULL")
        self.read = self._engine(".read", synchronous="NORMAL")
        self._connections = {
            engine: ConnectionCache(engine, self._tune) for engine in (self.log, self.keys, self.read)
        }

    def file(self, kind: str) -> Path:
        """Return the path of a file of the store, e.g. `file.keys.db` for `.keys`."""
        assert self.path is not None  # noqa: S101 - called for files only
        return self.path.with_name(f"{self.path.stem}{kind}{self.path.suffix or '.db'}")

    @property
    def files(self) -> list[Path]:
        return [] if self.path is None else [self.file(kind) for kind in ("", ".keys", ".read")]

    @contextmanager
    def write_transaction(self, engine: Engine, *, replicated: bool = True) -> Iterator[Connection]:  # noqa: ARG002 - there are no standbys
        """Begin and commit on the driver's connection; SQLAlchemy's own way takes as long as the commit."""
        if self.is_read_only:
            raise StoreReadOnly
        limits = self._deadlines[current_workload()]
        lock = self._read_lock if engine is self.read else self._log_lock
        with self._hold(lock), self._connections[engine].connection() as connection:
            raw: Any = connection.connection.driver_connection
            try:
                with self._watchdog.watching(limits.unit_of_work, raw.interrupt, _nothing):
                    raw.execute("BEGIN IMMEDIATE")
                    yield connection
                    if self.path is not None:
                        self._opened.check()
                    engine.dialect.do_commit(raw)
            except driver.Error as error:
                raw.rollback()
                raise_as_sqlalchemy(error, connection)
            except BaseException:
                raw.rollback()
                raise

    @contextmanager
    def _hold(self, lock: WriteLock) -> Iterator[None]:
        """Hold a lock of this process, waiting as long as for the lock of another process.

        Raises: LockTimeout.
        """
        if not lock.acquire(timeout=self._deadlines[current_workload()].lock):
            raise LockTimeout("", None, driver.OperationalError("database is locked"))
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def read_connection(self, engine: Engine) -> Iterator[Connection]:
        limits = self._deadlines[current_workload()]
        with self._connections[engine].connection() as connection:
            raw: Any = connection.connection.driver_connection
            with self._watchdog.watching(limits.unit_of_work, raw.interrupt, _nothing):
                yield connection

    def probe_write(self) -> None:
        for engine in (self.log, self.keys, self.read):
            with self.write_transaction(engine) as connection:
                raw: Any = connection.connection.driver_connection
                raw.execute(f"PRAGMA user_version={raw.execute('PRAGMA user_version').fetchone()[0]}")

    def _tune(self, raw: Any, workload: Workload) -> None:  # noqa: ANN401 - the driver's connection
        """Set how long a connection waits for other processes, by workload."""
        raw.execute(f"PRAGMA busy_timeout={round(self._deadlines[workload].lock * 1000)}").close()

    def pipeline(self, _connection: Connection) -> AbstractContextManager[object]:
        return nullcontext()

    def is_prepared(self) -> bool:
        if self.path is not None and not self.file("").exists():
            return False
        with self.log.connect() as connection:
            return connection.dialect.has_table(connection, "head")

    def has_keys(self) -> bool:
        return self.path is None or self.file(".keys").exists()

    def has_read_tables(self) -> bool:
        return self.path is None or self.file(".read").exists()

    @contextmanager
    def schema_transaction(self, engine: Engine) -> Iterator[Connection]:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for kind in ("", ".keys", ".read"):
                self.file(kind).touch(mode=_OWNER_ONLY)
        with self.write_transaction(engine) as connection:
            yield connection

    def rebuild_lock(self, *, wait: bool) -> AbstractContextManager[bool]:
        return self._exclusive(".read", self._rebuild_lock, wait=wait)

    def replace(self, connection: Connection, old: Table, new: Table) -> None:
        old.drop(connection)
        connection.exec_driver_sql(f'ALTER TABLE "{new.name}" RENAME TO "{old.name}"')

    def create_reporting_views(self) -> None:
        raise ReportingNeedsServer

    def key_rotation_lock(self) -> AbstractContextManager[bool]:
        return self._exclusive(".keys", self._rotation_lock, wait=False)

    @contextmanager
    def _exclusive(self, kind: str, in_process: Lock, *, wait: bool) -> Iterator[bool]:
        if self.path is None:
            got = in_process.acquire(blocking=wait)
            try:
                yield got
            finally:
                if got:
                    in_process.release()
            return
        if self.is_read_only:
            yield True
            return
        lock = self.file(kind).with_suffix(".lock")
        lock.touch(mode=_OWNER_ONLY)
        with lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def purge_deleted(self) -> None:
        if self.path is None:
            return
        for engine in (self.log, self.keys, self.read):
            with engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None  # noqa: S101 - just checked out
                connection.rollback()
                give_up = time.monotonic() + _SCRUB_SECONDS
                while raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    if time.monotonic() > give_up:
                        raise TimeoutError("others kept reading what was deleted")
                    time.sleep(0.01)

    def vacuum(self) -> None:
        """SQLite overwrites deleted rows at once (`secure_delete`), so only the write-ahead logs are left."""
        self.purge_deleted()

    def connections(self) -> tuple[int, int]:
        return count_connections(self._connections, self._connections.values())

    def close(self) -> None:
        self._watchdog.close()
        for connections in self._connections.values():
            connections.end()
        for engine in (self.log, self.keys, self.read):
            engine.dispose()
        for connection in self._memory_connections:
            connection.close()

    def _engine(self, kind: str, *, synchronous: str) -> Engine:
        connect = self._in_memory(kind) if self.path is None else self._in_file(kind)
        engine = create_engine(
            "sqlite+pysqlite://",
            module=driver,
            creator=connect,
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=32,
            hide_parameters=True,
            logging_name=LOGGING_NAME,
        )
        suppress_row_logging(engine)
        journal = "MEMORY" if self.path is None else "WAL"
        foreign_keys = "ON" if kind == ".keys" else "OFF"

        @event.listens_for(engine, "connect")
        def prepare(connection: DBAPIConnection, _record: object) -> None:
            cursor = connection.cursor()
            written = (f"journal_mode={journal}", f"synchronous={synchronous}", "secure_delete=ON")
            for pragma in (
                *(() if self.is_read_only else written),
                f"foreign_keys={foreign_keys}",
                "temp_store=MEMORY",
                f"cache_size=-{_CACHE_KIB}",
                f"wal_autocheckpoint={_WAL_PAGES}",
            ):
                _set(cursor, pragma)
            cursor.close()
            if self.path is not None:
                self._opened.opened(self.file(kind))

        @event.listens_for(engine, "close")
        def closed(_connection: DBAPIConnection, _record: object) -> None:
            if self.path is not None:
                self._opened.closed(self.file(kind))

        @event.listens_for(engine, "checkout")
        def tune(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
            self._tune(connection, current_workload())

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            raw: Any = connection.connection.driver_connection
            if not raw.in_transaction:
                raw.execute("BEGIN")

        return engine

    def _in_file(self, kind: str) -> Callable[[], Any]:
        path = self.file(kind)

        def connect() -> Any:  # noqa: ANN401 - the driver's connection
            if self.is_read_only:
                return driver.connect(address_to_read(path), uri=True, **_CONNECTION)
            if kind == ".read" and not path.exists():
                self._opened.before_opening(path)
                # The file may be deleted at any time and is rebuilt, readable by its owner only.
                path.touch(mode=_OWNER_ONLY)
            self._opened.before_opening(path)
            return driver.connect(path, **_CONNECTION)

        return connect

    def _in_memory(self, kind: str) -> Callable[[], Any]:
        name = f"file:/brugerbog-{secrets.token_hex(8)}{kind}?vfs=memdb"

        def connect() -> Any:  # noqa: ANN401 - the driver's connection
            return driver.connect(name, uri=True, **_CONNECTION)

        self._memory_connections.append(connect())
        return connect


def _is_on_read_only_disk(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def address_to_read(path: Path) -> str:
    """Return the URI that opens a file for reading only.

    On a read-only disk, a file without a write-ahead log is opened as immutable, as SQLite can't create the
    log and the shared-memory file (sqlite.org/wal.html, "Read-Only Databases"); with a log, both must exist.
    Raises: StoreReadOnly.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    if not path.exists() or not _is_on_read_only_disk(path):
        return address
    wal, shared = (path.with_name(f"{path.name}-{kind}") for kind in ("wal", "shm"))
    if not wal.exists() or not wal.stat().st_size:
        return f"{address}&immutable=1"
    if not shared.exists():
        raise StoreReadOnly
    return address


def _nothing() -> None:
    """Keep the connection, which is usable after an interrupt."""


def _set(cursor: Any, pragma: str) -> None:  # noqa: ANN401 - the driver's cursor
    """Set a pragma, with a wait for the change to WAL, for which SQLite itself doesn't wait."""
    give_up = time.monotonic() + _CONNECTION["timeout"]
    while True:
        try:
            cursor.execute(f"PRAGMA {pragma}")
        except driver.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return
