"""The state of a user: the attributes that events set, and the removal of those that are personal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from brugerbog.domain.kernel import aggregate
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.values.means import Ial, Means, SharedMeans
from brugerbog.domain.values.status import Status, status_at

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from brugerbog.domain.kernel.days import Period
    from brugerbog.domain.kernel.privacy import Personal
    from brugerbog.domain.user.links import Link


class UserEvent(aggregate.Event):
    """A fact about a user."""

    def apply(self, user: UserState) -> None:
        """Set attributes of the user; an event that only records a fact sets none."""


class UserState(aggregate.Aggregate):
    """A user as the events so far leave them. The subclasses add the commands."""

    def __init__(self) -> None:
        self.organisation_id: UUID
        self.phase = Status.PENDING

        self.first_name: Personal[str] = ERASED
        self.surname: Personal[str] = ERASED
        self.cpr: Personal[str | None] = ERASED
        self.date_of_birth: Personal[date] = ERASED
        self.email: Personal[str] = ERASED
        self.phone: Personal[str | None] = ERASED
        self.reference_text: Personal[str | None] = ERASED
        self.user_name: Personal[str | None] = None
        self.external_id: Personal[str | None] = None
        self.target_ial = Ial.SUBSTANTIAL
        self.ean: str | None = None
        self.p_number: str | None = None
        self.se_number: str | None = None

        # Activation
        self.sent_to_activation_by: UUID | None = None
        self.link: Link | None = None
        self.link_has_expired = False
        self.code_expires_at: datetime | None = None
        self.code_tries = 0
        self.code_accepted_at: datetime | None = None
        self.confirmed_at: datetime | None = None
        self.confirmed_by = ""

        # Means
        self.means: tuple[Means, ...] = ()
        self.ordered_means: dict[UUID, Means] = {}
        self.active_means: tuple[Means, ...] = ()
        self.shared_means: SharedMeans | None = None
        self.means_link: Link | None = None

        # Deactivation
        self.period: Period | None = None
        self.period_generation = 0

        # Entitlements
        self.rights: tuple[str, ...] = ()
        self.can_sign = False
        self.sealing_profiles: tuple[str, ...] = ()

        # Anonymity
        self.anonymous = False
        self.asks_for_anonymity = False
        self.decline_reason: Personal[str] | None = None
        self.replaced: Personal[UUID] | None = None

        # Deletion
        self.erase_on: date | None = None
        self.deletion_generation = 0
        self.erased = False

    def forget(self) -> None:
        """Remove all personal data."""
        self.first_name = ERASED
        self.surname = ERASED
        self.cpr = ERASED
        self.date_of_birth = ERASED
        self.email = ERASED
        self.phone = ERASED
        self.reference_text = ERASED
        self.user_name = ERASED
        self.external_id = ERASED
        if self.shared_means is not None:
            self.shared_means = SharedMeans(self.shared_means.owner_cvr, ERASED)
        self.decline_reason = None
        self.replaced = None

    def status_at(self, instant: datetime) -> Status:
        """Return the status at an instant (timezone-aware), given the events so far."""
        return status_at(self.phase, self.period, instant)

    @property
    def open_means(self) -> Counter[Means]:
        """The assigned means that are not in use yet, ordered devices among them."""
        return Counter(self.means) - Counter(self.active_means)

    def _must_not_be_deleted(self) -> None:
        if self.phase is Status.DELETED:
            raise AlreadyDeleted(self.id)
