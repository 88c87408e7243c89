"""Mail settings of the installation, read from BRUGERBOG_* environment variables and validated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

from brugerbog.application.mail.transport import PermanentMailFailure
from brugerbog.application.refusals.configuration import MailSettingInvalid, MailSettingMissing
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.mail.address import Sender, wire_address

if TYPE_CHECKING:
    from collections.abc import Mapping

SMTP_URL: Final = "BRUGERBOG_SMTP_URL"
PASSWORD_FILE: Final = "BRUGERBOG_SMTP_PASSWORD_FILE"  # noqa: S105 - the name of a setting
MAIL_FROM: Final = "BRUGERBOG_MAIL_FROM"
BASE_URL: Final = "BRUGERBOG_BASE_URL"
OUTBOX_FOLDER: Final = "BRUGERBOG_OUTBOX"


class Encryption(StrEnum):
    """The encryption of the connection to the server."""

    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The SMTP server, with the login for it."""

    host: str
    port: int
    encryption: Encryption
    user: str | None = None
    password: Secret[str] | None = None


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The server (or, for trials, the folder) for mails, their sender, and the base URL of links."""

    transport: SmtpServer | Path
    sender: Sender
    base_url: str


_NAME_AND_ADDRESS: Final = re.compile(r'(?:"?(?P<name>[^<>"]*?)"? *<(?P<in>[^<>]+)>|(?P<bare>[^<>]+))')

_PORTS: Final = {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.TLS: 465}


def read_mail_settings(environment: Mapping[str, str]) -> MailSettings | None:
    """Return the settings; None when neither a server nor a folder is set.

    Raises: MailSettingInvalid, MailSettingMissing.
    """
    smtp_url, outbox = environment.get(SMTP_URL), environment.get(OUTBOX_FOLDER)
    if smtp_url and outbox:
        raise MailSettingInvalid(OUTBOX_FOLDER, "Angiv enten en mailserver eller en mappe, ikke begge.")
    if smtp_url:
        transport: SmtpServer | Path = _server(smtp_url, environment.get(PASSWORD_FILE))
    elif outbox:
        transport = Path(outbox)
    else:
        return None
    return MailSettings(
        transport, _sender(_required(environment, MAIL_FROM)), read_base_url(_required(environment, BASE_URL))
    )


def _required(environment: Mapping[str, str], name: str) -> str:
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
    if user and encryption is Encryption.NONE and not _is_loopback(parts.hostname):
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
    except PermanentMailFailure:
        raise MailSettingInvalid(
            MAIL_FROM, "Skriv en mailadresse, eventuelt med navn: MitID Erhverv <mail@eksempel.dk>."
        ) from None
    return Sender(address, found["name"] or "" if found else "")


def read_base_url(url: str) -> str:
    """Return the base URL of links, without a trailing slash. Raises: MailSettingInvalid."""
    parts, _ = _split(BASE_URL, url)
    local = parts.hostname is not None and _is_loopback(parts.hostname)
    if not parts.hostname or parts.scheme not in ({"http", "https"} if local else {"https"}):
        raise MailSettingInvalid(BASE_URL, "Skriv en adresse, der begynder med https://.")
    if parts.query or parts.fragment or parts.username or not url.isprintable() or " " in url:
        raise MailSettingInvalid(BASE_URL, "Skriv kun vært og eventuel sti.")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
