"""Computes, stores and compares the rows of one projection's table."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Boolean, MetaData, Table, delete, quoted_name, select, tuple_
from sqlalchemy.exc import SQLAlchemyError

from brugerbog.domain.kernel.streams import owner_of
from brugerbog.infrastructure.database.statements import InList, Rows, any_uuid, is_postgres
from brugerbog.infrastructure.projections.error_classification import ProjectionRaised
from brugerbog.projections.columns import Uid
from brugerbog.projections.projection import AppendOnlyProjection, Fold, TemporalProjection, key_column

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sqlalchemy import ColumnElement, Connection

    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.projections.projection import Projection, RecordedEvent, Row

SHADOW: Final = "__shadow_"
"""Part of the name of each table that is being rebuilt."""

_AT_ONCE: Final = 500


class Changes(NamedTuple):
    """Changes to a table, in this order: keys whose rows are all deleted, deleted rows, upserted rows."""

    cleared: Sequence[UUID]
    deleted: Sequence[tuple[Any, ...]]
    upserted: Sequence[Sequence[Any]]


class ReadRows(ABC):
    """The rows of a projection, in its live table or in a shadow table."""

    def __init__(self, projection: Projection, backend: Backend, table: Table | None = None) -> None:
        self.projection = projection
        self.table = projection.table if table is None else table
        self.handles = projection.handles
        self._upsert = Rows(self.table, backend.read, replace=True)
        columns = list(self.table.columns)
        self._key_name = key_column(self.table)
        self._key = self.table.c[self._key_name]
        self._end = InList(lambda ids: delete(self.table).where(self._key.in_(ids)), backend.read)
        self._plain = is_postgres(backend.read)
        self._ids = [at for at, column in enumerate(columns) if isinstance(column.type, Uid)]

    @abstractmethod
    def changes(self, connection: Connection, recorded: Sequence[RecordedEvent]) -> Changes:
        """Return the changes that events make to the rows, without storing them.

        Raises: ProjectionRaised, when the projection's function raises; what the store raises.
        """

    def store(self, connection: Connection, changes: Changes) -> None:
        """Store the changes."""
        for _ in self._end.run(connection, changes.cleared):
            pass
        for start in range(0, len(changes.deleted), _AT_ONCE):
            primary = tuple_(*self.table.primary_key)
            some = changes.deleted[start : start + _AT_ONCE]
            connection.execute(delete(self.table).where(primary.in_(some)))
        self._upsert.insert(connection, changes.upserted)

    def make_indexes(self, connection: Connection) -> None:
        """Create the indexes of a filled table, which is much faster than updating them with each row."""
        for index in self.table.indexes:
            index.create(connection)

    def digest(self, connection: Connection) -> str:
        """Return a SHA-256 (hex) over all rows in key order: equal for equal tables, on either engine."""
        digest = sha256()
        query = select(self.table).order_by(*self.table.primary_key).execution_options(yield_per=_AT_ONCE)
        for row in connection.execute(query):
            digest.update(to_json(tuple(row)))
        return digest.hexdigest()

    def _driver_row(self, row: Row) -> Sequence[Any]:
        values = list(row.values())
        if not self._plain:
            for at in self._ids:
                if values[at] is not None:
                    values[at] = values[at].bytes
        return values


class FoldRows(ReadRows):
    """Rows of a `Fold`: the rows of the events' streams are loaded, changed and stored."""

    def __init__(self, projection: Fold, backend: Backend, table: Table | None = None) -> None:
        super().__init__(projection, backend, table)
        self._apply = projection.apply
        self._primary = [column.name for column in self.table.primary_key]
        columns = list(self.table.columns)
        self._names = [column.name for column in columns]
        self._flags = [at for at, column in enumerate(columns) if isinstance(column.type, Boolean)]
        self._rewrites_past_rows_on: AbstractSet[type] = frozenset()
        self._all = self._current = self._of_streams(backend)
        if isinstance(projection, TemporalProjection):
            self._rewrites_past_rows_on = projection.rewrites_past_rows_on
            self._current = self._of_streams(backend, self.table.c.until.is_(None))

    def _of_streams(self, backend: Backend, *conditions: ColumnElement[bool]) -> InList:
        return InList(
            lambda ids: (
                select(self.table).where(self._key.in_(ids), *conditions).order_by(*self.table.primary_key)
            ),
            backend.read,
        )

    def changes(self, connection: Connection, recorded: Sequence[RecordedEvent]) -> Changes:
        streams: dict[int, list[RecordedEvent]] = {}
        for one in recorded:
            if type(one.event) in self.handles:
                streams.setdefault(one.event.originator_id.int, []).append(one)
        current: list[UUID] = []
        all_rows: list[UUID] = []
        for some in streams.values():
            if some[0].event.originator_version > 1:
                rewrites_past = not self._rewrites_past_rows_on.isdisjoint(type(one.event) for one in some)
                (all_rows if rewrites_past else current).append(some[0].event.originator_id)
        loaded = self._load(self._current, connection, current) | self._load(self._all, connection, all_rows)
        try:
            return self._applied(streams, loaded)
        except (MemoryError, SQLAlchemyError):
            raise
        except Exception as error:
            raise ProjectionRaised from error

    def _applied(
        self, streams: Mapping[int, list[RecordedEvent]], loaded: Mapping[UUID, list[Row]]
    ) -> Changes:
        """Apply the projection to loaded rows, without using the database."""
        gone: list[tuple[Any, ...]] = []
        new: list[Sequence[Any]] = []
        for some in streams.values():
            event = some[0].event
            before = after = loaded.get(event.originator_id, []) if event.originator_version > 1 else []
            for one in some:
                after = self._apply(after, one)
            if not before:
                new += map(self._driver_row, after)
            elif before is not after:
                old = {self._key_of(row): row for row in before}
                new += [self._driver_row(row) for row in after if old.pop(self._key_of(row), None) is not row]
                gone += old
        return Changes((), gone, new)

    def _load(
        self, wanted: InList, connection: Connection, stream_ids: Sequence[UUID]
    ) -> dict[UUID, list[Row]]:
        """Load the rows of some streams, with the types that the projection returned."""
        found: dict[UUID, list[Row]] = {}
        for stored in wanted.rows(connection, stream_ids):
            values = list(stored)
            if not self._plain:
                for at in self._ids:
                    values[at] = values[at] if values[at] is None else any_uuid(values[at])
                for at in self._flags:
                    values[at] = values[at] if values[at] is None else bool(values[at])
            row = dict(zip(self._names, values, strict=True))
            found.setdefault(row[self._key_name], []).append(row)
        return found

    def _key_of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self._primary)


