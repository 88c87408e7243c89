"""What a mail is before it is written, the queue it waits in, and those who write and carry it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Protocol
from uuid import UUID, uuid5

from brugerbog.domain.user.links import LinkPurpose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from brugerbog.domain.kernel.privacy import Secret


class MailKind(StrEnum):
    """What a mail is about; each kind has a Danish text of its own."""

    ACTIVATION = "activation"
    ACTIVATION_RESENT = "activation_resent"
    MEANS_ASSIGNED = "means_assigned"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    ANONYMITY_ASKED = "anonymity_asked"
    ANONYMITY_DECLINED = "anonymity_declined"
    CODE_VOIDED = "code_voided"
    CPR_LIMIT_MET = "cpr_limit_met"


class MailState(StrEnum):
    """Where a mail stands: it waits, somebody has it, the server took it, or nobody will try again."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    DEAD = "dead"


class OwnCode(IntEnum):
    """Why a mail came to nothing where no server said so; a server's own codes end at 599."""

    NOT_ASCII = 600
    """The address has letters before the @ that the server can't carry (it lacks SMTPUTF8)."""

    ADDRESS_UNUSABLE = 601
    """What stands in the address is no address."""

    NOT_WRITTEN = 602
    """Composing or writing it failed here; the log names the kind of error."""

    NEVER_FINISHED = 603
    """Whoever took it up died with it, every time."""


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """That a mail is to be sent, written with the event that calls for it: ids only, nothing about anybody.

    `recipient` gets it, `about` is whom it concerns (often the same), `actor` caused it; `generation` is the
    version of the event that did. `detail` tells apart what one event asks for, such as the role; never
    anything personal.
    """

    kind: MailKind
    recipient: UUID
    about: UUID
    generation: int
    organisation_id: UUID
    actor: UUID
    detail: str = ""

    @property
    def id(self) -> UUID:
        """The same for the same event, so that it can't call for the same mail twice."""
        return uuid5(self.about, f"{self.kind}:{self.recipient}:{self.generation}:{self.detail}")


@dataclass(frozen=True, slots=True)
class LeasedMail:
    """A mail that is one worker's alone `until` his lease runs out; `attempt` counts from 1."""

    intent: OutboxMessage
    attempt: int
    until: datetime

    @property
    def id(self) -> UUID:
        return self.intent.id


@dataclass(frozen=True, slots=True)
class MailStatus:
    """How a mail stands.

    `next_at` is when it may next be taken up, for one that waits or is claimed; `code` what came of the last
    attempt: a server's reply code, an `OwnCode`, or None when there was no reply. `settled_at` is when it was
    sent or given up.
    """

    id: UUID
    kind: MailKind
    recipient: UUID
    about: UUID
    state: MailState
    attempts: int
    created_at: datetime
    next_at: datetime | None
    settled_at: datetime | None
    code: int | None


@dataclass(frozen=True, slots=True)
class LinkToken:
    """What is known of a link that was mailed: whose it is, what for, and which of his links it is."""

    user_id: UUID
    purpose: LinkPurpose
    generation: int


class LinkTokens(Protocol):
    """Knows the digests of the links that were mailed."""

    def find_token(self, digest: bytes) -> LinkToken | None:
        """What a link was sent for. Several may be good for one generation."""
        ...


