"""Reads a broker's claims: the organisation and user of a login, a person's identity, the assurance level."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values import numbers
from brugerbog.domain.values.means import Ial
from brugerbog.entrypoints.web.login.completion import BrokerProof
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
"""The levels as brokers write them, in lower case. Compared whole, as other lists share the last word."""


class LevelTooLow(LoginFailed):
    """The assurance level is too low or unknown."""

    def __init__(self) -> None:
        super().__init__("level_too_low")


class Claims:
    """A broker's claims, found by the names in the settings."""

    def __init__(self, claims: Mapping[str, Any], settings: OidcSettings) -> None:
        self._claims = claims
        self._settings = settings

    def assurance_level(self, *least: Ial) -> Ial:
        """Return the assurance level, at least the installation's minimum and each of `least`.

        Raises: LevelTooLow, also for a missing or unknown level.
        """
        claimed = (self._find("level") or "").casefold()
        level = self._settings.levels.get(claimed) or _LEVELS.get(claimed)
        minimum = max(each.level for each in (self._settings.minimum_level, *least))
        if level is None or level.level < minimum:
            raise LevelTooLow
        return level

    def cvr_and_user_id(self) -> tuple[str, UUID]:
        """Return the CVR number and the user number of a login. Raises: LoginFailed."""
        cvr, user_id = self._find("cvr"), self._find("uuid")
        if cvr is None or user_id is None:
            raise LoginFailed("claims_missing")
        try:
            return cvr, UUID(user_id)
        except ValueError:
            raise LoginFailed("uuid_unreadable") from None

    def proof_of_identity(self, *, today: date) -> BrokerProof:
        """Return a proof of a person's identity; a CPR number gives a missing birth date.

        Raises: LoginFailed.
        """
        level, cpr_claim, birth_claim = self.assurance_level(), self._find("cpr"), self._find("birthdate")
        try:
            cpr = None if cpr_claim is None else numbers.cpr_loose(cpr_claim, today=today)
            born = None if birth_claim is None else date.fromisoformat(birth_claim)
        except (Refusal, ValueError):
            raise LoginFailed("person_unreadable") from None
        if born is None and cpr is not None:
            born = numbers.birth_date_of(cpr)
        if born is None:
            raise LoginFailed("claims_missing")
        return BrokerProof(broker=self._broker(), date_of_birth=born, cpr=cpr, ial=level)

    def _find(self, name: str) -> str | None:
        """Return a claim by its whole name, or else by a dotted path into nested claims; None without one."""
        claim_name = self._settings.claims[name]
        value: Any = self._claims
        for step in (claim_name,) if claim_name in self._claims else claim_name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        return str(value).strip() or None

    def _broker(self) -> str:
        return urlsplit(self._settings.issuer).hostname or ""
