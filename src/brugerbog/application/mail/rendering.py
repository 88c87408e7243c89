"""Rendering of mails (ports): the facts of a mail, and the mail as it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.domain.user.links import LinkPurpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brugerbog.application.ports.outbox_message import OutboxMessage
    from brugerbog.domain.kernel.privacy import Secret


@dataclass(frozen=True, slots=True)
class MailLink:
    """The link in a mail; `expires_at` is the last moment at which it works, if there is one."""

    purpose: LinkPurpose
    generation: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class MailFacts:
    """The facts that a template renders, looked up when the mail is sent.

    `administrator` is the name of the user who caused the mail, None where no user did. `needs_code` means
    that the temporary code is needed besides the link. `hardware` are the ordered devices that activation
    should wait for and `means` the assigned means, both by Danish name; `role` is a Danish name too. `person`
    is the user whom a mail to an administrator concerns, `reason` the reason of an answer.
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
    """Looks up the facts of a mail."""

    def __call__(self, message: OutboxMessage, /) -> MailFacts | None:
        """Return the facts as of now; None when the mail no longer applies and isn't to be sent."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class RenderedMail:
    """A mail as it is sent; `message_id` has no angle brackets. It contains a secret link."""

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
    """Renders mails from templates."""

    def render(
        self, message: OutboxMessage, facts: MailFacts, token: Secret[str] | None, at: datetime
    ) -> RenderedMail:
        """Return the mail; `token` is the last part of its link, if it has a link."""
        ...
