"""How a user comes to act: asked by mail, known by his identity, helped by a code, and then active."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.identity_proof import AssuranceTooLow, IdentityDoesNotMatch, IdentityNotConfirmed
from brugerbog.domain.user.links import Link, LinkPurpose, LinkUsed, LinkVoided, link_expiry
from brugerbog.domain.user.means_held import MeansHeld
from brugerbog.domain.user.refusals import NotImported, NotPending
from brugerbog.domain.user.state import UserEvent
from brugerbog.domain.user.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.organisation.settings import Settings
    from brugerbog.domain.user.identity_proof import ProvedIdentity
    from brugerbog.domain.user.user import User
    from brugerbog.domain.values.means import Means

MOST_TRIES: Final = 3
"""So many wrong tries void a temporary code (ours)."""

CONFIRMATION_STANDS: Final = timedelta(hours=1)
"""So long after confirming his identity a user may go on with his link (ours)."""

OPERATORS_DOORS: Final = frozenset({Door.CLI, Door.EMBEDDED})


class SentToActivation(UserEvent):
    """An imported user has been asked to activate himself."""

    TOPIC = "user.sent_to_activation"

    def apply(self, user: User) -> None:
        user.phase = Status.PENDING
        user.sent_by = self.command_id


class ActivationMailIssued(UserEvent):
    """The user is to get a mail with a link good until `expires_at`; every earlier link is void."""

    TOPIC = "user.activation_mail_issued"
    expires_at: datetime
    resent: bool

    def apply(self, user: User) -> None:
        user.link = Link(self.originator_version, self.expires_at)
        user.link_has_expired = False
        user.confirmed_at = None


class ActivationCodeIssued(UserEvent):
    """A temporary code was shown to the administrator, once; it voids an earlier one. It stands nowhere."""

    TOPIC = "user.activation_code_issued"
    expires_at: datetime

    def apply(self, user: User) -> None:
        user.code_expires_at = self.expires_at
        user.code_tries = 0
        user.code_accepted_at = None


class ActivationCodeMistyped(UserEvent):
    """Somebody with the user's link and identity gave a wrong code."""

    TOPIC = "user.activation_code_mistyped"

    def apply(self, user: User) -> None:
        user.code_tries += 1


class ActivationCodeVoided(UserEvent):
    """After three wrong tries the temporary code is good no more; a new one is needed."""

    TOPIC = "user.activation_code_voided"

    def apply(self, user: User) -> None:
        user.code_expires_at = None


class ActivationCodeAccepted(UserEvent):
    """The user gave the right temporary code; it can't be used again."""

    TOPIC = "user.activation_code_accepted"

    def apply(self, user: User) -> None:
        user.code_expires_at = None
        user.code_accepted_at = self.timestamp


class ActivationLinkExpired(UserEvent):
    """The link was not used in its 30 days; the user still awaits activation."""

    TOPIC = "user.activation_link_expired"

    def apply(self, user: User) -> None:
        user.link_has_expired = True


class IdentityConfirmed(UserEvent):
    """A broker has told who the user is, by CPR number or birth date, at an assurance level."""

    TOPIC = "user.identity_confirmed"
    broker: str
    by: str
    ial: str

    def apply(self, user: User) -> None:
        user.confirmed_at = self.timestamp
        user.confirmed_by = self.broker


class Activated(UserEvent):
    """The user can act for the organisation; `identity_proof` is the broker who told who he is, or `none`."""

    TOPIC = "user.activated"
    identity_proof: str

    def apply(self, user: User) -> None:
        user.phase = Status.ACTIVE
        user.confirmed_at = None
        user.code_expires_at = None


