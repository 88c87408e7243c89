"""Whom a change of settings concerns, told before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from brugerbog.domain.values.means import DANISH_MEANS, Means
from brugerbog.entrypoints.web.danish_format import thousands

if TYPE_CHECKING:
    from brugerbog.application.queries.previews.effects import UsersAffected
    from brugerbog.domain.settings import Settings
    from brugerbog.entrypoints.web.request_context import RequestContext

NAMED: Final = 10

_HAVE: Final = {
    "allow_anonymous": "er anonyme",
    "allow_private_means": "har privat MitID",
    "allow_shared_means": "har et delt identifikationsmiddel",
    "use_p_numbers": "er tilknyttet et P-nummer",
    "use_se_numbers": "er tilknyttet et SE-nummer",
    "use_reference_text": "har en referencetekst",
    "allow_sealing": "har ret til segldannelse",
    "ial": "har et højere sikringsniveau",
    "dedicated_means": "har {value}",
    "p_numbers": "er tilknyttet P-nummer {value}",
    "se_numbers": "er tilknyttet SE-nummer {value}",
    "eans": "faktureres på EAN-nummer {value}",
    "certificate_profiles": "har certifikatprofilen {value}",
    "rights": "har rettigheden {value}",
}


@dataclass(frozen=True, slots=True, repr=False)
class AffectedUsers:
    """A concern in words: the first users by name, and how many more there are."""

    words: str
    named: list[tuple[UUID, str]]
    more: int


def told(context: RequestContext, concerns: list[UsersAffected], settings: Settings) -> list[AffectedUsers]:
    """Every concern, of settings as they are before the change."""
    return [_told(context, one, settings) for one in concerns]


def _told(context: RequestContext, concern: UsersAffected, settings: Settings) -> AffectedUsers:
    count = len(concern.users)
    have = _HAVE[concern.setting].format(value=_called(concern, settings))
    if count == 1:
        have = have.replace("er anonyme", "er anonym")
    first = concern.users[:NAMED]
    names = context.queries.names(context.actor, first)
    words = f"{thousands(count)} {'bruger' if count == 1 else 'brugere'} {have}"
    return AffectedUsers(words, [(one, names[one]) for one in first], count - len(first))


def _called(concern: UsersAffected, settings: Settings) -> str:
    """The value of a list as people know it."""
    value = concern.value or ""
    if concern.setting == "dedicated_means":
        return DANISH_MEANS[Means(value)]
    if concern.setting == "rights":
        return next((f"»{one.name}«" for one in settings.rights if one.id == value), value)
    return value
