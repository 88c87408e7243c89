"""Identities of users: by CPR number, by name, and by user name in the directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brugerbog.domain.values.characters import comparison_form

if TYPE_CHECKING:
    from datetime import date
    from typing import Self


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """An identity of a user.

    `User.identity` and `User.account_identity` are unique among the undeleted users of an organisation;
    several users may have the same `User.name_identity`.

    `kind` is "cpr"; "person" for names, birth date and e-mail; "account" for the user name in the
    organisation's directory.
    """

    kind: str
    text: str

    @classmethod
    def by_cpr(cls, cpr: str) -> Self:
        """Return the identity by CPR number."""
        return cls("cpr", cpr)

    @classmethod
    def by_name(cls, first_name: str, surname: str, date_of_birth: date, email: str) -> Self:
        """Return the identity by names, birth date and e-mail; case and invisible characters don't count."""
        text = f"{first_name}\0{surname}\0{date_of_birth.isoformat()}\0{email}"
        return cls("person", comparison_form(text).replace("\0", "\n"))

    @classmethod
    def by_account(cls, user_name: str) -> Self:
        """Return the identity by user name in the directory; case and invisible characters don't count.

        RFC 7643 defines `userName` as case-insensitive (`caseExact` is false).
        """
        return cls("account", comparison_form(user_name))
