"""How a user comes to act: asked by mail, known by his identity, helped by a code, and then active."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.activation_code import (
    ActivationCode,
    ActivationCodeIssued,
    CodeMissing,
    NoCodeNeeded,
)
from brugerbog.domain.user.links import Link, LinkPurpose, link_expiry
from brugerbog.domain.user.means_held import MeansHeld
from brugerbog.domain.user.refusals import NotImported, NotPending
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.settings import Settings
    from brugerbog.domain.values.means import Means

OPERATOR_DOORS: Final = frozenset({Door.CLI, Door.EMBEDDED})


class SentToActivation(UserEvent):
    """An imported user has been asked to activate himself."""

    TOPIC = "user.sent_to_activation"

    def apply(self, user: UserState) -> None:
        user.phase = Status.PENDING
        user.sent_by = self.command_id


class ActivationMailIssued(UserEvent):
    """The user is to get a mail with a link good until `expires_at`; every earlier link is void."""

    TOPIC = "user.activation_mail_issued"
    expires_at: datetime
    resent: bool

    def apply(self, user: UserState) -> None:
        user.link = Link(self.originator_version, self.expires_at)
        user.link_has_expired = False
        user.confirmed_at = None


class ActivationLinkExpired(UserEvent):
    """The link was not used in its 30 days; the user still awaits activation."""

    TOPIC = "user.activation_link_expired"

    def apply(self, user: UserState) -> None:
        user.link_has_expired = True


class Activated(UserEvent):
    """The user can act for the organisation; `identity_proof` is the broker who told who he is, or `none`."""

    TOPIC = "user.activated"
    identity_proof: str

    def apply(self, user: UserState) -> None:
        user.phase = Status.ACTIVE
        user.confirmed_at = None
        user.code_expires_at = None


class Activation(ActivationCode, MeansHeld):
    """From being asked to being active; and, by the same kind of link, taking means into use later."""

    # What the administrator does

    def send_to_activation(
        self, context: CommandContext, settings: Settings, means: Iterable[Means] = ()
    ) -> None:
        """Ask an imported user to activate himself (guide, Send brugere til aktivering).

        `means` he may use besides those he has; a kind as often as he may have new ones of it.
        Raises: AlreadyDeleted, NotImported, MeansNotOffered, SharedMeansNotNamed.
        """
        self._must_live()
        if self.phase is not Status.IMPORTED:
            raise NotImported(self.id)
        self.assign_means(context, means, settings)
        self.record(context, SentToActivation)
        self.invite(context)

    def invite(self, context: CommandContext) -> None:
        """Issue the first mail, and the code of somebody known by birth date only."""
        self.record(context, ActivationMailIssued, expires_at=link_expiry(context), resent=False)
        if self.needs_code:
            self.record(context, ActivationCodeIssued, expires_at=link_expiry(context))

    def resend_activation_mail(self, context: CommandContext) -> None:
        """Issue a new link for 30 days; the earlier one is void (guide, Gensend aktiveringsmail).

        Raises: AlreadyDeleted, NotPending.
        """
        self._must_be_pending()
        self.record(context, ActivationMailIssued, expires_at=link_expiry(context), resent=True)

    def reissue_links(self, context: CommandContext, known_until: int) -> None:
        """Issue the user's open links again, because those that were mailed went to another address.

        A link issued after the version `known_until` of the user stays as it is.
        """
        means_link = self.means_link
        if self.phase is Status.PENDING:
            self.record(context, ActivationMailIssued, expires_at=link_expiry(context), resent=True)
        elif (
            self.phase is Status.ACTIVE
            and self.open_means
            and means_link is not None
            and means_link.generation <= known_until
            and context.recorded_at < means_link.expires_at
        ):
            self.issue_means_mail(context)

    def issue_code(self, context: CommandContext) -> None:
        """Issue a new temporary code, and a new link with it (guide, Dan ny midlertidig aktiveringskode).

        Raises: AlreadyDeleted, NotPending, NoCodeNeeded.
        """
        self._must_be_pending()
        if not self.needs_code:
            raise NoCodeNeeded(self.id)
        self.record(context, ActivationCodeIssued, expires_at=link_expiry(context))
        self.record(context, ActivationMailIssued, expires_at=link_expiry(context), resent=True)

    def activate(self, context: CommandContext) -> None:
        """Activate without identity proof, on the operator's word, given on the machine itself.

        Raises: AlreadyDeleted, NotPending, OperatorsDoorOnly.
        """
        if context.door not in OPERATOR_DOORS:
            raise OperatorsDoorOnly
        self._must_be_pending()
        self.record(context, Activated, identity_proof="none")

    # What time does

    def expire_link(self, context: CommandContext, generation: int) -> bool:
        """Record that the link has expired; of no effect when another has taken its place, or too early."""
        link = self.link
        if self.phase is not Status.PENDING or link is None or link.generation != generation:
            return False
        if self.link_has_expired or context.recorded_at < link.expires_at:
            return False
        self.record(context, ActivationLinkExpired)
        return True

    # What the user does himself

    def complete_activation(
        self,
        context: CommandContext,
        generation: int,
        means: Iterable[Means],
        *,
        consent: bool,
        new_id: Callable[[], UUID],
    ) -> None:
        """Become active with the means the user takes into use now; others he may take later by mail.

        Raises: as `check_link`; IdentityNotConfirmed, CodeMissing, MeansNotChosen, and as `take_means`.
        """
        self.check_link(LinkPurpose.ACTIVATION, generation, context.recorded_at)
        self.must_be_confirmed(context)
        if self.lacks_code(context.recorded_at):
            raise CodeMissing
        chosen = tuple(means)
        if self.means and not chosen and not self.ordered_means:
            raise MeansNotChosen
        self.take_means(context, chosen, consent=consent, new_id=new_id)
        self.record(context, Activated, identity_proof=self.confirmed_by)
        if self.open_means:
            self.issue_means_mail(context)

    def _must_be_pending(self) -> None:
        self._must_live()
        if self.phase is not Status.PENDING:
            raise NotPending(self.id)


@dataclass(eq=False)
class OperatorsDoorOnly(Refusal):
    """Only on the machine itself is somebody activated on the operator's word (ours)."""

    code = "operators_door_only"
    danish = "Brugere kan kun aktiveres uden identitetsbevis fra kommandolinjen. Gensend aktiveringsmailen."
    english = "Activation without identity proof is for the command line and the embedding application only."


@dataclass(eq=False)
class MeansNotChosen(Refusal):
    """Activating takes at least one of the means that the user may use."""

    code = "means_not_chosen"
    danish = "Vælg mindst ét af de identifikationsmidler, du må bruge."
    english = "Choose at least one of the means assigned."
