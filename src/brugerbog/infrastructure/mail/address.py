"""Mail addresses in the form that SMTP servers accept."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.application.mail.transport import FailureCode, PermanentMailFailure


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of all mails."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """The part after the @, as ASCII (IDNA)."""
        return wire_address(self.address).rpartition("@")[2]


def wire_address(address: str) -> str:
    """Return the address with its domain as ASCII (IDNA).

    Raises: PermanentMailFailure when the text is no address.
    """
    local, _, domain = address.rpartition("@")
    if not (local and domain and address.isprintable()) or " " in address:
        raise PermanentMailFailure(FailureCode.ADDRESS_UNUSABLE)
    if domain.isascii():
        return f"{local}@{domain}"
    import idna  # noqa: PLC0415 - large tables, and few domains need them

    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        raise PermanentMailFailure(FailureCode.ADDRESS_UNUSABLE) from None