class Outbox(LinkTokens, Protocol):
    """The queue of mails, and the digests of the links in them. Any number of workers may share it."""

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[LeasedMail]:
        """Take up to `limit` mails that are due, the longest due first; nobody else gets them until then.

        One whose worker let his lease run out is due again.
        """
        ...

    def keep_token(self, mail: LeasedMail, digest: bytes, token: LinkToken, at: datetime) -> bool:
        """Keep the digest of a link that is about to be sent, on disk before this returns.

        False when the mail is no longer this worker's, or its user has been erased: then it must not be sent.
        """
        ...

    def sent(self, mail: LeasedMail, at: datetime) -> None:
        """The server has taken it."""
        ...

    def delay(self, mail: LeasedMail, until: datetime, code: int | None) -> None:
        """Try again at an instant, unless another worker has taken it up meanwhile."""
        ...

    def give_up(self, mail: LeasedMail, at: datetime, code: int | None) -> None:
        """Never try again by itself; it stays to be seen."""
        ...

    def drop(self, mail: LeasedMail) -> None:
        """Forget it: what it would say is no longer true."""
        ...

    def retry(self, organisation_id: UUID, mail_id: UUID, now: datetime) -> bool:
        """Let a dead or waiting mail begin anew, due now; False when there is none such."""
        ...

    def mails(self, organisation_id: UUID, state: MailState, *, limit: int = 100) -> Sequence[MailStatus]:
        """An organisation's mails in a state, the oldest first."""
        ...

    def counts(self, organisation_id: UUID | None = None) -> Mapping[MailState, int]:
        """How many mails there are in each state, of one organisation or of all."""
        ...

    def next_due(self) -> datetime | None:
        """When the next mail may be taken up; None when none is left."""
        ...


class Tokens(Protocol):
    """Makes the secrets in links, and the digests that are kept of them."""

    def new_token(self) -> Secret[str]:
        """256 random bits, fit for a URL."""
        ...

    def digest(self, token: Secret[str]) -> bytes:
        """What is kept of a token, or looked up by one; any text has a digest."""
        ...


@dataclass(frozen=True, slots=True)
class MailLink:
    """The link that a mail carries; `expires_at` is the last moment at which it works, if there is one."""

    purpose: LinkPurpose
    generation: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class MailFacts:
    """What a mail says, looked up as it is sent; the words are the writer's.

    `administrator` is the name of whoever caused it, None when nobody did by name. `needs_code` says that the
    temporary code is needed beside the link. `hardware` are the ordered devices that activation should wait
    for, `means` what was assigned, both by Danish name; `role` is a Danish name too. `person` is whom a
    mail to an administrator concerns, `reason` what was answered.
    """

    to_name: str
    to_address: str
    organisation: str
    administrator: str | None = None
    link: MailLink | None = None
    needs_code: bool = False
    hardware: Sequence[str] = ()
    means: Sequence[str] = ()
    role: str = ""
    person: str = ""
    reason: str = ""


class MailFactsSource(Protocol):
    """Looks up what a mail is to say."""

    def __call__(self, intent: OutboxMessage, /) -> MailFacts | None:
        """The facts as of now; None when the mail has become pointless."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class RenderedMail:
    """A mail as it goes out; `message_id` has no angle brackets. It holds a link that nobody else may see."""

    mail_id: UUID
    kind: MailKind
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    message_id: str
    sent_at: datetime


class MailRenderer(Protocol):
    """Puts a mail into words."""

    def write(
        self, intent: OutboxMessage, facts: MailFacts, token: Secret[str] | None, at: datetime
    ) -> RenderedMail:
        """The letter; `token` is what its link ends in, if it has one."""
        ...


class MailTransport(Protocol):
    """Carries letters. To be used by one thread at a time."""

    def deliver(self, letter: RenderedMail) -> None:
        """Hand it over; on return the other side answers for it. Raises: MailRefused, MailDelayed."""
        ...

    def rest(self) -> None:
        """Let go of what was kept open between letters."""
        ...


@dataclass(eq=False)
class MailRefused(Exception):
    """Nobody will ever take this mail; `code` is the server's reply code (5xx) or an `OwnCode`."""

    code: int


@dataclass(eq=False)
class MailDelayed(Exception):
    """It wasn't taken this time; `code` is the server's reply code, None when it gave none.

    `unreached` says that it was not this mail's fault: no letter can be handed over now.
    """

    code: int | None = None
    unreached: bool = False


@dataclass(slots=True)
class MailOutcome:
    """What became of the mails of one round; `lost_claim` counts those that another worker took over.

    `unreached` says that the round ended early because no letter can be handed over now.
    """

    sent: int = 0
    delayed: int = 0
    dead: int = 0
    dropped: int = 0
    lost_claim: int = 0
    unreached: bool = False

    @property
    def handled(self) -> int:
        return self.sent + self.delayed + self.dead + self.dropped + self.lost_claim
