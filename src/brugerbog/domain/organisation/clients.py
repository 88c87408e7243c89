"""API clients of an organisation: names, roles and credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values import personal_data

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

CLIENT_ROLES: Final = (
    Role.USER_ADMINISTRATOR,
    Role.RIGHTS_ADMINISTRATOR,
    Role.ORGANISATION_ADMINISTRATOR,
    Role.READER,
    Role.REPORTER,
    Role.CPR_READER,
    Role.OPERATOR,
)
"""The roles of clients; the last can be given by the operator only."""

_MAX_NAME_LENGTH: Final = 60
_LONG_NUMBER = re.compile(r"\d{6}")  # digits of any script


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """A system with its own credentials. `digest` is the SHA-256 of its secret, in hex; no more is stored.

    `expires_on` is the last day, in Denmark, on which the credentials are valid; None if they don't expire.
    """

    id: UUID
    name: str
    roles: frozenset[Role]
    digest: str
    created_at: datetime
    is_revoked: bool = False
    expires_on: date | None = None

    def is_expired_at(self, instant: datetime) -> bool:
        """Whether the last day of the credentials is over."""
        return self.expires_on is not None and danish_day(instant) > self.expires_on


def client_name(text: str) -> str:
    """Return the name of a client as stored.

    Raises: ClientNameInvalid, and as `personal_data.organisation_name`.
    """
    name = personal_data.organisation_name(text)
    if len(name) > _MAX_NAME_LENGTH or _LONG_NUMBER.search(name):
        raise ClientNameInvalid
    return name


def client_roles(roles: Iterable[Role], creator: Role) -> list[Role]:
    """Return the roles of a new client, sorted. Raises: ClientRoleMissing, NotAClientRole."""
    wanted = sorted(set(roles))
    if not wanted:
        raise ClientRoleMissing
    allowed = set(CLIENT_ROLES) if creator is Role.OPERATOR else set(CLIENT_ROLES) - {Role.OPERATOR}
    if not allowed.issuperset(wanted):
        raise NotAClientRole
    return wanted


@dataclass(eq=False)
class ClientUnknown(Refusal):
    """The organisation has no such client."""

    code = "client_unknown"
    danish = "Organisationen har ingen API-klient med det id. Se listen over klienter."
    english = "The organisation has no client {client_id}."
    client_id: UUID


@dataclass(eq=False)
class ClientExpiryPast(Refusal):
    """The last day of new credentials is not in the past (ours)."""

    code = "client_expiry_past"
    concerns = "expires_on"
    danish = "Klientens sidste dag er allerede forbi. Angiv dagen i dag eller en senere."
    english = "The client's last day is over already: give today or a later day."


@dataclass(eq=False)
class ClientNameInvalid(Refusal):
    """A client's name is stored unencrypted in the log, so it is short and has no personal number (ours)."""

    code = "client_name_invalid"
    concerns = "name"
    danish = "Navnet på klienten kan ikke bruges. Skriv højst 60 tegn og højst fem cifre i træk."
    english = "The client's name can't be used: at most 60 characters, and at most five digits in a row."


@dataclass(eq=False)
class ClientRoleMissing(Refusal):
    """A client has at least one role."""

    code = "client_role_missing"
    concerns = "roles"
    danish = "Klienten har ingen rolle og ville intet kunne. Angiv mindst én."
    english = "The client has no role and could do nothing. Name at least one."


@dataclass(eq=False)
class NotAClientRole(Refusal):
    """The role is not for clients, or can be given by the operator only."""

    code = "not_a_client_role"
    concerns = "roles"
    danish = "Rollen kan ikke gives til en klient her. Vælg en anden."
    english = "A client can't be given that role here."
