"""Reads what a broker says of somebody: on whose behalf he acts, who he is, and how sure that is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values import numbers
from brugerbog.domain.values.means import Ial
from brugerbog.entrypoints.web.login.completion import Proved
from brugerbog.infrastructure.web.oidc_client import LoginFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brugerbog.infrastructure.web.settings import OidcSettings

_LEVELS: Final = {
    written.format(level.value): level
    for level in Ial
    for written in (
        "{}",
        "https://data.gov.dk/concept/core/nsis/{}",
        "https://data.gov.dk/concept/core/nsis/loa/{}",
        "http://eidas.europa.eu/loa/{}",
        "urn:grn:authn:dk:mitid:{}",
    )
} | {"3": Ial.SUBSTANTIAL, "4": Ial.HIGH}
"""What brokers call the levels, in small letters. Compared whole: other lists may end in the same word."""


class LevelTooLow(LoginFailed):
    """The proof is of too low a level, or of one that isn't known."""

    def __init__(self) -> None:
        super().__init__("level_too_low")


class Claims:
    """A broker's claims, by the names that the settings say they have there."""

    def __init__(self, said: Mapping[str, Any], settings: OidcSettings) -> None:
        self._said = said
        self._settings = settings

    def level(self, *least: Ial) -> Ial:
        """How sure the broker is: as the installation demands, and as each of `least` does.

        Raises: LevelTooLow, also for a level that isn't told or that nobody knows.
        """
        told = (self._find("level") or "").casefold()
        level = self._settings.levels.get(told) or _LEVELS.get(told)
        demanded = max(one.level for one in (self._settings.minimum_level, *least))
        if level is None or level.level < demanded:
            raise LevelTooLow
        return level

    def professional(self) -> tuple[str, UUID]:
        """The CVR number and the user number of whoever logs in. Raises: LoginFailed."""
        cvr, user_id = self._find("cvr"), self._find("uuid")
        if cvr is None or user_id is None:
            raise LoginFailed("claims_missing")
        try:
            return cvr, UUID(user_id)
        except ValueError:
            raise LoginFailed("uuid_unreadable") from None

    def person(self, *, today: date) -> Proved:
        """Who has proved his identity. A CPR number tells the birth date too. Raises: LoginFailed."""
        level, written, told = self.level(), self._find("cpr"), self._find("birthdate")
        try:
            cpr = None if written is None else numbers.cpr_loose(written, today=today)
            born = None if told is None else date.fromisoformat(told)
        except (Refusal, ValueError):
            raise LoginFailed("person_unreadable") from None
        if born is None and cpr is not None:
            born = numbers.birth_date_of(cpr)
        if born is None:
            raise LoginFailed("claims_missing")
        return Proved(broker=self._broker(), date_of_birth=born, cpr=cpr, ial=level)

    def _find(self, name: str) -> str | None:
        """A claim by its name as it stands, or else by a path of names into what lies within each other."""
        theirs = self._settings.claims[name]
        found: Any = self._said
        for step in (theirs,) if theirs in self._said else theirs.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if isinstance(found, bool) or not isinstance(found, str | int):
            return None
        return str(found).strip() or None

    def _broker(self) -> str:
        return urlsplit(self._settings.issuer).hostname or ""
