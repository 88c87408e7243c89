"""The means a user may use, has ordered, and has taken into use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from brugerbog.domain.kernel.privacy import Personal
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.links import Link, link_expiry
from brugerbog.domain.user.refusals import NotActive
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.means import HARDWARE, SINGLE, Means, MeansRefusal, SharedMeans
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.settings import Settings


class MeansAssigned(UserEvent):
    """The user may use these means besides those he had, a kind as often as it is named; none is active."""

    TOPIC = "user.means_assigned"
    means: tuple[str, ...]

    def apply(self, user: UserState) -> None:
        user.means = (*user.means, *(Means(one) for one in self.means))


class SharedMeansLinked(UserEvent):
    """The user's shared means is this one, assigned by the organisation with this CVR number."""

    TOPIC = "user.shared_means_linked"
    owner_cvr: str
    identifier: Personal[str]

    def apply(self, user: UserState) -> None:
        user.shared_means = SharedMeans(self.owner_cvr, self.identifier)


class MeansMailIssued(UserEvent):
    """The user is to get a mail with a link by which he takes assigned means into use until `expires_at`."""

    TOPIC = "user.means_mail_issued"
    expires_at: datetime

    def apply(self, user: UserState) -> None:
        user.means_link = Link(self.originator_version, self.expires_at)
        user.confirmed_at = None


class MeansOrdered(UserEvent):
    """A device for a MitID with an id of its own is on its way; `price` øre are invoiced, to `ean` if any."""

    TOPIC = "user.means_ordered"
    means: str
    mitid_user_id: UUID
    price: int
    ean: str | None

    def apply(self, user: UserState) -> None:
        user.ordered_means = {**user.ordered_means, self.mitid_user_id: Means(self.means)}


class MeansActivated(UserEvent):
    """The user has taken a means into use; a private one with his own consent."""

    TOPIC = "user.means_activated"
    means: str
    mitid_user_id: UUID | None

    def apply(self, user: UserState) -> None:
        user.active_means = (*user.active_means, Means(self.means))
        user.ordered_means = {
            mitid: kind for mitid, kind in user.ordered_means.items() if mitid != self.mitid_user_id
        }


class ConsentWithdrawn(UserEvent):
    """The user no longer lets the organisation rely on his private means."""

    TOPIC = "user.consent_withdrawn"

    def apply(self, user: UserState) -> None:
        user.active_means = tuple(one for one in user.active_means if one is not Means.PRIVATE)


def means_to_assign(
    wanted: Iterable[Means], *, assigned: Iterable[Means], active: Iterable[Means]
) -> tuple[Means, ...]:
    """What is to be assigned so that all that is wanted can be taken into use.

    Of private and shared means there is one; what has been assigned and isn't in use counts for the others.
    """
    has, known, new = Counter(assigned) - Counter(active), set(assigned), list[Means]()
    for one in wanted:
        if one in SINGLE:
            new += [one] if one not in known else []
            known.add(one)
        elif has[one]:
            has[one] -= 1
        else:
            new.append(one)
    return tuple(new)


