"""How this installation sends mail: what BRUGERBOG_* says of it, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

from brugerbog.application.mail.outbox import MailRefused
from brugerbog.application.refusals.configuration import MailSettingInvalid, MailSettingMissing
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.mail.address import Sender, wire_address

if TYPE_CHECKING:
    from collections.abc import Mapping

SMTP_URL: Final = "BRUGERBOG_SMTP_URL"
PASSWORD_FILE: Final = "BRUGERBOG_SMTP_PASSWORD_FILE"  # noqa: S105 - where one is, not one
MAIL_FROM: Final = "BRUGERBOG_MAIL_FROM"
BASE_URL: Final = "BRUGERBOG_BASE_URL"
OUTBOX: Final = "BRUGERBOG_OUTBOX"


class Encryption(StrEnum):
    """How the way to the server is closed to others."""

    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed over, and as whom."""

    host: str
    port: int
    encryption: Encryption
    user: str | None = None
    password: Secret[str] | None = None


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where letters go (a server, or a folder for trials), who they come from, and where their links lead."""

    transport: SmtpServer | Path
    sender: Sender
    base_url: str


_NAME_AND_ADDRESS: Final = re.compile(r'(?:"?(?P<name>[^<>"]*?)"? *<(?P<in>[^<>]+)>|(?P<bare>[^<>]+))')

_PORTS: Final = {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.TLS: 465}


def read_mail_settings(environment: Mapping[str, str]) -> MailSettings | None:
    """The settings, or None while nothing says where letters go. Raises: MailSettingInvalid, -Missing."""
    smtp_url, outbox = environment.get(SMTP_URL), environment.get(OUTBOX)
    if smtp_url and outbox:
        raise MailSettingInvalid(OUTBOX, "Angiv enten en mailserver eller en mappe, ikke begge.")
    if smtp_url:
        transport: SmtpServer | Path = _server(smtp_url, environment.get(PASSWORD_FILE))
    elif outbox:
        transport = Path(outbox)
    else:
        return None
    return MailSettings(
        transport, _sender(_needed(environment, MAIL_FROM)), read_base_url(_needed(environment, BASE_URL))
    )


def _needed(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise MailSettingMissing(name)
    return value


def _server(url: str, password_file: str | None) -> SmtpServer:
    parts, port = _split(SMTP_URL, url)
    try:
        encryption = Encryption(parts.scheme)
    except ValueError:
        raise MailSettingInvalid(
            SMTP_URL, "Skriv smtp://vært:port, smtp+starttls://bruger@vært:587 eller smtps://bruger@vært."
        ) from None
    if parts.path.strip("/") or parts.query or parts.fragment or not parts.hostname:
        raise MailSettingInvalid(SMTP_URL, "Skriv kun protokol, eventuel bruger, vært og eventuel port.")
    if parts.password is not None:
        raise MailSettingInvalid(SMTP_URL, f"Læg adgangskoden i en fil, og angiv filen med {PASSWORD_FILE}.")
    user = unquote(parts.username) if parts.username else None
    if user and not password_file:
        raise MailSettingMissing(PASSWORD_FILE)
    if password_file and not user:
        raise MailSettingInvalid(SMTP_URL, "Der er angivet en adgangskode, men ingen bruger.")
    if user and encryption is Encryption.NONE and not _is_this_machine(parts.hostname):
        raise MailSettingInvalid(
            SMTP_URL, "Login kræver en krypteret forbindelse. Skriv smtp+starttls:// eller smtps://."
        )
    return SmtpServer(
        host=parts.hostname,
        port=port or _PORTS[encryption],
        encryption=encryption,
        user=user,
        password=_password(password_file) if password_file else None,
    )


def _split(name: str, url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise MailSettingInvalid(name, "Adressen er ikke skrevet rigtigt.") from None
    return parts, port


def _password(file: str) -> Secret[str]:
    try:
        password = Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError):
        raise MailSettingInvalid(PASSWORD_FILE, "Filen kan ikke læses.") from None
    if not password:
        raise MailSettingInvalid(PASSWORD_FILE, "Filen er tom.")
    return Secret(password)


def _sender(written: str) -> Sender:
    found = _NAME_AND_ADDRESS.fullmatch(written)
    try:
        address = wire_address((found["in"] or found["bare"]) if found else "")
    except MailRefused:
        raise MailSettingInvalid(
            MAIL_FROM, "Skriv en mailadresse, eventuelt med navn: MitID Erhverv <mail@eksempel.dk>."
        ) from None
    return Sender(address, found["name"] or "" if found else "")


def read_base_url(url: str) -> str:
    """The address that links lead to, without a slash at its end. Raises: MailSettingInvalid."""
    parts, _ = _split(BASE_URL, url)
    local = parts.hostname is not None and _is_this_machine(parts.hostname)
    if not parts.hostname or parts.scheme not in ({"http", "https"} if local else {"https"}):
        raise MailSettingInvalid(BASE_URL, "Skriv en adresse, der begynder med https://.")
    if parts.query or parts.fragment or parts.username or not url.isprintable() or " " in url:
        raise MailSettingInvalid(BASE_URL, "Skriv kun vært og eventuel sti.")
    return url.rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