class AppendOnlyRows(ReadRows):
    """Rows of an `AppendOnlyProjection`: inserted, deleted by user, and never loaded."""

    def __init__(
        self, projection: AppendOnlyProjection, backend: Backend, table: Table | None = None
    ) -> None:
        super().__init__(projection, backend, table)
        self._new_rows = projection.new_rows
        self._clears_on = projection.clears_on

    def changes(self, _connection: Connection, recorded: Sequence[RecordedEvent]) -> Changes:
        try:
            return self._changes(recorded)
        except (MemoryError, SQLAlchemyError):
            raise
        except Exception as error:
            raise ProjectionRaised from error

    def _changes(self, recorded: Sequence[RecordedEvent]) -> Changes:
        cleared: set[UUID] = set()
        new: dict[UUID, list[Sequence[Any]]] = {}
        for one in recorded:
            kind = type(one.event)
            if kind in self._clears_on:
                subject = owner_of(one.event.originator_id)
                cleared.add(subject)
                new.pop(subject, None)
            elif kind in self.handles:
                for row in self._new_rows(one):
                    new.setdefault(row[self._key_name], []).append(self._driver_row(row))
        return Changes(sorted(cleared), (), [row for rows in new.values() for row in rows])


def rows_of(projection: Projection, backend: Backend, table: Table | None = None) -> ReadRows:
    """Return the class that stores a projection's rows."""
    if isinstance(projection, AppendOnlyProjection):
        return AppendOnlyRows(projection, backend, table)
    assert isinstance(projection, Fold)  # noqa: S101 - there are no others
    return FoldRows(projection, backend, table)


def shadow_of(table: Table) -> Table:
    """Return the shadow of a table: the same columns and indexes under another name."""
    suffix = secrets.token_hex(4)
    shadow = table.to_metadata(MetaData(), name=f"{table.name}{SHADOW}{suffix}")
    for index in shadow.indexes:
        index.name = quoted_name(f"{index.name}_{suffix}", quote=False)
    return shadow
