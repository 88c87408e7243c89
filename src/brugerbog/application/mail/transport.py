"""Transport of mails (port), and its two kinds of failure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from brugerbog.application.mail.rendering import RenderedMail


class MailTransport(Protocol):
    """Delivers mails. To be used by one thread at a time."""

    def deliver(self, mail: RenderedMail) -> None:
        """Deliver a mail; on return the server is responsible for it.

        Raises: PermanentMailFailure, TransientMailFailure.
        """
        ...

    def close(self) -> None:
        """Close what was kept open between mails; the next delivery opens it again."""
        ...


class FailureCode(IntEnum):
    """Codes of failures for which there is no reply code of a server; reply codes end at 599."""

    NOT_ASCII = 600
    """The address has non-ASCII letters before the @, and the server doesn't support SMTPUTF8."""

    ADDRESS_UNUSABLE = 601
    """The text in the address field isn't an address."""

    NOT_WRITTEN = 602
    """Looking up or rendering the mail failed; the log has the error's class."""

    NEVER_FINISHED = 603
    """The worker died during each attempt."""


@dataclass(eq=False)
class PermanentMailFailure(Exception):
    """The mail can't be delivered by another attempt; `code` is a reply code (5xx) or a `FailureCode`."""

    code: int


@dataclass(eq=False)
class TransientMailFailure(Exception):
    """The mail wasn't delivered this time; `code` is the server's reply code, None without a reply.

    With `transport_unavailable` the cause isn't this mail: no mail can be delivered now.
    """

    code: int | None = None
    transport_unavailable: bool = False
