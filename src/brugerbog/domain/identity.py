"""Who somebody is within an organisation; no two living users are the same person there."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from typing import Self


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who a living user is within his organisation; no two living users share one.

    `kind` is "cpr", or "person" for one known by names, birth date and e-mail only; "account" is what the
    organisation's directory calls him.
    """

    kind: str
    text: str

    @classmethod
    def by_cpr(cls, cpr: str) -> Self:
        """Somebody known by CPR number."""
        return cls("cpr", cpr)

    @classmethod
    def by_name(cls, first_name: str, surname: str, date_of_birth: date, email: str) -> Self:
        """Somebody known by names, birth date and e-mail; case doesn't matter."""
        return cls("person", f"{first_name}\n{surname}\n{date_of_birth.isoformat()}\n{email}".casefold())

    @classmethod
    def by_account(cls, user_name: str) -> Self:
        """Somebody known by the name that the directory gives him; case doesn't matter."""
        return cls("account", as_compared(user_name))


def as_compared(user_name: str) -> str:
    """The text by which user names are told apart: case doesn't count (RFC 7643, `caseExact`)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", user_name).lower())
