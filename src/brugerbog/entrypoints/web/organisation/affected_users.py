"""The users affected by a change of settings, shown before the change."""

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

MAX_NAMED: Final = 10

_PREDICATES: Final = {
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
    """The users affected by one setting: a sentence, the first users by name, and the number of others."""

    words: str
    named: list[tuple[UUID, str]]
    more: int


def affected_users(
    context: RequestContext, concerns: list[UsersAffected], settings: Settings
) -> list[AffectedUsers]:
    """Return the affected users of each setting; `settings` are those before the change."""
    return [_affected_users(context, concern, settings) for concern in concerns]


def _affected_users(context: RequestContext, concern: UsersAffected, settings: Settings) -> AffectedUsers:
    count = len(concern.users)
    predicate = _PREDICATES[concern.setting].format(value=_value_name(concern, settings))
    if count == 1:
        predicate = predicate.replace("er anonyme", "er anonym")
    first = concern.users[:MAX_NAMED]
    names = context.queries.names(context.actor, first)
    words = f"{thousands(count)} {'bruger' if count == 1 else 'brugere'} {predicate}"
    return AffectedUsers(words, [(user_id, names[user_id]) for user_id in first], count - len(first))


def _value_name(concern: UsersAffected, settings: Settings) -> str:
    """Return the name of a value of a list, as the pages show it."""
    value = concern.value or ""
    if concern.setting == "dedicated_means":
        return DANISH_MEANS[Means(value)]
    if concern.setting == "rights":
        return next((f"»{one.name}«" for one in settings.rights if one.id == value), value)
    return value
