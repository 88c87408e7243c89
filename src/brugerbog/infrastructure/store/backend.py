"""What SQLite and PostgreSQL have in common here: connections, transactions, fast inserts."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine, Table


class Backend(Protocol):
    """A database with room for the log, the keys and the read tables.

    `one_database` says that all three lie in one, so that one transaction spans them.
    """

    @property
    def log(self) -> Engine: ...

    @property
    def keys(self) -> Engine: ...

    @property
    def read(self) -> Engine: ...

    @property
    def one_database(self) -> bool: ...

    def writing(self, engine: Engine) -> AbstractContextManager[Connection]:
        """A transaction that nobody else's write can come between; committed on leaving, else rolled back."""
        ...

    def is_prepared(self) -> bool:
        """Whether the store has its tables."""
        ...

    def prepare(self) -> AbstractContextManager[Connection]:
        """A transaction on an empty log, under a lock, in which its tables may be made."""
        ...

    def scrub(self) -> None:
        """Let go of old copies of what was deleted, as far as the engine can."""
        ...

    def close(self) -> None: ...


class OneWriter:
    """Lets the threads of this process write one after another, first come first served by the lock."""

    def __init__(self) -> None:
        self._lock = RLock()

    @contextmanager
    def writing(self, engine: Engine) -> Iterator[Connection]:
        with self._lock, engine.execution_options(writing=True).begin() as connection:
            yield connection


class Rows:
    """A prepared insert (or upsert) of many rows, straight through the driver.

    Rows are tuples in the order of `columns`, in the driver's own types: about twice as fast as a Core
    insert, which matters when a hundred thousand users come in.
    """

    def __init__(self, table: Table, engine: Engine, *, replace: bool = False) -> None:
        mark = "%s" if engine.dialect.name == "postgresql" else "?"
        self.columns = [column.name for column in table.columns]
        listed = ", ".join(f'"{name}"' for name in self.columns)
        self._sql = f"INSERT INTO {table.name} ({listed}) VALUES ({', '.join([mark] * len(self.columns))})"  # noqa: S608
        if replace:
            key = [column.name for column in table.primary_key]
            rest = [name for name in self.columns if name not in key]
            self._sql += f" ON CONFLICT ({', '.join(key)}) DO " + (
                "UPDATE SET " + ", ".join(f'"{name}"=excluded."{name}"' for name in rest)
                if rest
                else "NOTHING"
            )

    def insert(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        if len(rows) == 1:
            connection.exec_driver_sql(self._sql, rows[0])
        elif rows:
            connection.exec_driver_sql(self._sql, list(rows))
