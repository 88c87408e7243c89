"""Ids of derived streams: events about a user or an organisation that don't change the aggregate."""

from __future__ import annotations

from typing import Final
from uuid import UUID

_HIGHEST_BIT: Final = 1 << 127
_HIGHEST_BIT_AND_VERSION: Final = _HIGHEST_BIT | 0xF << 76
_DERIVED: Final = _HIGHEST_BIT | 7 << 76


def derived_stream_id(owner_id: UUID) -> UUID:
    """Return the id of the stream derived from a user or an organisation: its id with the highest bit set.

    Users and organisations have UUIDs of version 7, which begin with the time: their highest bit is 0 until
    the year 6429.
    """
    return UUID(int=owner_id.int ^ _HIGHEST_BIT)


def owner_of(stream_id: UUID) -> UUID:
    """Return the id of the user or organisation that a derived stream belongs to; any other id unchanged."""
    if stream_id.int & _HIGHEST_BIT_AND_VERSION == _DERIVED:
        return UUID(int=stream_id.int ^ _HIGHEST_BIT)
    return stream_id
