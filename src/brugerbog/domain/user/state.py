"""What every part of a user's life rests on: that he lives, and that what happens to him is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.domain.kernel import aggregate
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.user.status import Status, status_at
from brugerbog.domain.values.means import Ial

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from brugerbog.domain.kernel.privacy import Personal
    from brugerbog.domain.user.user import User
    from brugerbog.domain.values.days import Period


class UserEvent(aggregate.Event):
    """Something that happened to a user."""

    def apply(self, user: User) -> None:
        """Most facts only mark that they happened."""


class UserState(aggregate.Aggregate):
    """A user as far as every story about him needs him: how far his life has come, and who he is."""

    def __init__(self) -> None:
        self.organisation_id: UUID
        self.phase = Status.PENDING
        self.period: Period | None = None
        self.target_ial = Ial.SUBSTANTIAL
        self.ean: str | None = None
        UserState.forget(self)

    def forget(self) -> None:
        """Hold nothing personal."""
        self.first_name: Personal[str] = ERASED
        self.surname: Personal[str] = ERASED
        self.cpr: Personal[str | None] = ERASED
        self.date_of_birth: Personal[date] = ERASED
        self.email: Personal[str] = ERASED
        self.phone: Personal[str | None] = ERASED
        self.reference_text: Personal[str | None] = ERASED

    def status_at(self, instant: datetime) -> Status:
        """The status at an instant (timezone-aware), given the events so far."""
        return status_at(self.phase, self.period, instant)

    def _must_live(self) -> None:
        if self.phase is Status.DELETED:
            raise AlreadyDeleted(self.id)
