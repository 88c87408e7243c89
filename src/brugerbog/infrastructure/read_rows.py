"""Writes and compares the rows of one projection's table."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import MetaData, Table, delete, quoted_name, select, tuple_

from brugerbog.infrastructure.store.backend import Rows
from brugerbog.projections.projection import key_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from brugerbog.infrastructure.store.backend import Backend
    from brugerbog.projections.projection import Projection, Row

_AT_ONCE = 500


class ReadRows:
    """The rows of a projection, in its live table or in a shadow of it."""

    def __init__(self, projection: Projection, backend: Backend, table: Table | None = None) -> None:
        self.projection = projection
        self.table = projection.table if table is None else table
        self._native = backend.one_database
        self._upsert = Rows(self.table, backend.read, replace=True)
        self._key = self.table.c[key_column(self.table)]
        self._primary = [column.name for column in self.table.primary_key]

    def load(self, connection: Connection, stream_ids: Iterable[UUID]) -> dict[UUID, list[Row]]:
        """The rows of these streams, as the projection gave them."""
        wanted = list(stream_ids)
        found: dict[UUID, list[Row]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            query = select(self.table).where(self._key.in_(wanted[start : start + _AT_ONCE]))
            for row in connection.execute(query.order_by(*self.table.primary_key)).mappings():
                found.setdefault(row[self._key.name], []).append(dict(row))
        return found

    def store(
        self,
        connection: Connection,
        before: Mapping[UUID, Sequence[Row]],
        after: Mapping[UUID, Sequence[Row]],
    ) -> None:
        """Make the rows of these streams what they are `after`; unchanged rows are left alone."""
        gone: list[tuple[Any, ...]] = []
        new: list[tuple[Any, ...]] = []
        for stream_id, rows in after.items():
            old = {self._key_of(row): row for row in before.get(stream_id, ())}
            for row in rows:
                known = old.pop(self._key_of(row), None)
                if known is not row:
                    new.append(self._driver_row(row))
            gone.extend(old)
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

    def _driver_row(self, row: Row) -> tuple[Any, ...]:
        if self._native:
            return tuple(row.values())
        return tuple(value.bytes if type(value) is UUID else value for value in row.values())


def shadow_of(table: Table) -> Table:
    """The same table under another name, to be filled beside the live one and put in its place."""
    shadow = table.to_metadata(MetaData(), name=f"{table.name}__shadow")
    for index in shadow.indexes:
        index.name = quoted_name(f"{index.name}_{secrets.token_hex(4)}", quote=False)
    return shadow
