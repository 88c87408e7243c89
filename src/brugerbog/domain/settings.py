"""Settings of an organisation: permissions, catalogues, prices and retention."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import DEDICATED, HARDWARE, Ial, Means, MeansRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Right:
    """One entry of the organisation's catalogue of rights."""

    id: str
    name: str
    service_provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices in øre (1/100 krone) without VAT; the defaults are the public prices.

    The first `free_users` users are free, each further one costs `user`.
    """

    user: int = 2_000
    free_users: int = 3
    code_display: int = 3_350
    audio_code_reader: int = 23_550
    chip: int = 11_500

    def of(self, means: Means) -> int:
        """Return the price of one means: devices have a price, others are free."""
        if means in HARDWARE:
            return {
                Means.CODE_DISPLAY: self.code_display,
                Means.AUDIO_CODE_READER: self.audio_code_reader,
                Means.CHIP: self.chip,
            }[means]
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An organisation's settings; the defaults allow nothing that costs money or hides a name.

    `dedicated_means` is never empty: an organisation can't switch dedicated MitID off.
    `erasure_retention_days` is the number of whole days from deletion to erasure of the personal data; 0 is
    at once. `activity_retention_months` is the retention of activities, from their report, and
    `mail_retention_months` that of sent mails; both in whole calendar months.
    """

    allow_anonymous: bool = False
    allow_private_means: bool = False
    allow_shared_means: bool = False
    use_p_numbers: bool = False
    use_se_numbers: bool = False
    use_reference_text: bool = False
    allow_sealing: bool = False
    dedicated_means: tuple[Means, ...] = (Means.APP,)
    p_numbers: tuple[str, ...] = ()
    se_numbers: tuple[str, ...] = ()
    eans: tuple[str, ...] = ()
    certificate_profiles: tuple[str, ...] = ()
    ial: Ial = Ial.SUBSTANTIAL
    rights: tuple[Right, ...] = ()
    erasure_retention_days: int = 0
    activity_retention_months: int = 13
    mail_retention_months: int = 13
    prices: Prices = Prices()

    def offers(self, means: Means) -> bool:
        """Whether users of the organisation can be assigned these means."""
        if means in DEDICATED:
            return means in self.dedicated_means
        return self.allow_private_means if means is Means.PRIVATE else self.allow_shared_means

    def check_means(self, means: Iterable[Means]) -> None:
        """Raises: MeansNotOffered."""
        for kind in means:
            if not self.offers(kind):
                raise MeansNotOffered(kind)

    def check_anonymous(self, anonymous: bool) -> None:  # noqa: FBT001 - the value checked
        """Raises: AnonymityNotAllowed."""
        if anonymous and not self.allow_anonymous:
            raise AnonymityNotAllowed

    def check_target_ial(self, target_ial: Ial) -> None:
        """Raises: TargetIalAboveOrganisation."""
        if target_ial.level > self.ial.level:
            raise TargetIalAboveOrganisation(target_ial, self.ial)

    def check_p_number(self, p_number: str) -> None:
        """Raises: PNumbersNotInUse, PNumberUnknown."""
        if not self.use_p_numbers:
            raise PNumbersNotInUse
        if p_number not in self.p_numbers:
            raise PNumberUnknown

    def check_se_number(self, se_number: str) -> None:
        """Raises: SeNumbersNotInUse, SeNumberUnknown."""
        if not self.use_se_numbers:
            raise SeNumbersNotInUse
        if se_number not in self.se_numbers:
            raise SeNumberUnknown

    def check_ean(self, ean: str) -> None:
        """Raises: EanUnknown."""
        if ean not in self.eans:
            raise EanUnknown

    def check_reference_text(self, _reference_text: str) -> None:
        """Raises: ReferenceTextNotInUse."""
        if not self.use_reference_text:
            raise ReferenceTextNotInUse

    def changes_to(self, other: Settings) -> dict[str, Any]:
        """Return the settings that differ in `other`, as plain JSON values by name."""
        after = other.as_json()
        return {name: after[name] for name, value in self.as_json().items() if after[name] != value}

    def as_json(self) -> dict[str, Any]:
        """Return all settings as plain JSON values."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    def with_changes(self, changed: Mapping[str, Any]) -> Settings:
        """Return these settings with some replaced; `changed` is as from `changes_to`."""
        before = self.as_json()
        prices = before["prices"] | changed.get("prices", {})
        return settings_from_json(before | dict(changed) | {"prices": prices})


def settings_from_json(values: Mapping[str, Any]) -> Settings:
    """Return settings from plain JSON values; the inverse of `Settings.as_json`."""
    read = dict(values)
    read["dedicated_means"] = tuple(map(Means, read["dedicated_means"]))
    read["ial"] = Ial(read["ial"])
    read["prices"] = Prices(**read["prices"])
    read["rights"] = tuple(Right(**right) for right in read["rights"])
    for name in ("p_numbers", "se_numbers", "eans", "certificate_profiles"):
        read[name] = tuple(read[name])
    return Settings(**read)


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Right | Prices):
        return asdict(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, (Means, Ial)):
        return value.value
    return value


@dataclass(eq=False)
class MeansNotOffered(MeansRefusal, Refusal):
    """Only means that the organisation offers can be assigned (guide, Tildel identifikationsmidler)."""

    code = "means_not_offered"
    danish = "Jeres organisation tilbyder ikke {name}. Vælg et andet identifikationsmiddel."
    english = "The organisation doesn't offer the means '{means}'."
    means: Means


@dataclass(eq=False)
class AnonymityNotAllowed(Refusal):
    """The organisation administrator must allow anonymous users (guide, Opret nye brugere)."""

    code = "anonymity_not_allowed"
    danish = (
        "Jeres organisation tillader ikke anonyme brugere. Fjern markeringen, eller spørg administratoren."
    )
    english = "The organisation doesn't allow anonymous users."


@dataclass(eq=False)
class TargetIalAboveOrganisation(Refusal):
    """A user's assurance level is never above the organisation's (guide, TargetIAL)."""

    code = "target_ial_above_organisation"
    danish = "Sikringsniveauet er højere end organisationens. Vælg organisationens niveau eller et lavere."
    english = "The target IAL '{target_ial}' is above the organisation's '{organisation_ial}'."
    target_ial: Ial
    organisation_ial: Ial


@dataclass(eq=False)
class PNumbersNotInUse(Refusal):
    """The organisation must have P-numbers turned on (guide, Tilknyt et P- eller SE-nummer)."""

    code = "p_numbers_not_in_use"
    danish = "Jeres organisation tilknytter ikke brugere til P-numre. Lad feltet være tomt."
    english = "The organisation doesn't use P-numbers."


@dataclass(eq=False)
class PNumberUnknown(Refusal):
    """The P-number must be one of the organisation's (guide, P-nummer)."""

    code = "p_number_unknown"
    danish = "P-nummeret er ikke registreret under Indstillinger. Vælg et af organisationens P-numre."
    english = "The P-number isn't one of the organisation's."


