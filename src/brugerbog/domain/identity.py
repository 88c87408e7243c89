"""Who somebody is within an organisation; no two living users are the same person there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from typing import Self


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who a living user is within his organisation; no two living users share one.

    `kind` is "cpr", or "person" for one known by names, birth date and e-mail only.
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
