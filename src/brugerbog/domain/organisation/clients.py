"""The systems that act for an organisation by themselves: what they are called, and what each may do."""

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
"""What a client can act as; the last only by the operator's own leave."""

_MAX_NAME_LENGTH: Final = 60
_NUMBER_OF_SOMEBODY = re.compile(r"\d{6}")  # of any script


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """A system with credentials of its own. `digest` is all that is kept of its secret (SHA-256, in hex).

    `expires_on` is the last day, in Denmark, on which they are good; None when they don't expire.
    """

    id: UUID
    name: str
    roles: frozenset[Role]
    digest: str
    created_at: datetime
    is_revoked: bool = False
    expires_on: date | None = None

    def is_expired_at(self, instant: datetime) -> bool:
        """Whether its last day is over."""
        return self.expires_on is not None and danish_day(instant) > self.expires_on


def client_name(text: str) -> str:
    """What a client is called in lists and in the log.

    Raises: ClientNameInvalid, and as `personal.organisation_name`.
    """
    name = personal_data.organisation_name(text)
    if len(name) > _MAX_NAME_LENGTH or _NUMBER_OF_SOMEBODY.search(name):
        raise ClientNameInvalid
    return name


def client_roles(roles: Iterable[Role], giver: Role) -> list[Role]:
    """The roles of a client that somebody creates. Raises: ClientRoleMissing, NotAClientRole."""
    wanted = sorted(set(roles))
    if not wanted:
        raise ClientRoleMissing
    mine = set(CLIENT_ROLES) if giver is Role.OPERATOR else set(CLIENT_ROLES) - {Role.OPERATOR}
    if not mine.issuperset(wanted):
        raise NotAClientRole
    return wanted


@dataclass(eq=False)
class ClientUnknown(Refusal):
    """No such client in this organisation."""

    code = "client_unknown"
    danish = "Organisationen har ingen API-klient med det id. Se listen over klienter."
    english = "The organisation has no client {client_id}."
    client_id: UUID


@dataclass(eq=False)
class ClientExpiryPast(Refusal):
    """Credentials that have expired before they are given are of no use (ours)."""

    code = "client_expiry_past"
    concerns = "expires_on"
    danish = "Klientens sidste dag er allerede forbi. Angiv dagen i dag eller en senere."
    english = "The client's last day is over already: give today or a later day."


@dataclass(eq=False)
class ClientNameInvalid(Refusal):
    """A client's name stands in the log in the open, so it is short and no number of anybody (ours)."""

    code = "client_name_invalid"
    concerns = "name"
    danish = "Navnet på klienten kan ikke bruges. Skriv højst 60 tegn og højst fem cifre i træk."
    english = "The client's name can't be used: at most 60 characters, and at most five digits in a row."


@dataclass(eq=False)
class ClientRoleMissing(Refusal):
    """A client without a role could do nothing."""

    code = "client_role_missing"
    concerns = "roles"
    danish = "Klienten har ingen rolle og ville intet kunne. Angiv mindst én."
    english = "The client has no role and could do nothing. Name at least one."


@dataclass(eq=False)
class NotAClientRole(Refusal):
    """Not a role of clients, or one that only the operator gives."""

    code = "not_a_client_role"
    concerns = "roles"
    danish = "Rollen kan ikke gives til en klient her. Vælg en anden."
    english = "A client can't be given that role here."
