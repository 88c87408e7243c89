"""SQL that Core compiles once and the driver executes directly.

Core takes 60 µs from a statement to its rows, for a select that takes SQLite 3 µs: more than a command may
cost. So the statements of every command are compiled once, and then passed to the driver.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NoReturn
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.exc import DBAPIError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import BindParameter, ClauseElement, Connection, Engine, Table

MAX_IN_LIST: Final = 512
"""The largest number of values in one IN list."""


class Statement:
    """One statement whose values are all bind parameters, each used once.

    Values and rows are the driver's. A UUID may be passed; SQLite returns it as 16 bytes.
    """

    def __init__(self, statement: ClauseElement, engine: Engine) -> None:
        compiled: Any = statement.compile(dialect=engine.dialect)
        self._dialect = engine.dialect
        self._sql = str(compiled)
        self._order: tuple[str, ...] | None = None if is_postgres(engine) else tuple(compiled.positiontup)

    def run(self, connection: Connection, **values: object) -> Any:  # noqa: ANN401 - the driver's cursor
        """Execute it on the driver's connection. Raises: SQLAlchemy's errors, as a Core statement would."""
        driver: Any = connection.connection.driver_connection
        try:
            if self._order is None:
                return driver.execute(self._sql, values)
            return driver.execute(self._sql, [_plain(values[name]) for name in self._order])
        except self._dialect.loaded_dbapi.Error as error:
            raise_as_sqlalchemy(error, connection)


class InList:
    """A statement with an IN list of any length."""

    def __init__(
        self, made_of: Callable[[Sequence[BindParameter[Any]]], ClauseElement], engine: Engine
    ) -> None:
        """Take a function that makes the statement from the bind parameters of its IN list."""

        @cache
        def sized(size: int) -> Statement:
            return Statement(made_of([bindparam(f"wanted_{at}") for at in range(size)]), engine)

        self._sized = sized

    def run(self, connection: Connection, wanted: Sequence[object], **values: object) -> Iterator[Any]:
        """Execute the statement for all values, `MAX_IN_LIST` at a time. Raises: as `Statement.run`."""
        for start in range(0, len(wanted), MAX_IN_LIST):
            some = wanted[start : start + MAX_IN_LIST]
            # Few sizes, few statements: the last value is repeated up to the next power of two.
            size = 1 << (len(some) - 1).bit_length()
            parameters = {f"wanted_{at}": some[min(at, len(some) - 1)] for at in range(size)}
            yield self._sized(size).run(connection, **parameters, **values)

    def rows(self, connection: Connection, wanted: Sequence[object], **values: object) -> Iterator[Any]:
        """Return the selected rows, in the driver's types."""
        for cursor in self.run(connection, wanted, **values):
            yield from cursor.fetchall()


class Rows:
    """An insert (or upsert) of many rows, tuples in the order of the table's columns."""

    def __init__(self, table: Table, engine: Engine, *, replace: bool = False, once: bool = False) -> None:
        """With `replace`, an existing row is updated; with `once`, it is left unchanged."""
        placeholder = "%s" if is_postgres(engine) else "?"
        names = [column.name for column in table.columns]
        listed = ", ".join(f'"{name}"' for name in names)
        self._sql = f'INSERT INTO "{table.name}" ({listed}) VALUES ({", ".join([placeholder] * len(names))})'  # noqa: S608
        if replace:
            key = [column.name for column in table.primary_key]
            rest = ", ".join(f'"{name}"=excluded."{name}"' for name in names if name not in key)
            self._sql += f" ON CONFLICT ({', '.join(key)}) DO " + (
                f"UPDATE SET {rest}" if rest else "NOTHING"
            )
        if once:
            self._sql += " ON CONFLICT DO NOTHING"
        self._dialect = engine.dialect

    def insert(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows in the driver's own types. Raises: as `Statement.run`."""
        driver: Any = connection.connection.driver_connection
        try:
            if len(rows) == 1:
                driver.execute(self._sql, rows[0])
            elif rows:
                driver.cursor().executemany(self._sql, rows)
        except self._dialect.loaded_dbapi.Error as error:
            raise_as_sqlalchemy(error, connection)


def is_postgres(engine: Engine) -> bool:
    """Return whether the engine is PostgreSQL, else SQLite."""
    return engine.dialect.name == "postgresql"


def uuid_of(stored: bytes) -> UUID:
    """Return a UUID from its 16 bytes, in half the time of its constructor."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", int.from_bytes(stored, "big"))
    object.__setattr__(made, "is_safe", _UNKNOWN)
    return made


def any_uuid(stored: bytes | UUID) -> UUID:
    """Return a UUID from the type of either driver."""
    return stored if isinstance(stored, UUID) else uuid_of(stored)


def raise_as_sqlalchemy(error: Exception, connection: Connection) -> NoReturn:
    """Raise a driver's error as SQLAlchemy's error for it, without values.

    When the server is gone, no pooled connection is used again.
    """
    dialect = connection.dialect
    is_gone = dialect.is_disconnect(error, connection.connection.driver_connection, None)  # type: ignore[arg-type]
    if is_gone:
        # As Core does, for want of a public method: disposing of the pool would leave used connections open.
        connection.engine.pool._invalidate(connection.connection, error)  # noqa: SLF001
        connection.invalidate(error)
        if not isinstance(error, dialect.loaded_dbapi.OperationalError):
            # The server ends an idle session with another class of error.
            raise OperationalError("", None, error, hide_parameters=True) from error
    raise DBAPIError.instance(
        "",
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    ) from error


_UNKNOWN: Final = UUID(int=0).is_safe


def _plain(value: object) -> object:
    return value.bytes if type(value) is UUID else value