@dataclass(eq=False)
class SeNumbersNotInUse(Refusal):
    """The organisation must have SE-numbers turned on (guide, Tilknyt et P- eller SE-nummer)."""

    code = "se_numbers_not_in_use"
    danish = "Jeres organisation tilknytter ikke brugere til SE-numre. Lad feltet være tomt."
    english = "The organisation doesn't use SE-numbers."


@dataclass(eq=False)
class SeNumberUnknown(Refusal):
    """The SE-number must be one of the organisation's (guide, SE-nummer)."""

    code = "se_number_unknown"
    danish = "SE-nummeret er ikke registreret under Indstillinger. Vælg et af organisationens SE-numre."
    english = "The SE-number isn't one of the organisation's."


@dataclass(eq=False)
class EanUnknown(Refusal):
    """The EAN must be registered as an invoice method (guide, EAN)."""

    code = "ean_unknown"
    danish = "EAN-nummeret er ikke registreret under Indstillinger. Vælg et af organisationens EAN-numre."
    english = "The EAN isn't one of the organisation's invoice methods."


@dataclass(eq=False)
class ReferenceTextNotInUse(Refusal):
    """The organisation must have reference texts turned on (guide, Referencetekst)."""

    code = "reference_text_not_in_use"
    danish = "Jeres organisation bruger ikke referencetekst. Lad feltet være tomt."
    english = "The organisation doesn't use reference texts."
