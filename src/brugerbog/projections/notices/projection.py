"""The projection `notices`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.user.user import User
from brugerbog.projections.notices.table import notices

if TYPE_CHECKING:
    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import RecordedEvent, Row


class NoticesProjection:
    """One row for each unanswered request to become anonymous (guide, Opret nye brugere)."""

    name = "notices"
    version = 1
    table = notices

    @property
    def handles(self) -> frozenset[type[Event]]:
        return frozenset((User.AnonymityRequested, User.AnonymityDeclined, User.Deleted))

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        event = recorded.event
        if isinstance(event, User.AnonymityRequested):
            return [
                {
                    "user_id": event.originator_id,
                    "organisation_id": event.organisation_id,
                    "asked_at": microseconds(event.timestamp),
                }
            ]
        return [] if isinstance(event, User.AnonymityDeclined | User.Deleted) else rows
