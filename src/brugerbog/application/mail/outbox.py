"""The outbox (port): the queue of mails, shared by all workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from brugerbog.application.mail.link_tokens import LinkToken, LinkTokenStore
from brugerbog.application.ports.outbox_message import MailKind, OutboxMessage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta


class MailState(StrEnum):
    """The state of a mail: waiting, leased by a worker (stored as `claimed`), sent, or given up (`dead`)."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class LeasedMail:
    """A mail that no other worker gets `until` the lease expires; `attempt` counts from 1."""

    message: OutboxMessage
    attempt: int
    until: datetime

    @property
    def id(self) -> UUID:
        return self.message.id


@dataclass(frozen=True, slots=True)
class MailStatus:
    """The state of a mail with its times.

    `next_at` is when a waiting mail is due, or when a lease expires; `code` the result of the last attempt: a
    server's reply code, a `FailureCode`, or None without a reply. `settled_at` is when the mail was sent or
    given up.
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


class Outbox(LinkTokenStore, Protocol):
    """The queue of mails, and the digests of the links in them. Any number of workers may share it."""

    def lease(self, now: datetime, limit: int, duration: timedelta) -> Sequence[LeasedMail]:
        """Lease up to `limit` due mails to the caller, the longest due first.

        A mail whose lease has expired is due again.
        """
        ...

    def store_token(self, mail: LeasedMail, digest: bytes, token: LinkToken, at: datetime) -> bool:
        """Store the digest of a link that is about to be sent; it is on disk when this returns.

        Return False when the caller no longer holds the lease, or the user has been erased: then the mail
        must not be sent.
        """
        ...

    def mark_sent(self, mail: LeasedMail, at: datetime) -> None:
        """Record that the server has accepted the mail, also after the lease has expired."""
        ...

    def delay(self, mail: LeasedMail, until: datetime, code: int | None) -> None:
        """Make the mail due at an instant, unless another worker has leased it meanwhile."""
        ...

    def give_up(self, mail: LeasedMail, at: datetime, code: int | None) -> None:
        """Mark the mail as dead: it stays in the outbox, and no worker tries again."""
        ...

    def drop(self, mail: LeasedMail) -> None:
        """Delete a mail that no longer applies."""
        ...

    def retry(self, organisation_id: UUID, mail_id: UUID, now: datetime) -> bool:
        """Make a dead or waiting mail due now, with no attempts counted; False when there is no such mail."""
        ...

    def mails(self, organisation_id: UUID, state: MailState, *, limit: int = 100) -> Sequence[MailStatus]:
        """Return an organisation's mails in a state, the oldest first."""
        ...

    def counts(self, organisation_id: UUID | None = None) -> Mapping[MailState, int]:
        """Return the number of mails in each state, of one organisation or of all."""
        ...

    def next_due(self) -> datetime | None:
        """Return when the next mail is due or its lease expires; None when no mail waits."""
        ...
