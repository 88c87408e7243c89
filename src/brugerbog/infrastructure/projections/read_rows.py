"""Works out, writes and compares the rows of one projection's table."""

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
"""In the name of every table that is being built anew."""

_AT_ONCE: Final = 500


class Changes(NamedTuple):
    """What events do to a table, in this order: all rows about somebody go, single rows go, rows come."""

    ended: Sequence[UUID]
    gone: Sequence[tuple[Any, ...]]
    new: Sequence[Sequence[Any]]


class ReadRows(ABC):
    """The rows of a projection, in its live table or in a shadow of it."""

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
        """What events do to the rows, which are only read here.

        Raises: ProjectionRaised, when the projection's function raises; what the store raises.
        """

    def store(self, connection: Connection, changes: Changes) -> None:
        """Make the changes."""
        for _ in self._end.run(connection, changes.ended):
            pass
        for start in range(0, len(changes.gone), _AT_ONCE):
            primary = tuple_(*self.table.primary_key)
            some = changes.gone[start : start + _AT_ONCE]
            connection.execute(delete(self.table).where(primary.in_(some)))
        self._upsert.insert(connection, changes.new)

    def make_indexes(self, connection: Connection) -> None:
        """Make the indexes of a table that has been filled, at a fraction of what each row would cost."""
        for index in self.table.indexes:
            index.create(connection)

    def digest(self, connection: Connection) -> str:
        """A SHA-256 (hex) over all rows in key order: equal for equal tables, on either engine."""
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
    """Rows that events change: those of their streams are loaded, and what has become of them is stored."""

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
        whole: list[UUID] = []
        for some in streams.values():
            if some[0].event.originator_version > 1:
                reaches_back = not self._rewrites_past_rows_on.isdisjoint(type(one.event) for one in some)
                (whole if reaches_back else current).append(some[0].event.originator_id)
        known = self._load(self._current, connection, current) | self._load(self._all, connection, whole)
        try:
            return self._applied(streams, known)
        except (MemoryError, SQLAlchemyError):
            raise
        except Exception as error:
            raise ProjectionRaised from error

    def _applied(
        self, streams: Mapping[int, list[RecordedEvent]], known: Mapping[UUID, list[Row]]
    ) -> Changes:
        """What the projection makes of the known rows, without touching the database."""
        gone: list[tuple[Any, ...]] = []
        new: list[Sequence[Any]] = []
        for some in streams.values():
            event = some[0].event
            before = after = known.get(event.originator_id, []) if event.originator_version > 1 else []
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
        """The rows of these streams, as the projection gave them."""
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
    """Rows that events only add, until one ends them: none is ever loaded."""

    def __init__(
        self, projection: AppendOnlyProjection, backend: Backend, table: Table | None = None
    ) -> None:
        super().__init__(projection, backend, table)
        self._new_rows = projection.new_rows
        self._ends = projection.clears_on

    def changes(self, _connection: Connection, recorded: Sequence[RecordedEvent]) -> Changes:
        try:
            return self._entered(recorded)
        except (MemoryError, SQLAlchemyError):
            raise
        except Exception as error:
            raise ProjectionRaised from error

    def _entered(self, recorded: Sequence[RecordedEvent]) -> Changes:
        ended: set[UUID] = set()
        new: dict[UUID, list[Sequence[Any]]] = {}
        for one in recorded:
            kind = type(one.event)
            if kind in self._ends:
                subject = owner_of(one.event.originator_id)
                ended.add(subject)
                new.pop(subject, None)
            elif kind in self.handles:
                for row in self._new_rows(one):
                    new.setdefault(row[self._key_name], []).append(self._driver_row(row))
        return Changes(sorted(ended), (), [row for rows in new.values() for row in rows])


def rows_of(projection: Projection, backend: Backend, table: Table | None = None) -> ReadRows:
    """What keeps the rows of a projection of either kind."""
    if isinstance(projection, AppendOnlyProjection):
        return AppendOnlyRows(projection, backend, table)
    assert isinstance(projection, Fold)  # noqa: S101 - there are no others
    return FoldRows(projection, backend, table)


def shadow_of(table: Table) -> Table:
    """The same table under a name of its own, to be filled beside the live one and put in its place."""
    mark = secrets.token_hex(4)
    shadow = table.to_metadata(MetaData(), name=f"{table.name}{SHADOW}{mark}")
    for index in shadow.indexes:
        index.name = quoted_name(f"{index.name}_{mark}", quote=False)
    return shadow
