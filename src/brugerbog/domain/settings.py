"""What an organisation allows, and the lists its users are placed by (domain, The organisation)."""

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
    """What the organisation is invoiced, in øre (1/100 krone) without VAT; the defaults are the public ones.

    The first `free_users` cost nothing, each one after them `user`.
    """

    user: int = 2_000
    free_users: int = 3
    code_display: int = 3_350
    audio_code_reader: int = 23_550
    chip: int = 11_500

    def of(self, means: Means) -> int:
        """The price of one means: devices cost, everything else is free."""
        if means in HARDWARE:
            return {
                Means.CODE_DISPLAY: self.code_display,
                Means.AUDIO_CODE_READER: self.audio_code_reader,
                Means.CHIP: self.chip,
            }[means]
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An organisation's settings; the defaults allow nothing that costs money or shows less.

    `dedicated_means` is never empty: an organisation can't switch dedicated MitID off.
    `erasure_retention_days` counts whole days from deletion until the personal data goes; 0 is at once.
    `activity_retention_months` is how long it is kept what a user did where, from when that was reported;
    `mail_retention_months` how long it is kept that a mail was sent. Both are whole calendar months.
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
        """Whether the organisation lets its users have these means."""
        if means in DEDICATED:
            return means in self.dedicated_means
        return self.allow_private_means if means is Means.PRIVATE else self.allow_shared_means

    def check_means(self, means: Iterable[Means]) -> None:
        """Raises: MeansNotOffered."""
        for one in means:
            if not self.offers(one):
                raise MeansNotOffered(one)

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
        """What differs in `other`, as plain JSON values by the settings' names."""
        after = other.as_json()
        return {name: after[name] for name, value in self.as_json().items() if after[name] != value}

    def as_json(self) -> dict[str, Any]:
        """All settings as plain JSON values."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    def with_changes(self, changed: Mapping[str, Any]) -> Settings:
        """These settings with some replaced, read back from `changes_to`."""
        before = self.as_json()
        prices = before["prices"] | changed.get("prices", {})
        return settings_from_json(before | dict(changed) | {"prices": prices})


def settings_from_json(values: Mapping[str, Any]) -> Settings:
    """Settings from plain JSON values; the inverse of `Settings.as_json`."""
    read = dict(values)
    read["dedicated_means"] = tuple(Means(one) for one in read["dedicated_means"])
    read["ial"] = Ial(read["ial"])
    read["prices"] = Prices(**read["prices"])
    read["rights"] = tuple(Right(**one) for one in read["rights"])
    for name in ("p_numbers", "se_numbers", "eans", "certificate_profiles"):
        read[name] = tuple(read[name])
    return Settings(**read)


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Right | Prices):
        return asdict(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, (Means, Ial)):
        return value.value
    return value


@dataclass(eq=False)
class MeansNotOffered(MeansRefusal, Refusal):
    """Only what the organisation offers can be chosen (guide, Tildel identifikationsmidler)."""

    code = "means_not_offered"
    danish = "Jeres organisation tilbyder ikke {name}. Vælg et andet identifikationsmiddel."
    english = "The organisation doesn't offer the means '{means}'."
    means: Means


@dataclass(eq=False)
class AnonymityNotAllowed(Refusal):
    """Anonymous users only where the organisation administrator allows them (guide, Opret nye brugere)."""

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
    """P-numbers only where the organisation has turned them on (guide, Tilknyt et P- eller SE-nummer)."""

    code = "p_numbers_not_in_use"
    danish = "Jeres organisation tilknytter ikke brugere til P-numre. Lad feltet være tomt."
    english = "The organisation doesn't use P-numbers."


@dataclass(eq=False)
class PNumberUnknown(Refusal):
    """Only the organisation's own P-numbers (guide, P-nummer)."""

    code = "p_number_unknown"
    danish = "P-nummeret er ikke registreret under Indstillinger. Vælg et af organisationens P-numre."
    english = "The P-number isn't one of the organisation's."


@dataclass(eq=False)
class SeNumbersNotInUse(Refusal):
    """SE-numbers only where the organisation has turned them on (guide, Tilknyt et P- eller SE-nummer)."""

    code = "se_numbers_not_in_use"
    danish = "Jeres organisation tilknytter ikke brugere til SE-numre. Lad feltet være tomt."
    english = "The organisation doesn't use SE-numbers."


@dataclass(eq=False)
class SeNumberUnknown(Refusal):
    """Only the organisation's own SE-numbers (guide, SE-nummer)."""

    code = "se_number_unknown"
    danish = "SE-nummeret er ikke registreret under Indstillinger. Vælg et af organisationens SE-numre."
    english = "The SE-number isn't one of the organisation's."


@dataclass(eq=False)
class EanUnknown(Refusal):
    """Only an EAN registered as invoice method (guide, EAN)."""

    code = "ean_unknown"
    danish = "EAN-nummeret er ikke registreret under Indstillinger. Vælg et af organisationens EAN-numre."
    english = "The EAN isn't one of the organisation's invoice methods."


@dataclass(eq=False)
class ReferenceTextNotInUse(Refusal):
    """Reference text only where the organisation uses it (guide, Referencetekst)."""

    code = "reference_text_not_in_use"
    danish = "Jeres organisation bruger ikke referencetekst. Lad feltet være tomt."
    english = "The organisation doesn't use reference texts."
