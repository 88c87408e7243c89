"""Activation of a user: mail with a link, proof of identity, temporary code if needed, choice of means."""

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
"""The entry points at which users can be activated without identity proof."""


class SentToActivation(UserEvent):
    """An imported user was sent to activation."""

    TOPIC = "user.sent_to_activation"

    def apply(self, user: UserState) -> None:
        user.phase = Status.PENDING
        user.sent_to_activation_by = self.command_id


class ActivationMailIssued(UserEvent):
    """A mail is to be sent with an activation link valid until `expires_at`; all earlier links are void."""

    TOPIC = "user.activation_mail_issued"
    expires_at: datetime
    resent: bool

    def apply(self, user: UserState) -> None:
        user.link = Link(self.originator_version, self.expires_at)
        user.link_has_expired = False
        user.confirmed_at = None


class ActivationLinkExpired(UserEvent):
    """The link was not used in its 30 days; the user is still pending."""

    TOPIC = "user.activation_link_expired"

    def apply(self, user: UserState) -> None:
        user.link_has_expired = True


class Activated(UserEvent):
    """The user can act for the organisation; `identity_proof` names the confirming broker, or is `none`."""

    TOPIC = "user.activated"
    identity_proof: str

    def apply(self, user: UserState) -> None:
        user.phase = Status.ACTIVE
        user.confirmed_at = None
        user.code_expires_at = None


class Activation(ActivationCode, MeansHeld):
    """The commands of `User` on activation, by administrators, by the schedule and by the user."""

    # By administrators

    def send_to_activation(
        self, context: CommandContext, settings: Settings, means: Iterable[Means] = ()
    ) -> None:
        """Send an imported user to activation (guide, Send brugere til aktivering).

        `means` are assigned as by `assign_means`: those assigned earlier and not yet active count.
        Raises: AlreadyDeleted, NotImported, MeansNotOffered, SharedMeansNotNamed.
        """
        self._must_not_be_deleted()
        if self.phase is not Status.IMPORTED:
            raise NotImported(self.id)
        self.assign_means(context, means, settings)
        self.record(context, SentToActivation)
        self.invite(context)

    def invite(self, context: CommandContext) -> None:
        """Issue the first activation mail, and a temporary code if the user is known by birth date only."""
        self.record(context, ActivationMailIssued, expires_at=link_expiry(context), resent=False)
        if self.needs_code:
            self.record(context, ActivationCodeIssued, expires_at=link_expiry(context))

    def resend_activation_mail(self, context: CommandContext) -> None:
        """Issue a new link for 30 days; the earlier link is void (guide, Gensend aktiveringsmail).

        Raises: AlreadyDeleted, NotPending.
        """
        self._must_be_pending()
        self.record(context, ActivationMailIssued, expires_at=link_expiry(context), resent=True)

    def reissue_links(self, context: CommandContext, up_to_version: int) -> None:
        """Void the links mailed to the previous e-mail address, and issue new ones.

        `up_to_version` is the user's version before the change. A means link that was used, has expired or
        was issued later isn't issued again.
        """
        means_link = self.means_link
        if self.phase is Status.PENDING:
            self.record(context, ActivationMailIssued, expires_at=link_expiry(context), resent=True)
        elif (
            self.phase is Status.ACTIVE
            and self.open_means
            and means_link is not None
            and means_link.generation <= up_to_version
            and context.recorded_at < means_link.expires_at
        ):
            self.issue_means_mail(context)

    def issue_code(self, context: CommandContext) -> None:
        """Issue a new temporary code and a new link (guide, Dan ny midlertidig aktiveringskode).

        Raises: AlreadyDeleted, NotPending, NoCodeNeeded.
        """
        self._must_be_pending()
        if not self.needs_code:
            raise NoCodeNeeded(self.id)
        self.record(context, ActivationCodeIssued, expires_at=link_expiry(context))
        self.record(context, ActivationMailIssued, expires_at=link_expiry(context), resent=True)

    def activate(self, context: CommandContext) -> None:
        """Activate without identity proof; only the command line and the embedding application may.

        Raises: AlreadyDeleted, NotPending, OperatorsDoorOnly.
        """
        if context.door not in OPERATOR_DOORS:
            raise OperatorsDoorOnly
        self._must_be_pending()
        self.record(context, Activated, identity_proof="none")

    # By the schedule

    def expire_link(self, context: CommandContext, generation: int) -> bool:
        """Record that a link has expired; `generation` is the version of the event that issued the link.

        Return False, and record nothing, if the link was replaced or used, hasn't expired yet, or is recorded
        as expired already.
        """
        link = self.link
        if self.phase is not Status.PENDING or link is None or link.generation != generation:
            return False
        if self.link_has_expired or context.recorded_at < link.expires_at:
            return False
        self.record(context, ActivationLinkExpired)
        return True

    # By the user

    def complete_activation(
        self,
        context: CommandContext,
        generation: int,
        means: Iterable[Means],
        *,
        consent: bool,
        new_id: Callable[[], UUID],
    ) -> None:
        """Activate the user and the chosen means; a mail with a link is issued for means left to activate.

        `generation` is that of the link, `consent` the consent to use private means, `new_id` makes ids of
        dedicated MitIDs.
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
        self._must_not_be_deleted()
        if self.phase is not Status.PENDING:
            raise NotPending(self.id)


@dataclass(eq=False)
class OperatorsDoorOnly(Refusal):
    """Activation without identity proof is for the command line and the embedding application only (ours)."""

    code = "operators_door_only"
    danish = "Brugere kan kun aktiveres uden identitetsbevis fra kommandolinjen. Gensend aktiveringsmailen."
    english = "Activation without identity proof is for the command line and the embedding application only."


@dataclass(eq=False)
class MeansNotChosen(Refusal):
    """Activation takes at least one of the assigned means, unless there is none or a device is ordered."""

    code = "means_not_chosen"
    danish = "Vælg mindst ét af de identifikationsmidler, du må bruge."
    english = "Choose at least one of the means assigned."
