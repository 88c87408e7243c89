"""What a user has done at a service with his means, as it was reported: in a stream beside his own."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from eventsourcing.utils import register_topic

from brugerbog.domain.events import Event
from brugerbog.domain.privacy import Personal

_HIGHEST_BIT: Final = 1 << 127
_HIGHEST_BIT_AND_VERSION: Final = _HIGHEST_BIT | 0xF << 76
_OF_ACTIVITIES: Final = _HIGHEST_BIT | 7 << 76


class ServiceType(StrEnum):
    """Whose service it was."""

    PUBLIC = "public"
    PRIVATE = "private"


class ActivityReported(Event):
    """A service says that the user has logged in or signed there; nothing about him changes by it."""

    TOPIC = "activity.reported"
    reporter: str
    occurred_at: Personal[datetime]
    transaction: Personal[str]
    service_provider: Personal[str]
    service_type: Personal[str]


register_topic(ActivityReported.TOPIC, ActivityReported)


def activities_of(user_id: UUID) -> UUID:
    """The stream of a user's activities: his id with its highest bit turned.

    Users have ids of version 7, which begin with the time, so that bit is 0 in them until the year 6429.
    """
    return UUID(int=user_id.int ^ _HIGHEST_BIT)


def owner_of(stream_id: UUID) -> UUID:
    """The user whose activities a stream holds; of any other stream, the stream itself."""
    if stream_id.int & _HIGHEST_BIT_AND_VERSION == _OF_ACTIVITIES:
        return UUID(int=stream_id.int ^ _HIGHEST_BIT)
    return stream_id
