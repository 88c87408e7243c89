"""Descriptions of users and organisations, attribute by attribute, in Danish."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from brugerbog.domain.danish.event_names import DANISH_NAMES_BY_TOPIC
from brugerbog.domain.kernel.days import COPENHAGEN, Period
from brugerbog.domain.kernel.instants import clamp_to_calendar
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.kernel.roles import DANISH_ROLES
from brugerbog.domain.organisation.log_reading import DANISH_LOG_READINGS
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.settings import Prices, Right, Settings
from brugerbog.domain.user.links import Link
from brugerbog.domain.values.means import DANISH_MEANS, Ial, Means, SharedMeans
from brugerbog.domain.values.numbers import mask_cpr
from brugerbog.domain.values.status import DANISH_STATUS, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from brugerbog.domain.kernel.aggregate import Aggregate
    from brugerbog.domain.organisation.clients import Client

ERASED_TEXT: Final = "Slettet"
"""The text in place of erased personal data."""

LABELS: Final = {
    "phase": "Status",
    "status": "Status",
    "first_name": "Fornavn",
    "surname": "Efternavn",
    "cpr": "CPR-nummer",
    "cpr_masked": "CPR-nummer",
    "date_of_birth": "Fødselsdato",
    "email": "E-mail",
    "phone": "Telefon",
    "reference_text": "Referencetekst",
    "user_name": "Brugernavn i brugerkataloget",
    "external_id": "Eksternt id",
    "target_ial": "Sikringsniveau",
    "ean": "EAN",
    "p_number": "P-nummer",
    "se_number": "SE-nummer",
    "anonymous": "Anonym",
    "asks_for_anonymity": "Beder om at blive anonym",
    "decline_reason": "Begrundelse for afslag",
    "replaced": "Oprettet i stedet for",
    "rights": "Rettigheder",
    "can_sign": "Underskrift",
    "sealing_profiles": "Certifikatprofiler",
    "means": "Identifikationsmidler",
    "ordered_means": "Bestilte identifikationsmidler",
    "active_means": "Identifikationsmidler i brug",
    "shared_means": "Delt identifikationsmiddel",
    "means_link": "Link til identifikationsmidler",
    "link": "Aktiveringslink",
    "link_expires_at": "Aktiveringslink udløber",
    "link_has_expired": "Aktiveringslink udløbet",
    "code_expires_at": "Aktiveringskode udløber",
    "code_tries": "Forkerte aktiveringskoder",
    "code_accepted_at": "Aktiveringskode godkendt",
    "confirmed_at": "Identitet bekræftet",
    "confirmed_by": "Identitet bekræftet af",
    "period": "Deaktivering",
    "deactivated_from": "Deaktiveret fra",
    "deactivated_to": "Deaktiveret til og med",
    "created_at": "Oprettet",
    "erase_on": "Personoplysninger slettes",
    "erased": "Personoplysninger slettet",
    # of the organisation
    "cvr": "CVR-nummer",
    "name": "Navn",
    "roles": "Roller",
    "clients": "API-klient",
    "sessions_ended": "Logget af overalt",
    "settings.allow_anonymous": "Anonyme brugere",
    "settings.allow_private_means": "Privat MitID",
    "settings.allow_shared_means": "Delte identifikationsmidler",
    "settings.use_p_numbers": "P-numre i brug",
    "settings.use_se_numbers": "SE-numre i brug",
    "settings.use_reference_text": "Referencetekst i brug",
    "settings.allow_sealing": "Segldannelse",
    "settings.dedicated_means": "Særskilt MitID",
    "settings.p_numbers": "P-numre",
    "settings.se_numbers": "SE-numre",
    "settings.eans": "EAN-numre",
    "settings.certificate_profiles": "Certifikatprofiler",
    "settings.ial": "Sikringsniveau",
    "settings.rights": "Rettigheder",
    "settings.erasure_retention_days": "Dage før personoplysninger slettes",
    "settings.activity_retention_months": "Måneder, aktiviteter bevares",
    "settings.mail_retention_months": "Måneder, oplysninger om mails bevares",
    "settings.prices.user": "Pris for en bruger",
    "settings.prices.free_users": "Gratis brugere",
    "settings.prices.code_display": "Pris for kodeviser",
    "settings.prices.audio_code_reader": "Pris for kodeoplæser",
    "settings.prices.chip": "Pris for chip",
    # of events that change no state
    "occurred_at": "Tidspunkt",
    "transaction": "Transaktion",
    "service_provider": "Tjenesteudbyder",
    "service_type": "Type",
    "reporter": "Indberettet af",
    "what": "Læst",
    "about": "Bruger",
    "by": "Handlende",
    "kind": "Art",
    "since": "Fra",
    "until": "Til",
    "correlated_by": "Samhørende id",
    "by_words": "Søgt med ord",
}
"""The Danish label of each attribute; a test compares the names with the aggregates."""

NOT_DESCRIBED: Final = frozenset(
    {
        *("_id", "_version", "_created_on", "_modified_on", "_pending_events"),
        *(
            "organisation_id",
            "period_generation",
            "deletion_generation",
            "sent_to_activation_by",
            "prices_since",
        ),
    }
)
"""Attributes that only serve decisions, or that each entry of the log shows anyway."""

DanishTexts = dict[str, str | None]
"""Attributes by name, in Danish; None for an empty one."""


@dataclass(frozen=True, slots=True, repr=False)
class AttributeChange:
    """One attribute before and after a change, in Danish; None for an empty one."""

    field: str
    label: str
    before: str | None
    after: str | None


def changes(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> list[AttributeChange]:
    """Return the attributes that differ, in the order of `LABELS`."""
    names = dict.fromkeys((*before, *after))
    return [
        AttributeChange(name, LABELS[_attribute_of(name)], before.get(name), after.get(name))
        for name in sorted(names, key=lambda name: _LABEL_ORDER[_attribute_of(name)])
        if before.get(name) != after.get(name)
    ]


def describe(aggregate: Aggregate | None) -> DanishTexts:
    """Describe a user or an organisation; return nothing for None."""
    if aggregate is None:
        return {}
    return dict(_describe(aggregate))


def describe_facts(facts: Mapping[str, Any]) -> DanishTexts:
    """Describe the fields of an event that changes no state."""
    return {
        name: _FACT_TEXTS[name].get(value, ERASED_TEXT)
        if name in _FACT_TEXTS and value
        else danish_text(value)
        for name, value in facts.items()
        if name in LABELS
    }


def _describe(aggregate: Aggregate) -> Iterator[tuple[str, str | None]]:
    for name, value in vars(aggregate).items():
        if name == "settings":
            yield from describe_settings(value).items()
        elif name == "roles":
            yield from describe_roles(value).items()
        elif name == "clients":
            yield from _describe_clients(value).items()
        elif name == "sessions_ended":
            yield from ((f"{name} {user_id}", danish_text(at)) for user_id, at in value.items())
        elif name == "cpr" and isinstance(value, str):
            yield name, mask_cpr(value)
        elif name == "replaced" and isinstance(value, UUID):
            yield name, "en tidligere bruger"
        elif name not in NOT_DESCRIBED:
            yield name, danish_text(value)


def describe_settings(settings: Settings) -> DanishTexts:
    """Describe an organisation's settings."""
    texts: DanishTexts = {}
    for one in fields(settings):
        value = getattr(settings, one.name)
        if isinstance(value, Prices):
            texts |= {
                f"settings.prices.{price.name}": _price_text(value, price.name) for price in fields(value)
            }
        else:
            texts[f"settings.{one.name}"] = danish_text(value)
    return texts


