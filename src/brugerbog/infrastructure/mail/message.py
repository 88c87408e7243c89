"""The MIME message of a mail, as it is sent or written to a file."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import TYPE_CHECKING, Final

from brugerbog.infrastructure.mail.address import wire_address

if TYPE_CHECKING:
    from brugerbog.application.mail.rendering import RenderedMail
    from brugerbog.infrastructure.mail.address import Sender

_ENCODING: Final = "quoted-printable"
"""7-bit for every server, and still readable."""

_JOINERS: Final = "\u200c\u200d"


def to_email_message(mail: RenderedMail, sender: Sender) -> EmailMessage:
    """Return the mail as a message with a complete plain-text part and a complete HTML part.

    Raises: PermanentMailFailure when the address is unusable.
    """
    address = wire_address(mail.to_address)
    message = EmailMessage(SMTP if address.isascii() else SMTPUTF8)
    message["From"] = _address(sender.name, wire_address(sender.address))
    message["To"] = _address(mail.to_name, address)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = mail.sent_at
    message["Message-ID"] = f"<{mail.message_id}>"
    # Keeps automatic responders from answering (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte=_ENCODING)
    message.add_alternative(mail.html, subtype="html", cte=_ENCODING)
    message["Content-Language"] = "da"
    return message


def one_line(text: str) -> str:
    """Return the text with line breaks and other unprintable characters as blanks: it can't start a header.

    Zero-width joiners stay, as names in some scripts need them.
    """
    return " ".join("".join(char if char.isprintable() or char in _JOINERS else " " for char in text).split())


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    # A mail program would decode a name that looks encoded, including its line breaks.
    return Address(one_line(name).replace("=?", "= ?"), local, domain)
