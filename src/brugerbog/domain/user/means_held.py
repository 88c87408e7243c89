"""The means of identification that a user is assigned, has ordered and has activated."""

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
    """These means were assigned besides earlier ones, a kind once for each occurrence; none is active yet."""

    TOPIC = "user.means_assigned"
    means: tuple[str, ...]

    def apply(self, user: UserState) -> None:
        user.means = (*user.means, *(Means(means) for means in self.means))


class SharedMeansLinked(UserEvent):
    """The user's shared means, assigned by the organisation with this CVR number."""

    TOPIC = "user.shared_means_linked"
    owner_cvr: str
    identifier: Personal[str]

    def apply(self, user: UserState) -> None:
        user.shared_means = SharedMeans(self.owner_cvr, self.identifier)


class MeansMailIssued(UserEvent):
    """A mail is to be sent with a link, valid until `expires_at`, for activating assigned means."""

    TOPIC = "user.means_mail_issued"
    expires_at: datetime

    def apply(self, user: UserState) -> None:
        user.means_link = Link(self.originator_version, self.expires_at)
        user.confirmed_at = None


class MeansOrdered(UserEvent):
    """A device for a MitID with its own id was ordered; `price` øre are invoiced, to `ean` if any."""

    TOPIC = "user.means_ordered"
    means: str
    mitid_user_id: UUID
    price: int
    ean: str | None

    def apply(self, user: UserState) -> None:
        user.ordered_means = {**user.ordered_means, self.mitid_user_id: Means(self.means)}


class MeansActivated(UserEvent):
    """The user activated a means; a private one with the user's consent."""

    TOPIC = "user.means_activated"
    means: str
    mitid_user_id: UUID | None

    def apply(self, user: UserState) -> None:
        user.active_means = (*user.active_means, Means(self.means))
        user.ordered_means = {
            mitid: kind for mitid, kind in user.ordered_means.items() if mitid != self.mitid_user_id
        }


class ConsentWithdrawn(UserEvent):
    """The user no longer consents to the use of the private means for the organisation."""

    TOPIC = "user.consent_withdrawn"

    def apply(self, user: UserState) -> None:
        user.active_means = tuple(means for means in user.active_means if means is not Means.PRIVATE)


def means_to_assign(
    wanted: Iterable[Means], *, assigned: Iterable[Means], active: Iterable[Means]
) -> tuple[Means, ...]:
    """Return the means to assign so that all wanted ones can be activated.

    A user has at most one private and one shared means; of the other kinds, means that are assigned and not
    active count as wanted ones.
    """
    open_means, single, new = Counter(assigned) - Counter(active), set(assigned), list[Means]()
    for means in wanted:
        if means in SINGLE:
            new += [means] if means not in single else []
            single.add(means)
        elif open_means[means]:
            open_means[means] -= 1
        else:
            new.append(means)
    return tuple(new)


class MeansHeld(UserState):
    """Commands on means, by administrators and by the user."""

    def assign_means(
        self,
        context: CommandContext,
        means: Iterable[Means],
        settings: Settings,
        shared: SharedMeans | None = None,
    ) -> tuple[Means, ...]:
        """Assign more means (guide, Tildel identifikationsmidler), and return the new ones.

        Open means of the user count, and record nothing. A kind given twice asks for two; of private and
        shared means a user has one at most. An active user gets a mail about the new means.
        Raises: AlreadyDeleted, MeansNotOffered, SharedMeansNotNamed.
        """
        self._must_not_be_deleted()
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
        """Issue a new link for the open means; the earlier link is void.

        Raises: AlreadyDeleted, NotActive, NoMeansToActivate.
        """
        self._must_not_be_deleted()
        if self.phase is not Status.ACTIVE:
            raise NotActive(self.id)
        if not self.open_means:
            raise NoMeansToActivate(self.id)
        self.issue_means_mail(context)

    def issue_means_mail(self, context: CommandContext) -> None:
        """Issue a link for activating the open means."""
        self.record(context, MeansMailIssued, expires_at=link_expiry(context))

    def order_means(
        self, context: CommandContext, means: Means, mitid_user_id: UUID, settings: Settings
    ) -> None:
        """Order an assigned device for a new dedicated MitID; the user activates it on arrival.

        Raises: AlreadyDeleted, NothingToOrder, MeansNotAssigned, MeansNotOffered.
        """
        self._must_not_be_deleted()
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
        """Activate means: private with consent, a device once ordered, each dedicated MitID with its id.

        Raises: MeansNotAssigned, MeansNotYetOrdered, ConsentMissing.
        """
        chosen = tuple(means)
        ordered = Counter(self.ordered_means.values())
        for kind, count in Counter(chosen).items():
            if count > self.open_means[kind]:
                raise MeansNotAssigned(kind)
            if kind is Means.PRIVATE and not consent:
                raise ConsentMissing
            if kind in HARDWARE and count > ordered[kind]:
                raise MeansNotYetOrdered(kind)
        for kind in chosen:
            self.record(context, MeansActivated, means=kind, mitid_user_id=self._mitid_of(kind, new_id))

    def _mitid_of(self, means: Means, new_id: Callable[[], UUID]) -> UUID | None:
        if means in SINGLE:
            return None
        if means in HARDWARE:
            return next(mitid for mitid, kind in self.ordered_means.items() if kind is means)
        return new_id()

    def withdraw_consent(self, context: CommandContext) -> None:
        """Withdraw consent to the use of the private means for the organisation; only the user can.

        Raises: AlreadyDeleted, NoConsentGiven.
        """
        self._must_not_be_deleted()
        if Means.PRIVATE not in self.active_means:
            raise NoConsentGiven(self.id)
        self.record(context, ConsentWithdrawn)


@dataclass(eq=False)
class SharedMeansNotNamed(Refusal):
    """A shared means takes a CVR number and a user id (guide, MitID identifikationsmidler)."""

    code = "shared_means_not_named"
    danish = (
        "Angiv det delte identifikationsmiddel: dets bruger-id, og CVR-nummeret på den organisation, "
        "der har tildelt det."
    )
    english = "Name the shared means: the CVR number of the organisation it belongs to, and its user id."


@dataclass(eq=False)
class NoMeansToActivate(Refusal):
    """All assigned means are active."""

    code = "no_means_to_activate"
    danish = "Brugeren har ingen identifikationsmidler, der mangler at blive aktiveret. Tilføj først et."
    english = "The user has no means left to activate."
    user_id: UUID


@dataclass(eq=False)
class NothingToOrder(MeansRefusal, Refusal):
    """Only code display, audio code reader and chip are ordered."""

    code = "nothing_to_order"
    danish = "{name} skal ikke bestilles. Aktivér det i stedet."
    english = "Means of the kind '{means}' aren't ordered: activate it."
    means: Means


@dataclass(eq=False)
class MeansNotAssigned(MeansRefusal, Refusal):
    """The user can activate and order only assigned means, in the number assigned."""

    code = "means_not_assigned"
    danish = "Du er ikke tildelt flere af typen {name}. Spørg din administrator."
    english = "No more means of the kind '{means}' have been assigned."
    means: Means


@dataclass(eq=False)
class MeansNotYetOrdered(MeansRefusal, Refusal):
    """A device can be activated once it is ordered and has arrived."""

    code = "means_not_yet_ordered"
    danish = "Bestil først {name}, og vent med at aktivere, til den er kommet."
    english = "Order the '{means}' first, and activate it when it has come."
    means: Means


@dataclass(eq=False)
class ConsentMissing(Refusal):
    """A private MitID is used for an organisation only with the user's consent."""

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
