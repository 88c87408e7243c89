"""The port for searching the log without decrypting it, and for reading its streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from brugerbog.domain.kernel.aggregate import Event


class LogRow(NamedTuple):
    """An event as the log stores it, without personal data. `recorded_at` is microseconds since 1970.

    `payload` is the stored JSON of its plain fields, among them role, door and correlation id.
    """

    position: int
    stream_id: UUID
    version: int
    topic: str
    recorded_at: int
    actor: UUID
    command_id: UUID
    payload: bytes


class ScanCriterion(NamedTuple):
    """One of these topics, or one of these people as the event's actor or the owner of its stream."""

    topics: Collection[str]
    people: Collection[UUID]


class Scan(NamedTuple):
    """A selection of an organisation's events: some streams, one actor, one topic, a period.

    `since` (included) and `until` (not included) are microseconds; events of `excluded_topic` are left out.
    A selected event meets all `criteria`, and its payload contains the bytes `payload_contains`.
    """

    organisation_id: UUID
    streams: Collection[UUID] = ()
    actor: UUID | None = None
    topic: str | None = None
    excluded_topic: str | None = None
    since: int | None = None
    until: int | None = None
    criteria: Sequence[ScanCriterion] = ()
    payload_contains: bytes | None = None


class AuditReader(Protocol):
    """Reads the log's events in order of position, and the events of streams."""

    def before(self, scan: Scan, position: int | None, limit: int) -> Sequence[LogRow]:
        """Return at most `limit` events before a position, or the last ones; the newest first."""
        ...

    def after(
        self, organisation_id: UUID, position: int, limit: int, *, excluded_topics: tuple[str, str]
    ) -> Sequence[LogRow]:
        """Return at most `limit` events after a position, oldest first, without those of two topics."""
        ...

    def size(self) -> int:
        """Return the number of events in the log, of all organisations; it is the last position too."""
        ...

    def last_position(self, organisation_id: UUID, until: int) -> int | None:
        """Return the position of an organisation's last event recorded up to an instant (microseconds)."""
        ...

    def streams(self, stream_ids: Collection[UUID]) -> Iterable[Event]:
        """Return all events of these streams, stream by stream, by version."""
        ...

    def at(self, positions: Collection[int]) -> Iterable[tuple[int, Event]]:
        """Return the events at these positions, with the positions."""
        ...
