"""Reported activities of users at services, in a stream derived from the user's."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from eventsourcing.utils import register_topic

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.privacy import Personal
from brugerbog.domain.kernel.streams import derived_stream_id


class ServiceType(StrEnum):
    """The sector of the service."""

    PUBLIC = "public"
    PRIVATE = "private"


class ActivityReported(Event):
    """A service reports a login or a signature of the user; the user's state doesn't change."""

    TOPIC = "activity.reported"
    reporter: str
    occurred_at: Personal[datetime]
    transaction: Personal[str]
    service_provider: Personal[str]
    service_type: Personal[str]


register_topic(ActivityReported.TOPIC, ActivityReported)


def activity_stream_id(user_id: UUID) -> UUID:
    """Return the id of the stream of a user's activities."""
    return derived_stream_id(user_id)