def describe_roles(roles: Mapping[UUID, Iterable[Any]]) -> DanishTexts:
    """Describe the roles of each user."""
    return {
        f"roles {user_id}": ", ".join(DANISH_ROLES[role] for role in sorted(held)) or None
        for user_id, held in roles.items()
    }


def _describe_clients(clients: Mapping[UUID, Client]) -> DanishTexts:
    """Describe the API clients and their roles, without revoked clients."""
    return {
        f"clients {one.id}": f"{one.name} ({', '.join(DANISH_ROLES[role] for role in sorted(one.roles))})"
        for one in clients.values()
        if not one.is_revoked
    }


def _price_text(prices: Prices, name: str) -> str:
    amount: int = getattr(prices, name)
    return str(amount) if name == "free_users" else f"{amount // 100},{amount % 100:02} kr. ekskl. moms"


def danish_text(value: Any) -> str | None:  # noqa: ANN401, PLR0911 - whatever an aggregate holds
    """Return a value in Danish; None for an empty value."""
    if value is ERASED:
        return ERASED_TEXT
    if value is None or value in ((), {}, ""):
        return None
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, datetime):
        return f"{clamp_to_calendar(value).astimezone(COPENHAGEN):%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, dict | tuple | list):
        return _danish_list(value.values() if isinstance(value, dict) else value)
    text: str = _DANISH_TEXTS.get(type(value), str)(value)
    return text


def _danish_list(values: Iterable[Any]) -> str:
    counted = Counter(filter(None, map(danish_text, values)))
    return ", ".join(one if many == 1 else f"{one} ({many})" for one, many in counted.items())


def _period_text(period: Period) -> str:
    until = f" til og med {period.to_date:%d.%m.%Y}" if period.to_date else ""
    return f"fra {period.from_date:%d.%m.%Y}{until}"


def _shared_means_text(means: SharedMeans) -> str:
    return f"tildelt af CVR {means.owner_cvr}"


_DANISH_TEXTS: Final[dict[type, Any]] = {
    Status: DANISH_STATUS.__getitem__,
    Means: DANISH_MEANS.__getitem__,
    Ial: lambda level: level.danish,
    Period: _period_text,
    Link: lambda link: f"gælder til {danish_text(link.expires_at)}",
    SharedMeans: _shared_means_text,
    Right: lambda right: f"{right.id}: {right.name} ({right.service_provider})",
}
_FACT_TEXTS: Final[dict[str, Mapping[Any, str]]] = {
    "what": DANISH_LOG_READINGS,
    "kind": DANISH_NAMES_BY_TOPIC,
    "service_type": {"public": "offentlig", "private": "privat"},
}
_LABEL_ORDER: Final = {name: at for at, name in enumerate(LABELS)}


def _attribute_of(name: str) -> str:
    return name.partition(" ")[0]


def organisation_from(events: Iterable[Any]) -> Organisation | None:
    """Return the organisation after the events of its stream up to their first gap."""
    organisation = None
    version = 0
    for event in events:
        if event.originator_version == version + 1:
            version += 1
            organisation = event.mutate(organisation)
    return organisation
