"""What a user has done at a service with his means, as it was reported: in a stream beside his own."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from eventsourcing.utils import register_topic

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.privacy import Personal
from brugerbog.domain.kernel.streams import derived_stream_id


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


def activity_stream_id(user_id: UUID) -> UUID:
    """The stream in which a user's activities are recorded."""
    return derived_stream_id(user_id)
