"""SQL put together once and run straight through the driver.

Core's way from a statement to its rows costs more than a whole command has to spend: 60 µs for a select that
takes SQLite 3. So what every command runs is compiled by Core once, and then handed to the driver as it is.
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

MOST_AT_ONCE: Final = 512
"""How many values go into one IN list."""


class Statement:
    """One statement whose values are all bind parameters, each used once.

    Values and rows are the driver's: a UUID may be given, and is 16 bytes in what SQLite answers.
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
    """A statement on the rows that have one of many values."""

    def __init__(
        self, made_of: Callable[[Sequence[BindParameter[Any]]], ClauseElement], engine: Engine
    ) -> None:
        """Take what makes the statement, given the bind parameters for its IN list."""

        @cache
        def sized(size: int) -> Statement:
            return Statement(made_of([bindparam(f"wanted_{at}") for at in range(size)]), engine)

        self._sized = sized

    def run(self, connection: Connection, wanted: Sequence[object], **values: object) -> Iterator[Any]:
        """Execute it for all that are wanted, some hundreds at a time. Raises: as `Statement.run`."""
        for start in range(0, len(wanted), MOST_AT_ONCE):
            some = wanted[start : start + MOST_AT_ONCE]
            # Few sizes, few statements: what is missing to a power of two is asked for twice.
            size = 1 << (len(some) - 1).bit_length()
            asked = {f"wanted_{at}": some[min(at, len(some) - 1)] for at in range(size)}
            yield self._sized(size).run(connection, **asked, **values)

    def rows(self, connection: Connection, wanted: Sequence[object], **values: object) -> Iterator[Any]:
        """The rows that it selects, in the driver's types."""
        for cursor in self.run(connection, wanted, **values):
            yield from cursor.fetchall()


class Rows:
    """An insert (or upsert) of many rows, tuples in the order of the table's columns."""

    def __init__(self, table: Table, engine: Engine, *, replace: bool = False, once: bool = False) -> None:
        """Of a row that is there already: `replace` it, or leave it as it is, with `once`."""
        mark = "%s" if is_postgres(engine) else "?"
        names = [column.name for column in table.columns]
        listed = ", ".join(f'"{name}"' for name in names)
        self._sql = f'INSERT INTO "{table.name}" ({listed}) VALUES ({", ".join([mark] * len(names))})'  # noqa: S608
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
    """Whether it is PostgreSQL, else SQLite."""
    return engine.dialect.name == "postgresql"


def uuid_of(stored: bytes) -> UUID:
    """A UUID from its 16 bytes, at half of what its own constructor takes."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", int.from_bytes(stored, "big"))
    object.__setattr__(made, "is_safe", _UNKNOWN)
    return made


def any_uuid(stored: bytes | UUID) -> UUID:
    """A UUID as either driver answers it."""
    return stored if isinstance(stored, UUID) else uuid_of(stored)


def raise_as_sqlalchemy(error: Exception, connection: Connection) -> NoReturn:
    """Raise a driver's error as the one that SQLAlchemy has for it; no value is in it.

    When the server has gone, no pooled connection is used again.
    """
    dialect = connection.dialect
    is_gone = dialect.is_disconnect(error, connection.connection.driver_connection, None)  # type: ignore[arg-type]
    if is_gone:
        # As Core does it, without a public way: to dispose of the pool would leave open what others use.
        connection.engine.pool._invalidate(connection.connection, error)  # noqa: SLF001
        connection.invalidate(error)
        if not isinstance(error, dialect.loaded_dbapi.OperationalError):
            # A session that the server ends for its idleness: no fault of what was asked.
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
