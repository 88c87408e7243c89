"""Mail addresses as servers want them."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.application.mail.outbox import MailRefused, OwnCode


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mails come from."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """The part after the @, as ASCII."""
        return wire_address(self.address).rpartition("@")[2]


def wire_address(address: str) -> str:
    """An address whose domain is ASCII, as mail servers look it up. Raises: MailRefused when it is none."""
    local, _, domain = address.rpartition("@")
    if not (local and domain and address.isprintable()) or " " in address:
        raise MailRefused(OwnCode.ADDRESS_UNUSABLE)
    if domain.isascii():
        return f"{local}@{domain}"
    import idna  # noqa: PLC0415 - large tables, and few domains need them

    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        raise MailRefused(OwnCode.ADDRESS_UNUSABLE) from None
