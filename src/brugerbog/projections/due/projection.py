"""What falls due when, to be recorded by the schedule?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from brugerbog.domain.user.state import UserEvent
from brugerbog.domain.user.user import User
from brugerbog.domain.values.days import Period, first_moment
from brugerbog.domain.values.instants import microseconds
from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from datetime import date, datetime

    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import Recorded, Row

PERIOD_END: Final = "period_end"
ERASURE: Final = "erasure"
LINK_EXPIRY: Final = "link_expiry"

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
    """One row for each thing to come: a link's expiry, the end of a deactivation, a deleted user's erasure.

    `generation` is the version of the event that planned it; work planned by an older one is void.
    """

    name = "due"
    version = 2
    table = due

    @property
    def handles(self) -> frozenset[type[Event]]:
        return frozenset((User.ActivationMailIssued, User.Deactivated, User.Deleted, *_SETTLING))

    def apply(self, rows: list[Row], recorded: Recorded) -> list[Row]:
        event = recorded.event
        if isinstance(event, User.ActivationMailIssued):
            return _planned(event, LINK_EXPIRY, event.expires_at)
        if isinstance(event, User.Deactivated):
            return _on(event, PERIOD_END, Period(event.from_date, event.to_date).day_of_return)
        if isinstance(event, User.Deleted):
            return _on(event, ERASURE, event.erase_on)
        return [] if isinstance(event, _SETTLING) else rows


_SETTLING: Final = (User.ActivationLinkExpired, User.Activated, User.Reactivated, User.PersonalDataErased)
"""After these nothing is due of what was planned before: what somebody waits for is one thing at a time."""


def _on(event: UserEvent, kind: str, day: date | None) -> list[Row]:
    return [] if day is None else _planned(event, kind, first_moment(day))


def _planned(event: UserEvent, kind: str, at: datetime) -> list[Row]:
    return [
        {
            "user_id": event.originator_id,
            "kind": kind,
            "organisation_id": event.organisation_id,
            "due_at": microseconds(at),
            "generation": event.originator_version,
        }
    ]
