"""The projection `due`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.days import Period, first_moment
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.user.state import UserEvent
from brugerbog.domain.user.user import User
from brugerbog.projections.due.table import ERASURE, LINK_EXPIRY, PERIOD_END, due

if TYPE_CHECKING:
    from datetime import date, datetime

    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import RecordedEvent, Row


class DueProjection:
    """One row for each item of due work: a link's expiry, a deactivation's end, a deleted user's erasure.

    `generation` is the version of the event that planned the item; items of older events are void.
    """

    name = "due"
    version = 2
    table = due

    @property
    def handles(self) -> frozenset[type[Event]]:
        return frozenset((User.ActivationMailIssued, User.Deactivated, User.Deleted, *_SETTLED_BY))

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        event = recorded.event
        if isinstance(event, User.ActivationMailIssued):
            return _due_row(event, LINK_EXPIRY, event.expires_at)
        if isinstance(event, User.Deactivated):
            return _due_on_day(event, PERIOD_END, Period(event.from_date, event.to_date).day_of_return)
        if isinstance(event, User.Deleted):
            return _due_on_day(event, ERASURE, event.erase_on)
        return [] if isinstance(event, _SETTLED_BY) else rows


_SETTLED_BY: Final = (User.ActivationLinkExpired, User.Activated, User.Reactivated, User.PersonalDataErased)
"""Events after which nothing is due: a user has at most one item at a time."""


def _due_on_day(event: UserEvent, kind: str, day: date | None) -> list[Row]:
    return [] if day is None else _due_row(event, kind, first_moment(day))


def _due_row(event: UserEvent, kind: str, at: datetime) -> list[Row]:
    return [
        {
            "user_id": event.originator_id,
            "kind": kind,
            "organisation_id": event.organisation_id,
            "due_at": microseconds(at),
            "generation": event.originator_version,
        }
    ]
