"""What falls due when, to be recorded by the schedule?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from brugerbog.domain.days import Period, first_moment
from brugerbog.domain.instants import microseconds
from brugerbog.domain.user import User
from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from datetime import date

    from brugerbog.domain.events import Event
    from brugerbog.projections.projection import Recorded, Row

PERIOD_END: Final = "period_end"
ERASURE: Final = "erasure"

due = Table(
    "due",
    read_tables,
    Column("user_id", Uid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("organisation_id", Uid, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("generation", Integer, nullable=False),
    PrimaryKeyConstraint("user_id", "kind"),
    Index("due_by_time", "due_at", "user_id"),
)


class Due:
    """One row for each thing to come: the end of a deactivation, the erasure of a deleted user's data.

    `generation` is the version of the event that planned it; work planned by an older one is void.
    """

    name = "due"
    version = 1
    table = due

    @property
    def concerns(self) -> frozenset[type[Event]]:
        return frozenset((User.Deactivated, User.Reactivated, User.Deleted, User.PersonalDataErased))

    def apply(self, rows: list[Row], recorded: Recorded) -> list[Row]:
        event = recorded.event
        if isinstance(event, User.Deactivated):
            return _planned(event, PERIOD_END, Period(event.from_date, event.to_date).day_of_return)
        if isinstance(event, User.Deleted):
            return _planned(event, ERASURE, event.erase_on)
        if isinstance(event, User.Reactivated | User.PersonalDataErased):
            return []
        return rows


def _planned(event: User.Event, kind: str, day: date | None) -> list[Row]:
    if day is None:
        return []
    return [
        {
            "user_id": event.originator_id,
            "kind": kind,
            "organisation_id": event.organisation_id,
            "due_at": microseconds(first_moment(day)),
            "generation": event.originator_version,
        }
    ]
