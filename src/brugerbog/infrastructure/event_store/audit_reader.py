"""Searches the log by unencrypted columns, decrypting shown events only (port: `AuditReader`)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, literal_column, or_, select

from brugerbog.application.ports.audit_reader import LogRow
from brugerbog.domain.kernel.streams import derived_stream_id
from brugerbog.infrastructure.database.schema import BIGINT, events, head
from brugerbog.infrastructure.database.statements import Statement, any_uuid, is_postgres

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from uuid import UUID

    from sqlalchemy import BindParameter, ColumnElement

    from brugerbog.application.ports.audit_reader import Scan
    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.infrastructure.event_store.log import BrugerbogLog

_cached_uuid: Final = lru_cache(4096)(any_uuid)
"""Makes the UUIDs of streams and actors, which repeat."""

_COLUMNS: Final = select(
    events.c.position,
    events.c.stream_id,
    events.c.version,
    events.c.topic,
    events.c.recorded_at,
    events.c.actor,
    events.c.command_id,
    events.c.payload,
)
_NEWEST_FIRST: Final = (
    _COLUMNS.order_by(events.c.position.desc())
    .limit(bindparam("most", type_=BIGINT))
    .offset(bindparam("none", type_=BIGINT))
)
"""SQLite's dialect always renders an offset, so it is a parameter."""


class _Values:
    """The bind parameters of a statement, named one by one."""

    def __init__(self, **named: object) -> None:
        self.named: dict[str, Any] = named

    def bind(self, value: object) -> BindParameter[Any]:
        name = f"value_{len(self.named)}"
        self.named[name] = value
        return bindparam(name)

    def bind_all(self, values: Iterable[object]) -> list[BindParameter[Any]]:
        return [self.bind(one) for one in values]


class StoredAuditReader:
    """Reads the table of events with compiled statements, as a search may read a million rows."""

    def __init__(self, log: BrugerbogLog) -> None:
        self._log = log
        self._engine = log.backend.log
        columns = events.c
        following = _COLUMNS.where(
            columns.organisation_id == bindparam("scope"),
            columns.position > bindparam("position", type_=BIGINT),
            columns.topic.not_in([bindparam("first"), bindparam("second")]),
        )
        self._after = Statement(
            following.order_by(columns.position)
            .limit(bindparam("most", type_=BIGINT))
            .offset(bindparam("none", type_=BIGINT)),
            self._engine,
        )
        self._size = Statement(select(head.c.size), self._engine)

    def before(self, scan: Scan, position: int | None, limit: int) -> Sequence[LogRow]:
        columns, values = events.c, _Values(most=limit, none=0)
        scope: ColumnElement[Any] = columns.organisation_id
        if scan.streams:
            # So that the planner uses the index of streams, which are few, and not that of organisations.
            scope = func.coalesce(scope, scope)
        conditions = [scope == values.bind(scan.organisation_id)]
        if scan.streams:
            conditions.append(columns.stream_id.in_(values.bind_all(scan.streams)))
        for value, compare in (
            (position, columns.position.__lt__),
            (scan.actor, columns.actor.__eq__),
            (scan.topic, columns.topic.__eq__),
            (scan.excluded_topic, columns.topic.__ne__),
            (scan.since, columns.recorded_at.__ge__),
            (scan.until, columns.recorded_at.__lt__),
            (scan.payload_contains, self._payload_contains),
        ):
            if value is not None:
                conditions.append(compare(values.bind(value)))
        for criterion in scan.criteria:
            people = list(criterion.people)
            either = (
                (columns.topic, criterion.topics),
                (columns.actor, people),
                (columns.stream_id, [*people, *map(derived_stream_id, people)]),
            )
            conditions.append(or_(*(column.in_(values.bind_all(some)) for column, some in either if some)))
        with self._log.recorder.read_connection() as connection:
            statement = Statement(_NEWEST_FIRST.where(*conditions), self._engine)
            found = statement.run(connection, **values.named).fetchall()
        return _log_rows(found)

    def after(
        self, organisation_id: UUID, position: int, limit: int, *, excluded_topics: tuple[str, str]
    ) -> Sequence[LogRow]:
        first, second = excluded_topics
        named = {"scope": organisation_id, "position": position, "first": first, "second": second}
        with self._log.recorder.read_connection() as connection:
            return _log_rows(self._after.run(connection, most=limit, none=0, **named).fetchall())

    def size(self) -> int:
        with self._log.recorder.read_connection() as connection:
            size: int = self._size.run(connection).fetchone()[0]
        return size

    def _payload_contains(self, wanted: BindParameter[Any]) -> ColumnElement[bool]:
        if is_postgres(self._engine):
            return func.position(wanted.op("IN")(events.c.payload)) > literal_column("0")
        return func.instr(events.c.payload, wanted) > literal_column("0")

    def last_position(self, organisation_id: UUID, until: int) -> int | None:
        query = (
            select(events.c.position)
            .where(events.c.organisation_id == organisation_id, events.c.recorded_at <= until)
            .order_by(events.c.position.desc())
            .limit(1)
        )
        with self._log.recorder.read_connection() as connection:
            return connection.execute(query).scalar()

    def streams(self, stream_ids: Collection[UUID]) -> Iterable[Event]:
        return self._log.events.open(self._log.recorder.select_streams(list(stream_ids)))

    def at(self, positions: Collection[int]) -> Iterable[tuple[int, Event]]:
        for position in positions:
            stored = self._log.recorder.select_positions(position - 1, 1)
            yield from ((position, event) for event in self._log.events.open(stored))


def _log_rows(rows: Iterable[tuple[Any, ...]]) -> list[LogRow]:
    return [
        LogRow(
            at,
            _cached_uuid(stream),
            version,
            topic,
            recorded_at,
            _cached_uuid(actor),
            any_uuid(command),
            payload,
        )
        for at, stream, version, topic, recorded_at, actor, command, payload in rows
    ]
