"""The tree hash over the log, in which any later change to a stored event shows (docs/log-format.md)."""

import hmac
import struct
from hashlib import sha256
from typing import Self, TypedDict, Unpack
from uuid import UUID

HASH_SIZE = 32
SALT_SIZE = 32
ID_SIZE = 16

_LEAF_TAG = b"brugerbog-leaf-v1"
_COMMITMENT_TAG = b"brugerbog-commitment-v1"
# Runs of fixed-width fields, each after its length; a run ends with the length of the field that follows it.
_PLACE = struct.Struct(">IQI16sI16sIQI")
_OCCASION = struct.Struct(">IIIqI16sI16sI")
_LENGTH = struct.Struct(">I")
_NO_COMMITMENT, _COMMITMENT_FOLLOWS = _LENGTH.pack(0), _LENGTH.pack(HASH_SIZE)


class LeafFields(TypedDict):
    """The fields of one event's leaf.

    `position` counts from 1; ids are the 16 bytes of `UUID.bytes`; `recorded_at_us` is microseconds since
    1970-01-01T00:00:00Z; `payload` is the JSON exactly as stored; `commitment` is 32 bytes, or None or empty
    for an event without a personal part.
    """

    position: int
    organisation_id: bytes
    stream_id: bytes
    version: int
    topic: str
    schema_version: int
    recorded_at_us: int
    actor: bytes
    command_id: bytes
    payload: bytes
    commitment: bytes | None


class LeafEncoder:
    """Encodes the events of one log as leaves of its tree."""

    def __init__(self, log_id: UUID) -> None:
        """Take the id of the log, which every leaf carries."""
        self._prefix = b"".join(_LENGTH.pack(len(field)) + field for field in (_LEAF_TAG, log_id.bytes))

    def leaf_bytes(
        self,
        *,
        position: int,
        organisation_id: bytes,
        stream_id: bytes,
        version: int,
        topic: str,
        schema_version: int,
        recorded_at_us: int,
        actor: bytes,
        command_id: bytes,
        payload: bytes,
        commitment: bytes | None,
    ) -> bytes:
        """Return one event's leaf: every field in its fixed order, each after its length.

        Raises: ValueError when a field does not fit its place.
        """
        if position < 1:
            raise ValueError("positions count from 1")
        if not len(organisation_id) == len(stream_id) == len(actor) == len(command_id) == ID_SIZE:
            raise ValueError("an id is 16 bytes")
        if commitment and len(commitment) != HASH_SIZE:
            raise ValueError("a commitment is 32 bytes or absent")
        name = topic.encode()
        try:
            place = _PLACE.pack(8, position, 16, organisation_id, 16, stream_id, 8, version, len(name))
            occasion = _OCCASION.pack(
                4, schema_version, 8, recorded_at_us, 16, actor, 16, command_id, len(payload)
            )
        except struct.error as error:
            raise ValueError("a number is outside its field") from error
        if not commitment:
            return b"".join((self._prefix, place, name, occasion, payload, _NO_COMMITMENT))
        return b"".join((self._prefix, place, name, occasion, payload, _COMMITMENT_FOLLOWS, commitment))

    def leaf_hash(self, **event: Unpack[LeafFields]) -> bytes:
        """Return the 32-byte leaf hash of one event (RFC 6962 §2.1).

        Raises: ValueError when a field does not fit its place.
        """
        return leaf_hash(self.leaf_bytes(**event))


class Frontier:
    """An append-only tree kept as its size and the roots of its perfect subtrees, largest first."""

    def __init__(self) -> None:
        """Start with the empty tree."""
        self.size = 0
        self._roots: list[bytes] = []

    @classmethod
    def from_bytes(cls, size: int, blob: bytes) -> Self:
        """Take up a tree of `size` leaves where `to_bytes` left it.

        Raises: ValueError when `blob` is not the length that `size` calls for.
        """
        if size < 0 or len(blob) != HASH_SIZE * size.bit_count():
            raise ValueError("the frontier does not belong to a tree of this size")
        frontier = cls()
        frontier.size = size
        frontier._roots = [blob[start : start + HASH_SIZE] for start in range(0, len(blob), HASH_SIZE)]
        return frontier

    def to_bytes(self) -> bytes:
        """Return the subtree roots, largest first, 32 bytes for each one-bit of `size`."""
        return b"".join(self._roots)

    def append(self, leaf: bytes) -> None:
        """Add a 32-byte leaf hash at the end, at the cost of one node hash on average.

        Raises: ValueError when the hash is not 32 bytes.
        """
        if len(leaf) != HASH_SIZE:
            raise ValueError("a leaf hash is 32 bytes")
        node, full = leaf, self.size
        while full & 1:
            node = node_hash(self._roots.pop(), node)
            full >>= 1
        self._roots.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the 32-byte Merkle tree hash (RFC 6962 §2.1); of the empty tree, SHA-256 of no bytes."""
        if not self._roots:
            return sha256().digest()
        *larger, root = self._roots
        for left in reversed(larger):
            root = node_hash(left, root)
        return root


def leaf_hash(leaf: bytes) -> bytes:
    """Return SHA-256(0x00 || leaf), 32 bytes (RFC 6962 §2.1)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right), 32 bytes (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def commitment(salt: bytes, personal_json: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA256, keyed with the salt, of b"brugerbog-commitment-v1" || personal_json.

    Raises: ValueError when the salt is not 32 bytes.
    """
    if len(salt) != SALT_SIZE:
        raise ValueError("a salt is 32 bytes")
    return hmac.digest(salt, _COMMITMENT_TAG + personal_json, "sha256")
