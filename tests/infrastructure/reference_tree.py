"""The head of a log, computed from its stored rows by docs/log-format.md alone."""

from hashlib import sha256
from uuid import UUID

from sqlalchemy import RowMapping

from brugerbog.service import Service


def assert_log_is_sound(service: Service) -> int:
    """Positions without a gap, and a head that follows from the stored rows; returns the log's size."""
    with service.log.backend.log.connect() as connection:
        head = connection.exec_driver_sql("SELECT * FROM head").mappings().one()
        stored = connection.exec_driver_sql("SELECT * FROM events ORDER BY position").mappings().all()
    assert [row["position"] for row in stored] == list(range(1, len(stored) + 1))
    leaves = [sha256(b"\x00" + _leaf(_bytes(head["log_id"]), row)).digest() for row in stored]
    assert head["size"] == len(leaves)
    assert bytes(head["frontier"]) == b"".join(_root(subtree) for subtree in _perfect(leaves))
    return len(leaves)


def _leaf(log_id: bytes, row: RowMapping) -> bytes:
    fields = (
        b"brugerbog-leaf-v1",
        log_id,
        row["position"].to_bytes(8, "big"),
        _bytes(row["organisation_id"]),
        _bytes(row["stream_id"]),
        row["version"].to_bytes(8, "big"),
        row["topic"].encode(),
        row["schema_version"].to_bytes(4, "big"),
        row["recorded_at"].to_bytes(8, "big", signed=True),
        _bytes(row["actor"]),
        _bytes(row["command_id"]),
        bytes(row["payload"]),
        bytes(row["commitment"]),
    )
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def _perfect(leaves: list[bytes]) -> list[list[bytes]]:
    """The leaves in runs of 2^n, one for each one-bit of their number, largest first."""
    runs, start = [], 0
    for bit in range(len(leaves).bit_length(), -1, -1):
        if len(leaves) >> bit & 1:
            runs.append(leaves[start : start + (1 << bit)])
            start += 1 << bit
    return runs


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    half = len(leaves) // 2
    return sha256(b"\x01" + _root(leaves[:half]) + _root(leaves[half:])).digest()


def _bytes(value: UUID | bytes) -> bytes:
    return value.bytes if isinstance(value, UUID) else bytes(value)
