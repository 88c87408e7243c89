"""Searches the log by what stands in the open, opening nothing that isn't shown (port: `Trail`)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, or_, select

from brugerbog.application.trail import Entry
from brugerbog.infrastructure.store.schema import BIGINT, events
from brugerbog.infrastructure.store.statements import Statement, any_uuid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from uuid import UUID

    from brugerbog.application.trail import Scan
    from brugerbog.domain.events import Event
    from brugerbog.infrastructure.store.log import BrugerbogLog

_known: Final = lru_cache(4096)(any_uuid)
"""For ids that come again and again."""

_ENTRY: Final = (
    select(
        events.c.position,
        events.c.stream_id,
        events.c.version,
        events.c.topic,
        events.c.recorded_at,
        events.c.actor,
        events.c.command_id,
        events.c.payload,
    )
    .order_by(events.c.position.desc())
    .limit(bindparam("most", type_=BIGINT))
    .offset(bindparam("none", type_=BIGINT))
)
"""SQLite's dialect writes an offset in any case, so it is named."""


class StoredTrail:
    """Reads the table of events straight through the driver: a search may pass a million of them."""

    def __init__(self, log: BrugerbogLog) -> None:
        self._log = log
        self._engine = log.backend.log

    def before(self, scan: Scan, position: int | None, limit: int) -> Sequence[Entry]:
        query, values = _ENTRY, dict[str, Any](most=limit, none=0)

        def narrow(name: str, value: object, condition: Any) -> None:  # noqa: ANN401 - an SQL expression
            nonlocal query
            if value is not None:
                query = query.where(condition)
                values[name] = value

        columns = events.c
        if scan.streams:
            wanted = [columns.stream_id == bindparam(f"stream_{at}") for at in range(len(scan.streams))]
            query = query.where(or_(*wanted))
            values |= {f"stream_{at}": one for at, one in enumerate(scan.streams)}
        narrow("scope", scan.organisation_id, columns.organisation_id == bindparam("scope"))
        narrow("before", position, columns.position < bindparam("before"))
        narrow("by", scan.actor, columns.actor == bindparam("by"))
        narrow("kind", scan.topic, columns.topic == bindparam("kind"))
        narrow("but", scan.but, columns.topic != bindparam("but"))
        narrow("since", scan.since, columns.recorded_at >= bindparam("since"))
        narrow("until", scan.until, columns.recorded_at < bindparam("until"))
        with self._log.recorder.reading() as connection:
            found = Statement(query, self._engine).run(connection, **values).fetchall()
        return [
            Entry(at, _known(stream), version, topic, recorded_at, _known(actor), any_uuid(command), payload)
            for at, stream, version, topic, recorded_at, actor, command, payload in found
        ]

    def last_position(self, organisation_id: UUID, until: int) -> int | None:
        query = (
            select(events.c.position)
            .where(events.c.organisation_id == organisation_id, events.c.recorded_at <= until)
            .order_by(events.c.position.desc())
            .limit(1)
        )
        with self._log.recorder.reading() as connection:
            return connection.execute(query).scalar()

    def streams(self, stream_ids: Collection[UUID]) -> Iterable[Event]:
        return self._log.events.open(self._log.recorder.select_streams(list(stream_ids)))

    def at(self, positions: Collection[int]) -> Iterable[tuple[int, Event]]:
        for position in positions:
            stored = self._log.recorder.select_positions(position - 1, 1)
            yield from ((position, event) for event in self._log.events.open(stored))
