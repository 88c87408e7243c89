"""The settings of the web pages, from environment variables named BRUGERBOG_*."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from brugerbog.application.refusals.configuration import WebSettingInvalid, WebSettingMissing
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.values.means import Ial
from brugerbog.infrastructure.mail.settings import BASE_URL, read_base_url
from brugerbog.infrastructure.settings import REQUEST_SECONDS, request_seconds
from brugerbog.infrastructure.web.sessions import SessionLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUER: Final = "BRUGERBOG_OIDC_ISSUER"
CLIENT_ID: Final = "BRUGERBOG_OIDC_CLIENT_ID"
CLIENT_SECRET_FILE: Final = "BRUGERBOG_OIDC_CLIENT_SECRET_FILE"  # noqa: S105 - where one is, not one
SCOPES: Final = "BRUGERBOG_OIDC_SCOPES"
IDENTITY_SCOPES: Final = "BRUGERBOG_OIDC_IDENTITY_SCOPES"
PARAMETERS: Final = "BRUGERBOG_OIDC_PARAMETERS"
IDENTITY_PARAMETERS: Final = "BRUGERBOG_OIDC_IDENTITY_PARAMETERS"
CLAIMS: Final = "BRUGERBOG_OIDC_CLAIMS"
LEVELS: Final = "BRUGERBOG_OIDC_LEVELS"
MINIMUM_LEVEL: Final = "BRUGERBOG_OIDC_MINIMUM_LEVEL"
IDLE_MINUTES: Final = "BRUGERBOG_SESSION_IDLE_MINUTES"
SESSION_HOURS: Final = "BRUGERBOG_SESSION_HOURS"
TRUSTED_PROXIES: Final = "BRUGERBOG_TRUSTED_PROXIES"

STANDARD_CLAIMS: Final = {
    "cvr": "https://data.gov.dk/model/core/eid/professional/cvr",
    "uuid": "https://data.gov.dk/model/core/eid/professional/uuid/persistent",
    "level": "https://data.gov.dk/concept/core/nsis/loa",
    "cpr": "https://data.gov.dk/model/core/eid/cprNumber",
    "birthdate": "birthdate",
}
"""The names of brokers' claims unless the installation sets others (OIOSAML 3's names)."""

FRESH_LOGIN: Final = {"prompt": "login", "max_age": "0"}
"""Parameters with which a broker doesn't accept an earlier login as proof of identity."""

