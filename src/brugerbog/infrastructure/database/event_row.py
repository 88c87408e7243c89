"""An event as the log stores it: its row in the table `events`, and its ciphertext."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from brugerbog.infrastructure.crypto.tree_hash import leaf_hash

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Row

    from brugerbog.infrastructure.crypto.tree_hash import LeafEncoder


class EventRow(NamedTuple):
    """A row of the table `events`, with its columns in their order.

    Ids are in the driver's type: UUIDs on PostgreSQL, their 16 bytes on SQLite. `recorded_at` is microseconds
    since 1970-01-01 UTC. `payload` is compact JSON of the fields that are not personal. `commitment` is empty
    for an event without personal fields.
    """

    position: int
    organisation_id: UUID | bytes
    stream_id: UUID | bytes
    version: int
    topic: str
    schema_version: int
    recorded_at: int
    actor: UUID | bytes
    command_id: UUID | bytes
    payload: bytes
    commitment: bytes


class StoredEvent(NamedTuple):
    """An event as it is read from the log and appended to it: the columns of its row, and its ciphertext.

    `position` is 0 until the event is appended. `ciphertext` is None when the event has no personal fields,
    or when they were erased. A dataclass of twelve fields takes ten times as long to make as a named tuple.
    """

    position: int
    organisation_id: UUID
    stream_id: UUID
    version: int
    topic: str
    schema_version: int
    recorded_at: int
    actor: UUID
    command_id: UUID
    payload: bytes
    commitment: bytes
    ciphertext: bytes | None

    def row(self, position: int, *, native_uuids: bool) -> EventRow:
        """Return the row of this event at a position, with UUIDs or with their bytes."""
        if native_uuids:
            return EventRow(position, *self[1:-1])
        return EventRow(
            position,
            self.organisation_id.bytes,
            self.stream_id.bytes,
            self.version,
            self.topic,
            self.schema_version,
            self.recorded_at,
            self.actor.bytes,
            self.command_id.bytes,
            self.payload,
            self.commitment,
        )


def leaf_hash_of(row: EventRow | StoredEvent | Row[Any], encoder: LeafEncoder) -> bytes:
    """Return the 32-byte hash of an event's leaf in the tree of its log.

    Raises: ValueError when a field does not fit its place.
    """
    ids: Any = (row.organisation_id, row.stream_id, row.actor, row.command_id)
    if not isinstance(row.stream_id, bytes):
        ids = [id_.bytes for id_ in ids]
    organisation_id, stream_id, actor, command_id = ids
    leaf = encoder.leaf_bytes(
        position=row.position,
        organisation_id=organisation_id,
        stream_id=stream_id,
        version=row.version,
        topic=row.topic,
        schema_version=row.schema_version,
        recorded_at_us=row.recorded_at,
        actor=actor,
        command_id=command_id,
        payload=row.payload,
        commitment=row.commitment,
    )
    return leaf_hash(leaf)
