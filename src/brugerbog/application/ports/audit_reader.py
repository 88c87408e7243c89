"""What the log tells of its events without opening any: the port through which it is searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from brugerbog.domain.kernel.aggregate import Event


class LogRow(NamedTuple):
    """An event as it stands in the log, with nothing personal: `recorded_at` is microseconds since 1970.

    `payload` is the stored JSON of its plain facts: role, door and correlation id are among them.
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
    """What an event has: one of these topics, or one of these as actor or owner of its stream."""

    topics: Collection[str]
    people: Collection[UUID]


class Scan(NamedTuple):
    """Which events of an organisation: only those of some streams, of one actor, of one topic, of a period.

    `since` (included) and `until` (not included) are microseconds; events of the topic `but` are left out.
    Each has all of the `marks`, and its payload holds the bytes `holding`.
    """

    organisation_id: UUID
    streams: Collection[UUID] = ()
    actor: UUID | None = None
    topic: str | None = None
    but: str | None = None
    since: int | None = None
    until: int | None = None
    marks: Sequence[ScanCriterion] = ()
    holding: bytes | None = None


class AuditReader(Protocol):
    """The log's events in order of position, and streams of them opened."""

    def before(self, scan: Scan, position: int | None, limit: int) -> Sequence[LogRow]:
        """At most so many events before a position, or the last ones; the newest first."""
        ...

    def after(
        self, organisation_id: UUID, position: int, limit: int, *, but: tuple[str, str]
    ) -> Sequence[LogRow]:
        """At most so many events of an organisation after a position, oldest first; none of two topics."""
        ...

    def size(self) -> int:
        """How many events the log holds, of all organisations; that is its last position."""
        ...

    def last_position(self, organisation_id: UUID, until: int) -> int | None:
        """Where the last event of an organisation recorded up to an instant (microseconds) stands."""
        ...

    def streams(self, stream_ids: Collection[UUID]) -> Iterable[Event]:
        """All events of these streams, stream by stream, by version."""
        ...

    def at(self, positions: Collection[int]) -> Iterable[tuple[int, Event]]:
        """The events at these positions, with them."""
        ...
