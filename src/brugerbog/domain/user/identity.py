"""Who somebody is within an organisation; no two living users are the same person there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brugerbog.domain.values.characters import comparison_form

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
        """Somebody known by names, birth date and e-mail; case and what can't be seen don't matter."""
        known = f"{first_name}\0{surname}\0{date_of_birth.isoformat()}\0{email}"
        return cls("person", comparison_form(known).replace("\0", "\n"))

    @classmethod
    def by_account(cls, user_name: str) -> Self:
        """Somebody known by the name that the directory gives them; case and what can't be seen don't matter.

        RFC 7643 says of `userName` that case doesn't count (`caseExact`).
        """
        return cls("account", comparison_form(user_name))
