"""Verification of the log: recomputes the tree from the stored bytes, and compares it with the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, select

from brugerbog.application.ports.transparency_log import Damage, DamageKind
from brugerbog.infrastructure.crypto.tree_hash import Frontier, LeafEncoder
from brugerbog.infrastructure.database.event_row import EventRow, leaf_hash_of
from brugerbog.infrastructure.database.schema import events, head
from brugerbog.infrastructure.database.statements import Statement, any_uuid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from sqlalchemy import Connection

    from brugerbog.infrastructure.database.backend import Backend

AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Head:
    """The stored head of a log: id, number of events, and the tree over them."""

    log_id: UUID
    size: int
    frontier: bytes

    @property
    def root(self) -> bytes:
        """The 32-byte root of the tree."""
        return Frontier.from_bytes(self.size, self.frontier).root()


class LogVerifier:
    """Reads stored events as leaves, on a path of its own beside that of commands and queries."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._rows = Statement(
            select(events)
            .where(events.c.position > bindparam("after"), events.c.position <= bindparam("until"))
            .order_by(events.c.position),
            backend.log,
        )

    def head(self) -> Head:
        """The head as stored."""
        with self._backend.log.connect() as connection:
            row = connection.execute(select(head.c.log_id, head.c.size, head.c.frontier)).one()
        return Head(*row)

    def leaves(self, log_id: UUID, after: int, until: int) -> Iterator[tuple[bytes, EventRow]]:
        """Leaf hash and row of the events after one position up to another, as far as there are any."""
        encoder = LeafEncoder(log_id)
        with self._backend.read_connection(self._backend.log) as connection:
            for start in range(after, until, AT_ONCE):
                for row in self._page(connection, start, min(start + AT_ONCE, until)):
                    yield leaf_hash_of(row, encoder), row

    def _page(self, connection: Connection, after: int, until: int) -> list[EventRow]:
        found = self._rows.run(connection, after=after, until=until).fetchall()
        return [EventRow._make(row) for row in found]

    def extend(
        self,
        known: Frontier,
        stored: Head,
        *,
        signed_roots: Mapping[int, bytes] | None = None,
        expected: Callable[[int], bytes | None] = lambda _: None,
        each: Callable[[bytes, EventRow], object] = lambda *_: None,
    ) -> Damage | None:
        """Append the stored events after a frontier up to the head's size; None when they yield the head.

        `signed_roots` are the roots in earlier checkpoints, by size; `expected` returns the leaf hash that an
        earlier export has for a position, or None beyond its end. `each` is called with every leaf hash and
        its row; nothing about a row is proved before the end.
        """
        signed_roots, sound = signed_roots or {}, known.size
        for leaf, row in self.leaves(stored.log_id, known.size, stored.size):
            position = row.position
            if position != known.size + 1:
                return self._damage(DamageKind.MISSING, known.size + 1, sound)
            if expected(position) not in (None, leaf):
                return self._damage(DamageKind.ALTERED, position, position - 1)
            known.append(leaf)
            each(leaf, row)
            if position in signed_roots:
                if known.root() != signed_roots[position]:
                    return self._damage(DamageKind.HEAD_MISMATCH, position, sound)
                sound = position
        if known.size < max(stored.size, *signed_roots, 0):
            return self._damage(DamageKind.CUT_OFF, known.size + 1, sound)
        if known.to_bytes() != stored.frontier:
            return self._damage(DamageKind.HEAD_MISMATCH, stored.size, sound)
        return self._beyond(stored)

    def _beyond(self, stored: Head) -> Damage | None:
        """The damage of an event after the head, unless the head has moved on meanwhile."""
        with self._backend.log.connect() as connection:
            last = connection.execute(select(func.max(events.c.position))).scalar() or 0
        if last > stored.size and self.head() == stored:
            return self._damage(DamageKind.INSERTED, stored.size + 1, stored.size)
        return None

    def _damage(self, kind: DamageKind, position: int, sound_until: int) -> Damage:
        return Damage(kind, position, self._stream_at(position), sound_until)

    def _stream_at(self, position: int) -> UUID | None:
        with self._backend.log.connect() as connection:
            found = connection.execute(select(events.c.stream_id).where(events.c.position == position))
            stream_id = found.scalar()
        return None if stream_id is None else any_uuid(stream_id)