_RESERVED: Final = frozenset(
    {"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "claims"}
    | {"code_challenge", "code_challenge_method", "code_verifier", "request", "request_uri"}
)
"""Parameters that an installation can't set, since they make a login safe."""

_AGE: Final = re.compile(r"[0-9]{1,9}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """The broker: its address, our client at it, and its names for claims and levels.

    `claims` maps `cvr`, `uuid`, `level`, `cpr` and `birthdate` to the broker's own names. `scopes` and
    `parameters` are for a login on behalf of an organisation, `identity_scopes` and `identity_parameters` for
    a user's proof of their own identity. The issuer is compared as written. `levels` are the broker's names
    of assurance levels, in lower case, besides the known ones.
    """

    issuer: str
    client_id: str
    client_secret: Secret[str] | None = None
    scopes: str = "openid"
    identity_scopes: str = "openid"
    parameters: Mapping[str, str] = field(default_factory=dict)
    identity_parameters: Mapping[str, str] = field(default_factory=lambda: dict(FRESH_LOGIN))
    claims: Mapping[str, str] = field(default_factory=lambda: dict(STANDARD_CLAIMS))
    minimum_level: Ial = Ial.SUBSTANTIAL
    levels: Mapping[str, Ial] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The address of the pages, the limits of sessions, and the broker.

    `base_url` has no slash at its end. `trusted_proxies` are addresses whose forwarded client address is
    used.
    """

    base_url: str
    limits: SessionLimits = field(default_factory=SessionLimits)
    oidc: OidcSettings | None = None
    trusted_proxies: str = "127.0.0.1"
    request_seconds: float = REQUEST_SECONDS

    @property
    def is_secure(self) -> bool:
        """Whether browsers use https."""
        return self.base_url.startswith("https:")

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers write them."""
        parts = urlsplit(self.base_url)
        host = (parts.hostname or "").encode("idna").decode()
        host = f"[{host}]" if ":" in host else host
        is_usual = parts.port in (None, {"https": 443, "http": 80}[parts.scheme])
        return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{parts.port}"


def read_web_settings(
    environment: Mapping[str, str] = os.environ, *, served_at: str | None = None
) -> WebSettings:
    """The settings; `served_at` is the pages' address unless another is set.

    Raises: WebSettingInvalid, WebSettingMissing, MailSettingInvalid for the address.
    """
    base_url = read_base_url(
        environment.get(BASE_URL, "").strip() or served_at or _required(environment, BASE_URL)
    )
    if urlsplit(base_url).path:
        raise WebSettingInvalid(BASE_URL, "Siderne ligger øverst på deres vært: skriv adressen uden sti.")
    return WebSettings(
        base_url=base_url,
        limits=read_session_limits(environment),
        request_seconds=request_seconds(environment),
        oidc=_oidc(environment) if environment.get(ISSUER, "").strip() else None,
        trusted_proxies=environment.get(TRUSTED_PROXIES, "").strip() or "127.0.0.1",
    )


def read_session_limits(environment: Mapping[str, str] = os.environ) -> SessionLimits:
    """The limits of sessions. Raises: WebSettingInvalid."""
    return SessionLimits(
        idle=timedelta(minutes=_number(environment, IDLE_MINUTES, 30)),
        absolute=timedelta(hours=_number(environment, SESSION_HOURS, 8)),
    )


def _oidc(environment: Mapping[str, str]) -> OidcSettings:
    level = environment.get(MINIMUM_LEVEL, "").strip().casefold() or Ial.SUBSTANTIAL
    if level not in list(Ial):
        raise WebSettingInvalid(MINIMUM_LEVEL, "Skriv substantial eller high.")
    secret_file = environment.get(CLIENT_SECRET_FILE)
    return OidcSettings(
        issuer=_issuer(environment[ISSUER].strip()),
        client_id=_required(environment, CLIENT_ID),
        client_secret=_secret(secret_file) if secret_file else None,
        scopes=_scopes(environment, SCOPES),
        identity_scopes=_scopes(environment, IDENTITY_SCOPES),
        parameters=_with_age(_parameters(environment, PARAMETERS)),
        identity_parameters=FRESH_LOGIN
        | _parameters(environment, IDENTITY_PARAMETERS)
        | {"max_age": FRESH_LOGIN["max_age"]},
        claims=_claims(environment.get(CLAIMS, "")),
        minimum_level=Ial(level),
        levels=_levels(environment.get(LEVELS, "")),
    )


def _issuer(value: str) -> str:
    """The issuer as written, including a slash at its end, which brokers compare."""
    invalid = WebSettingInvalid(ISSUER, "Skriv brokerens adresse (issuer); den begynder med https://.")
    try:
        parts = urlsplit(value)
    except ValueError:
        raise invalid from None
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or parts.scheme not in ({"http", "https"} if is_local else {"https"}):
        raise invalid
    if parts.query or parts.fragment or parts.username or " " in value or not value.isprintable():
        raise invalid
    return value


def _parameters(environment: Mapping[str, str], name: str) -> dict[str, str]:
    """Parameters in the form of a URL's query: `acr_values=…&idp_values=…`."""
    value = environment.get(name, "").strip()
    try:
        parameters = dict(parse_qsl(value, keep_blank_values=True, strict_parsing=bool(value)))
    except ValueError:
        parameters = {"": ""}
    is_age = _AGE.fullmatch(parameters.get("max_age", "0")) is not None
    if not all(parameters.values()) or not _RESERVED.isdisjoint(parameters) or not is_age:
        raise WebSettingInvalid(name, "Skriv for eksempel acr_values=…&idp_values=….")
    return parameters


def _with_age(parameters: dict[str, str]) -> dict[str, str]:
    """The parameters with `max_age` where a fresh login is asked for: only then a broker states its time."""
    if "login" in parameters.get("prompt", "").split():
        return {"max_age": "0"} | parameters
    return parameters


def _levels(value: str) -> dict[str, Ial]:
    """`urn:…=substantial, urn:…=high`."""
    levels = {}
    for pair in filter(str.strip, value.split(",")):
        broker_name, _, level = (part.strip() for part in pair.rpartition("="))
        if not broker_name or level.casefold() not in list(Ial):
            raise WebSettingInvalid(LEVELS, "Skriv for eksempel urn:broker:2=substantial, urn:broker:3=high.")
        levels[broker_name.casefold()] = Ial(level.casefold())
    return levels


def _scopes(environment: Mapping[str, str], name: str) -> str:
    scopes = environment.get(name, "").split() or ["openid"]
    if "openid" not in scopes:
        raise WebSettingInvalid(name, "Blandt dem skal openid være.")
    return " ".join(scopes)


def _claims(value: str) -> dict[str, str]:
    """`cvr=…, uuid=…`: claims without an entry keep their standard names."""
    claims = dict(STANDARD_CLAIMS)
    for pair in filter(str.strip, value.split(",")):
        name, sign, broker_name = (part.strip() for part in pair.partition("="))
        if name not in claims or not sign or not broker_name:
            raise WebSettingInvalid(
                CLAIMS, f"Skriv for eksempel cvr=cvr, uuid=uuid. Navne: {', '.join(claims)}."
            )
        claims[name] = broker_name
    return claims


def _secret(file: str) -> Secret[str]:
    try:
        secret = Path(file).read_text("utf-8").strip()
    except (OSError, ValueError):
        raise WebSettingInvalid(CLIENT_SECRET_FILE, "Filen kan ikke læses.") from None
    if not secret:
        raise WebSettingInvalid(CLIENT_SECRET_FILE, "Filen er tom.")
    return Secret(secret)


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise WebSettingMissing(name)
    return value


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, "").strip()
    if not value:
        return default
    if not _NUMBER.fullmatch(value):
        raise WebSettingInvalid(name, "Skriv et helt tal, 1 eller større.")
    return int(value)
