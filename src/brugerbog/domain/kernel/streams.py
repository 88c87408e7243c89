"""Streams that lie beside another: what is told of somebody and changes nothing about him."""

from __future__ import annotations

from typing import Final
from uuid import UUID

_HIGHEST_BIT: Final = 1 << 127
_HIGHEST_BIT_AND_VERSION: Final = _HIGHEST_BIT | 0xF << 76
_BESIDE: Final = _HIGHEST_BIT | 7 << 76


def derived_stream_id(owner_id: UUID) -> UUID:
    """The stream beside that of a user or an organisation: the same id with its highest bit turned.

    Both have ids of version 7, which begin with the time, so that bit is 0 in them until the year 6429.
    """
    return UUID(int=owner_id.int ^ _HIGHEST_BIT)


def owner_of(stream_id: UUID) -> UUID:
    """The user or organisation beside whose stream this one lies; of any other stream, the stream itself."""
    if stream_id.int & _HIGHEST_BIT_AND_VERSION == _BESIDE:
        return UUID(int=stream_id.int ^ _HIGHEST_BIT)
    return stream_id
