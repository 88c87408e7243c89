"""Writes and compares the rows of one projection's table."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json
from sqlalchemy import Boolean, MetaData, Table, delete, quoted_name, select, tuple_

from brugerbog.infrastructure.store.statements import InList, Rows, any_uuid, is_postgres
from brugerbog.projections.columns import Uid
from brugerbog.projections.projection import key_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from brugerbog.infrastructure.store.backend import Backend
    from brugerbog.projections.projection import Projection, Row

SHADOW: Final = "__shadow_"
"""In the name of every table that is being built anew."""

_AT_ONCE: Final = 500


class ReadRows:
    """The rows of a projection, in its live table or in a shadow of it."""

    def __init__(self, projection: Projection, backend: Backend, table: Table | None = None) -> None:
        self.projection = projection
        self.table = projection.table if table is None else table
        self.concerns = projection.concerns
        self._upsert = Rows(self.table, backend.read, replace=True)
        self._primary = [column.name for column in self.table.primary_key]
        columns = list(self.table.columns)
        self._names = [column.name for column in columns]
        self._key = self._names.index(key_column(self.table))
        self._plain = is_postgres(backend.read)
        self._ids = [at for at, column in enumerate(columns) if isinstance(column.type, Uid)]
        self._flags = [at for at, column in enumerate(columns) if isinstance(column.type, Boolean)]
        key = columns[self._key]
        self._of_streams = InList(
            lambda ids: select(self.table).where(key.in_(ids)).order_by(*self.table.primary_key), backend.read
        )

    def make_indexes(self, connection: Connection) -> None:
        """Make the indexes of a table that has been filled, at a fraction of what each row would cost."""
        for index in self.table.indexes:
            index.create(connection)

    def load(self, connection: Connection, stream_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
        """The rows of these streams, as the projection gave them."""
        found: dict[UUID, list[Row]] = {}
        for stored in self._of_streams.rows(connection, stream_ids):
            values = list(stored)
            if not self._plain:
                for at in self._ids:
                    values[at] = values[at] if values[at] is None else any_uuid(values[at])
                for at in self._flags:
                    values[at] = values[at] if values[at] is None else bool(values[at])
            found.setdefault(values[self._key], []).append(dict(zip(self._names, values, strict=True)))
        return found

    def store(self, connection: Connection, changes: Iterable[tuple[list[Row], list[Row]]]) -> None:
        """Make the rows of streams what they are after, given as before and after; the same rows stay."""
        gone: list[tuple[Any, ...]] = []
        new: list[Sequence[Any]] = []
        for before, after in changes:
            if not before:
                new += map(self._driver_row, after)
            elif before is not after:
                old = {self._key_of(row): row for row in before}
                new += [self._driver_row(row) for row in after if old.pop(self._key_of(row), None) is not row]
                gone += old
        for start in range(0, len(gone), _AT_ONCE):
            primary = tuple_(*self.table.primary_key)
            connection.execute(delete(self.table).where(primary.in_(gone[start : start + _AT_ONCE])))
        self._upsert.insert(connection, new)

    def digest(self, connection: Connection) -> str:
        """A SHA-256 (hex) over all rows in key order: equal for equal tables, on either engine."""
        digest = sha256()
        query = select(self.table).order_by(*self.table.primary_key).execution_options(yield_per=_AT_ONCE)
        for row in connection.execute(query):
            digest.update(to_json(tuple(row)))
        return digest.hexdigest()

    def _key_of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self._primary)

    def _driver_row(self, row: Row) -> Sequence[Any]:
        values = list(row.values())
        if not self._plain:
            for at in self._ids:
                if values[at] is not None:
                    values[at] = values[at].bytes
        return values


def shadow_of(table: Table) -> Table:
    """The same table under a name of its own, to be filled beside the live one and put in its place."""
    mark = secrets.token_hex(4)
    shadow = table.to_metadata(MetaData(), name=f"{table.name}{SHADOW}{mark}")
    for index in shadow.indexes:
        index.name = quoted_name(f"{index.name}_{mark}", quote=False)
    return shadow
