"""The transport of mails (port), with its permanent and transient failures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from brugerbog.application.mail.rendering import RenderedMail


class MailTransport(Protocol):
    """The delivery of mails to a server or a folder; not thread-safe."""

    def deliver(self, mail: RenderedMail) -> None:
        """Deliver a mail; when this returns, the server has accepted it.

        Raises: PermanentMailFailure, TransientMailFailure.
        """
        ...

    def close(self) -> None:
        """Close the connection kept open between mails; the next delivery opens a new one."""
        ...


class FailureCode(IntEnum):
    """Codes of failures without a reply code of the server; reply codes are at most 599."""

    NOT_ASCII = 600
    """The address has non-ASCII letters before the @, and the server doesn't support SMTPUTF8."""

    ADDRESS_UNUSABLE = 601
    """The text in the address field isn't an address."""

    INTERNAL_ERROR = 602
    """An error on our side, such as in rendering; the log line `mail_failed` has the error's class."""

    NEVER_FINISHED = 603
    """The last attempt never ended: the worker died, or was slower than its lease."""


@dataclass(eq=False)
class PermanentMailFailure(Exception):
    """No further attempt can deliver the mail; `code` is the server's reply code (5xx) or a `FailureCode`."""

    code: int


@dataclass(eq=False)
class TransientMailFailure(Exception):
    """The mail wasn't delivered this time; `code` is the server's reply code, None without a reply.

    `transport_unavailable` says that no mail can be delivered now, whatever its recipient and content.
    """

    code: int | None = None
    transport_unavailable: bool = False