class Activation(MeansHeld):
    """From being asked to being active; and, by the same kind of link, taking means into use later."""

    def __init__(self) -> None:
        super().__init__()
        self.sent_by: UUID | None = None
        self.link: Link | None = None
        self.link_has_expired = False
        self.code_expires_at: datetime | None = None
        self.code_tries = 0
        self.code_accepted_at: datetime | None = None
        self.confirmed_at: datetime | None = None
        self.confirmed_by = ""

    @property
    def needs_code(self) -> bool:
        """Whether link and identity don't suffice, because only the birth date is known."""
        return self.phase in (Status.IMPORTED, Status.PENDING) and self.cpr is None

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

    def mail_links_anew(self, context: CommandContext, known_until: int) -> None:
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
            self.mail_about_means(context)

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
        if context.door not in OPERATORS_DOORS:
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

    def check_link(self, purpose: LinkPurpose, generation: int, at: datetime) -> Link:
        """The link, if it is good for its purpose at an instant.

        Raises: LinkVoided, LinkExpired, LinkUsed.
        """
        link = self.link if purpose is LinkPurpose.ACTIVATION else self.means_link
        if link is None or self.phase not in (Status.PENDING, Status.ACTIVE):
            raise LinkVoided
        if purpose is LinkPurpose.ACTIVATION and self.phase is Status.ACTIVE:
            raise LinkUsed
        if purpose is LinkPurpose.MEANS and self.status_at(at) is not Status.ACTIVE:
            raise LinkVoided
        if purpose is LinkPurpose.MEANS and not self.open_means:
            raise LinkUsed
        link.check(generation, at)
        return link

    def confirm_identity(
        self, context: CommandContext, purpose: LinkPurpose, generation: int, proved: ProvedIdentity
    ) -> None:
        """Take a broker's word for who has opened the link.

        Raises: as `check_link`; IdentityDoesNotMatch, AssuranceTooLow.
        """
        self.check_link(purpose, generation, context.recorded_at)
        if self.cpr is not None and proved.cpr is not None:
            by, same = "cpr", proved.cpr == self.cpr
        else:
            by, same = "date_of_birth", self.cpr is None and proved.date_of_birth == self.date_of_birth
        if not same:
            raise IdentityDoesNotMatch
        if proved.ial.level < self.target_ial.level:
            raise AssuranceTooLow(proved.ial, self.target_ial)
        self.record(context, IdentityConfirmed, broker=proved.broker, by=by, ial=proved.ial)

    def enter_code(
        self, context: CommandContext, generation: int, *, matches: bool, tries_left: int | None = None
    ) -> Refusal | None:
        """Take the temporary code; a wrong one is recorded too, and then answered with the refusal returned.

        With `tries_left`, only if that many are left: the same try, sent twice, is one.
        Raises: as `must_await_code`; CodeTriedMeanwhile.
        """
        self.must_await_code(context, generation)
        left = self.tries_left_at(context.recorded_at)
        if left is not None and tries_left not in (None, left):
            raise CodeTriedMeanwhile(left)
        if matches:
            self.record(context, ActivationCodeAccepted)
            return None
        self.record(context, ActivationCodeMistyped)
        if self.code_tries < MOST_TRIES:
            return CodeWrong(MOST_TRIES - self.code_tries)
        self.record(context, ActivationCodeVoided)
        return CodeVoid()

    def must_await_code(self, context: CommandContext, generation: int) -> None:
        """Refuse to try a code before link and identity are in order: nobody else may use up the tries.

        Raises: as `check_link`; IdentityNotConfirmed, NoCodeNeeded, CodeVoid.
        """
        self.check_link(LinkPurpose.ACTIVATION, generation, context.recorded_at)
        self.must_be_confirmed(context)
        if not self.needs_code:
            raise NoCodeNeeded(self.id)
        if not self.tries_left_at(context.recorded_at):
            raise CodeVoid

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
            self.mail_about_means(context)

    def is_confirmed_at(self, instant: datetime) -> bool:
        """Whether he has proved who he is, within the last hour."""
        return self._is_fresh(self.confirmed_at, instant)

    def lacks_code(self, instant: datetime) -> bool:
        """Whether he needs a temporary code and hasn't given it within the last hour."""
        return self.needs_code and not self._is_fresh(self.code_accepted_at, instant)

    def tries_left_at(self, instant: datetime) -> int | None:
        """How often the temporary code may still be tried, 0 of a void one; None where none is needed."""
        if not self.needs_code:
            return None
        if self.code_expires_at is None or instant >= self.code_expires_at:
            return 0
        return MOST_TRIES - self.code_tries

    def must_be_confirmed(self, context: CommandContext) -> None:
        """Raises: IdentityNotConfirmed."""
        if not self.is_confirmed_at(context.recorded_at):
            raise IdentityNotConfirmed(self.id)

    @staticmethod
    def _is_fresh(since: datetime | None, now: datetime) -> bool:
        return since is not None and now - since < CONFIRMATION_STANDS

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
class NoCodeNeeded(Refusal):
    """Who is known by CPR number activates himself by link and MitID alone (guide, Opret nye brugere)."""

    code = "no_code_needed"
    danish = (
        "Brugeren er kendt ved CPR-nummer og skal ikke bruge en midlertidig kode. "
        "Gensend i stedet aktiveringsmailen."
    )
    english = "The user is known by CPR number and needs no temporary code."
    user_id: UUID


@dataclass(eq=False)
class CodeMissing(Refusal):
    """Who is known by birth date only needs his temporary code besides the link (ours)."""

    code = "code_missing"
    danish = "Indtast den midlertidige aktiveringskode, du har fået af din administrator."
    english = "The temporary activation code is needed."


@dataclass(eq=False)
class CodeWrong(Refusal):
    """Not the code that was issued; three wrong tries void it (ours)."""

    code = "code_wrong"
    danish = "Koden er forkert. Prøv igen; forsøg tilbage, før den spærres: {tries_left}."
    english = "The code is wrong. Tries left until it is voided: {tries_left}."
    tries_left: int


@dataclass(eq=False)
class CodeTriedMeanwhile(Refusal):
    """Fewer tries are left than the user was told; this one has not been counted (ours)."""

    code = "code_tried_meanwhile"
    danish = "Der er tastet en forkert kode i mellemtiden. Indtast koden igen; forsøg tilbage: {tries_left}."
    english = "The code has been tried meanwhile; this try wasn't counted. Tries left: {tries_left}."
    tries_left: int


@dataclass(eq=False)
class CodeVoid(Refusal):
    """Used, too old, tried too often, or replaced."""

    code = "code_void"
    danish = "Koden gælder ikke længere. Bed din administrator om en ny midlertidig kode."
    english = "The code is void. Ask the administrator for a new temporary code."


@dataclass(eq=False)
class MeansNotChosen(Refusal):
    """Activating takes at least one of the means that the user may use."""

    code = "means_not_chosen"
    danish = "Vælg mindst ét af de identifikationsmidler, du må bruge."
    english = "Choose at least one of the means assigned."
