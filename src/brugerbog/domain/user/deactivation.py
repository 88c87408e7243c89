"""Deactivation of a user for whole days, and its end: early, on its date or by cancellation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from brugerbog.domain.kernel.days import Period
from brugerbog.domain.user import refusals
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from brugerbog.domain.kernel.command_context import CommandContext


class Deactivated(UserEvent):
    """The user is inactive from `from_date` to `to_date`, both included, instead of any replaced period."""

    TOPIC = "user.deactivated"
    from_date: date
    to_date: date | None
    replaced_from_date: date | None
    replaced_to_date: date | None

    def apply(self, user: UserState) -> None:
        user.period = Period(self.from_date, self.to_date)
        user.period_generation = self.originator_version


class Reactivated(UserEvent):
    """The deactivation ended, early or on its date, or was cancelled before it began."""

    TOPIC = "user.reactivated"

    def apply(self, user: UserState) -> None:
        user.period = None


class Deactivation(UserState):
    """The commands of `User` on deactivation and reactivation."""

    def deactivate(self, context: CommandContext, *, from_date: date, to_date: date | None) -> None:
        """Make the user inactive from one day to another, both included (guide, Deaktivér bruger).

        Replaces a current or future period; the same period again records nothing.
        Raises: AlreadyDeleted, NeverActivated, CannotDeactivateOneself, FromDateInThePast,
            ToDateBeforeFromDate.
        """
        self._must_not_be_deleted()
        if self.phase is not Status.ACTIVE:
            raise refusals.NeverActivated(self.id)
        if context.actor == self.id:
            raise refusals.CannotDeactivateOneself(self.id)
        period, replaced = Period(from_date, to_date), self._current_or_future_period(context.today)
        if period == replaced:
            return
        if to_date is not None and to_date < from_date:
            raise refusals.ToDateBeforeFromDate(from_date, to_date)
        if from_date < context.today:
            raise refusals.FromDateInThePast(from_date)
        self.record(
            context,
            Deactivated,
            from_date=from_date,
            to_date=to_date,
            replaced_from_date=replaced and replaced.from_date,
            replaced_to_date=replaced and replaced.to_date,
        )

    def reactivate(self, context: CommandContext) -> None:
        """End a current deactivation early, or cancel a future one (guide, Genaktivér bruger).

        Raises: AlreadyDeleted, NotDeactivated.
        """
        self._must_not_be_deleted()
        if self._current_or_future_period(context.today) is None:
            raise refusals.NotDeactivated(self.id)
        self.record(context, Reactivated)

    def end_period(self, context: CommandContext, generation: int) -> bool:
        """Record that a period is over; the status is computed from the dates, whether recorded or not.

        `generation` is the version of the period's `Deactivated` event. Return False, and record nothing, if
        the period was replaced, ended earlier or is not over yet, or if the user is deleted.
        """
        if self.phase is not Status.ACTIVE or self.period is None or self.period_generation != generation:
            return False
        if not self.period.is_over_by(context.today):
            return False
        self.record(context, Reactivated)
        return True

    def _current_or_future_period(self, today: date) -> Period | None:
        return None if self.period is None or self.period.is_over_by(today) else self.period