class MeansHeld(UserState):
    """Which means a user has, and what comes of giving him more."""

    def assign_means(
        self,
        context: CommandContext,
        means: Iterable[Means],
        settings: Settings,
        shared: SharedMeans | None = None,
    ) -> tuple[Means, ...]:
        """Give the user more means (guide, Tildel identifikationsmidler); those he has open record nothing.

        A kind named twice means two of it. Of private and shared means there is one. An active user gets a
        mail about what is new. Returns the new ones.
        Raises: AlreadyDeleted, MeansNotOffered, SharedMeansNotNamed.
        """
        self._must_live()
        wanted = tuple(means)
        settings.check_means(wanted)
        new = means_to_assign(wanted, assigned=self.means, active=self.active_means)
        if Means.SHARED in wanted and shared is None and self.shared_means is None:
            raise SharedMeansNotNamed
        if new:
            self.record(context, MeansAssigned, means=new)
        if Means.SHARED in wanted and shared is not None and shared != self.shared_means:
            self.record(context, SharedMeansLinked, owner_cvr=shared.owner_cvr, identifier=shared.identifier)
        if new and self.phase is Status.ACTIVE:
            self.issue_means_mail(context)
        return new

    def resend_means_mail(self, context: CommandContext) -> None:
        """Issue a new link for the means not yet in use; the earlier one is void.

        Raises: AlreadyDeleted, NotActive, NoMeansToActivate.
        """
        self._must_live()
        if self.phase is not Status.ACTIVE:
            raise NotActive(self.id)
        if not self.open_means:
            raise NoMeansToActivate(self.id)
        self.issue_means_mail(context)

    def issue_means_mail(self, context: CommandContext) -> None:
        """Issue a link by which the user takes what is open into use."""
        self.record(context, MeansMailIssued, expires_at=link_expiry(context))

    def order_means(
        self, context: CommandContext, means: Means, mitid_user_id: UUID, settings: Settings
    ) -> None:
        """Order a device that has been assigned, for a new dedicated MitID; it is activated when it has come.

        Raises: AlreadyDeleted, NothingToOrder, MeansNotAssigned, MeansNotOffered.
        """
        self._must_live()
        if means not in HARDWARE:
            raise NothingToOrder(means)
        settings.check_means([means])
        if (self.open_means - Counter(self.ordered_means.values()))[means] == 0:
            raise MeansNotAssigned(means)
        price = settings.prices.of(means)
        self.record(
            context, MeansOrdered, means=means, mitid_user_id=mitid_user_id, price=price, ean=self.ean
        )

    def take_means(
        self, context: CommandContext, means: Iterable[Means], *, consent: bool, new_id: Callable[[], UUID]
    ) -> None:
        """Take means into use: private with consent, a device once ordered, each dedicated MitID with its id.

        Raises: MeansNotAssigned, MeansNotYetOrdered, ConsentMissing.
        """
        chosen = tuple(means)
        ordered = Counter(self.ordered_means.values())
        for one, many in Counter(chosen).items():
            if many > self.open_means[one]:
                raise MeansNotAssigned(one)
            if one is Means.PRIVATE and not consent:
                raise ConsentMissing
            if one in HARDWARE and many > ordered[one]:
                raise MeansNotYetOrdered(one)
        for one in chosen:
            self.record(context, MeansActivated, means=one, mitid_user_id=self._mitid_of(one, new_id))

    def _mitid_of(self, means: Means, new_id: Callable[[], UUID]) -> UUID | None:
        if means in SINGLE:
            return None
        if means in HARDWARE:
            return next(mitid for mitid, kind in self.ordered_means.items() if kind is means)
        return new_id()

    def withdraw_consent(self, context: CommandContext) -> None:
        """Stop using the private means for the organisation; only the user himself can.

        Raises: AlreadyDeleted, NoConsentGiven.
        """
        self._must_live()
        if Means.PRIVATE not in self.active_means:
            raise NoConsentGiven(self.id)
        self.record(context, ConsentWithdrawn)


@dataclass(eq=False)
class SharedMeansNotNamed(Refusal):
    """A shared means is some organisation's: which, and which one (guide, MitID identifikationsmidler)."""

    code = "shared_means_not_named"
    danish = (
        "Angiv det delte identifikationsmiddel: dets bruger-id, og CVR-nummeret på den organisation, "
        "der har tildelt det."
    )
    english = "Name the shared means: the CVR number of the organisation it belongs to, and its user id."


@dataclass(eq=False)
class NoMeansToActivate(Refusal):
    """Everything assigned is in use."""

    code = "no_means_to_activate"
    danish = "Brugeren har ingen identifikationsmidler, der mangler at blive aktiveret. Tilføj først et."
    english = "The user has no means left to activate."
    user_id: UUID


@dataclass(eq=False)
class NothingToOrder(MeansRefusal, Refusal):
    """Only code display, audio code reader and chip are sent to people."""

    code = "nothing_to_order"
    danish = "{name} skal ikke bestilles. Aktivér det i stedet."
    english = "Means of the kind '{means}' aren't ordered: activate it."
    means: Means


@dataclass(eq=False)
class MeansNotAssigned(MeansRefusal, Refusal):
    """The user may use and order only what he has been assigned, as many of it as that."""

    code = "means_not_assigned"
    danish = "Du er ikke tildelt flere af typen {name}. Spørg din administrator."
    english = "No more means of the kind '{means}' have been assigned."
    means: Means


@dataclass(eq=False)
class MeansNotYetOrdered(MeansRefusal, Refusal):
    """A device is activated once it has been ordered and has come."""

    code = "means_not_yet_ordered"
    danish = "Bestil først {name}, og vent med at aktivere, til den er kommet."
    english = "Order the '{means}' first, and activate it when it has come."
    means: Means


@dataclass(eq=False)
class ConsentMissing(Refusal):
    """A private MitID is used for an organisation with the user's own consent only."""

    code = "consent_missing"
    danish = "Giv samtykke til at bruge dit private MitID for organisationen, eller vælg et andet middel."
    english = "Using private means takes the user's consent."


@dataclass(eq=False)
class NoConsentGiven(Refusal):
    """There is no consent to withdraw."""

    code = "no_consent_given"
    danish = (
        "Du bruger ikke dit private MitID for organisationen, så der er intet samtykke at trække tilbage."
    )
    english = "The user's private means isn't in use, so there is no consent to withdraw."
    user_id: UUID
