"""Who asks to become anonymous, and waits for an answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Index, Table

from brugerbog.domain.user.user import User
from brugerbog.domain.values.instants import microseconds
from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import Recorded, Row

notices = Table(
    "notices",
    read_tables,
    Column("user_id", Uid, primary_key=True),
    Column("organisation_id", Uid, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Index("notices_of_organisation", "organisation_id", "asked_at"),
)


class Notices:
    """One row for each request that no administrator has answered (guide, Opret nye brugere)."""

    name = "notices"
    version = 1
    table = notices

    @property
    def handles(self) -> frozenset[type[Event]]:
        return frozenset((User.AnonymityRequested, User.AnonymityDeclined, User.Deleted))

    def apply(self, rows: list[Row], recorded: Recorded) -> list[Row]:
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
