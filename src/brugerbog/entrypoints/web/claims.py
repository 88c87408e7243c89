"""Reads what a broker says of somebody: on whose behalf he acts, who he is, and how sure that is."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from brugerbog.domain import numbers
from brugerbog.domain.errors import Refusal
from brugerbog.domain.means import Ial
from brugerbog.entrypoints.web.ways_in import Proved
from brugerbog.infrastructure.web.broker import BrokerFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brugerbog.infrastructure.web.settings import OidcSettings

_LEVELS: Final = {"substantial": Ial.SUBSTANTIAL, "high": Ial.HIGH, "3": Ial.SUBSTANTIAL, "4": Ial.HIGH}
_BEFORE_LEVEL: Final = re.compile(r"[/:.]")


class LevelTooLow(BrokerFailed):
    """The proof is of too low a level, or of one that isn't known."""

    def __init__(self) -> None:
        super().__init__("level_too_low")


class Claims:
    """A broker's claims, by the names that the settings say they have there."""

    def __init__(self, said: Mapping[str, Any], settings: OidcSettings) -> None:
        self._said = said
        self._settings = settings

    def level(self) -> Ial:
        """How sure the broker is. Raises: LevelTooLow, also for a level that isn't told."""
        last = _BEFORE_LEVEL.split(self._find("level") or "")[-1].casefold()
        level = _LEVELS.get(last)
        if level is None or level.level < self._settings.minimum_level.level:
            raise LevelTooLow
        return level

    def professional(self) -> tuple[str, UUID]:
        """The CVR number and the user number of whoever logs in. Raises: BrokerFailed."""
        cvr, user_id = self._find("cvr"), self._find("uuid")
        if cvr is None or user_id is None:
            raise BrokerFailed("claims_missing")
        try:
            return cvr, UUID(user_id)
        except ValueError:
            raise BrokerFailed("uuid_unreadable") from None

    def person(self, *, today: date) -> Proved:
        """Who has proved his identity. A CPR number tells the birth date too. Raises: BrokerFailed."""
        level, written, told = self.level(), self._find("cpr"), self._find("birthdate")
        try:
            cpr = None if written is None else numbers.cpr_loose(written, today=today)
            born = None if told is None else date.fromisoformat(told)
        except (Refusal, ValueError):
            raise BrokerFailed("person_unreadable") from None
        if born is None and cpr is not None:
            born = numbers.birth_date_of(cpr)
        if born is None:
            raise BrokerFailed("claims_missing")
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
