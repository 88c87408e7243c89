"""A letter as the message that goes over the wire or into a file."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import TYPE_CHECKING, Final

from brugerbog.infrastructure.mail.address import wire_address

if TYPE_CHECKING:
    from brugerbog.application.mail.outbox import RenderedMail
    from brugerbog.infrastructure.mail.address import Sender

_ENCODING: Final = "quoted-printable"
"""Seven bits for every server, and still readable."""

_JOINERS: Final = "\u200c\u200d"


def as_message(letter: RenderedMail, sender: Sender) -> EmailMessage:
    """The letter in plain text and HTML, either of which says it all.

    Raises: MailRefused when its address is none.
    """
    address = wire_address(letter.to_address)
    message = EmailMessage(SMTP if address.isascii() else SMTPUTF8)
    message["From"] = _address(sender.name, wire_address(sender.address))
    message["To"] = _address(letter.to_name, address)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = letter.sent_at
    message["Message-ID"] = f"<{letter.message_id}>"
    # Absence notices and the like are not to answer (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte=_ENCODING)
    message.add_alternative(letter.html, subtype="html", cte=_ENCODING)
    message["Content-Language"] = "da"
    return message


def one_line(text: str) -> str:
    """The text with every line break and other invisible sign a blank, so that it can begin no header.

    Joiners stay, which names of some scripts need.
    """
    return " ".join("".join(sign if sign.isprintable() or sign in _JOINERS else " " for sign in text).split())


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    # A name that looks encoded would be decoded by whoever reads it, line breaks and all.
    return Address(one_line(name).replace("=?", "= ?"), local, domain)
