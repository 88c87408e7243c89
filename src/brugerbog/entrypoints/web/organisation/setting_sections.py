"""All settings in sections, with their texts for users (guide, opsætning)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ControlKind(StrEnum):
    """The kind of a setting's form control."""

    SWITCH = "switch"
    LINES = "lines"
    DEVICES = "devices"
    LEVEL = "level"
    COUNT = "count"
    AMOUNT = "amount"
    CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True, repr=False)
class Control:
    """One setting by its name in the domain; the name of a price is that of its item.

    `unit` is the unit of a number, in singular and plural.
    """

    name: str
    kind: ControlKind
    label: str
    hint: str = ""
    unit: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    """Settings changed together. `key` is the word in the address, `help` the text about their effect."""

    key: str
    title: str
    help: str
    controls: tuple[Control, ...]


_KRONER: Final = ("kr.", "kr.")
_FREE: Final = "Det koster ikke noget ekstra."

_USERS: Final = (
    Section(
        "anonyme-brugere",
        "Anonyme brugere",
        "Nye brugere kan markeres som anonyme, og brugere kan anmode om at blive det. I selvbetjeninger "
        "vises kun en anonym brugers brugernummer og ikke navnet; I kan stadig se navnet her. Anonyme "
        f"brugere kan ikke være administrator eller betroet medarbejder. {_FREE}",
        (Control("allow_anonymous", ControlKind.SWITCH, "Tillad anonyme brugere"),),
    ),
    Section(
        "sikringsniveau",
        "Sikringsniveau",
        "Organisationens sikringsniveau er det højeste, som brugere kan aktiveres på. I en CSV-fil "
        f"(TargetIAL) skrives betydelig som 3 og høj som 4. {_FREE}",
        (Control("ial", ControlKind.LEVEL, "Organisationens sikringsniveau (IAL)"),),
    ),
)

_MEANS: Final = (
    Section(
        "privat-mitid",
        "Privat MitID",
        "Brugere kan få lov til at bruge deres eget, private MitID i arbejdet. Brugeren skal selv give "
        f"samtykke under aktiveringen og kan altid trække det tilbage. {_FREE}",
        (Control("allow_private_means", ControlKind.SWITCH, "Tillad privat MitID"),),
    ),
    Section(
        "delt-identifikationsmiddel",
        "Delt identifikationsmiddel",
        "Brugere kan bruge et særskilt MitID, som de allerede har fået tildelt af jeres eller en anden "
        f"organisation. {_FREE}",
        (Control("allow_shared_means", ControlKind.SWITCH, "Tillad delt identifikationsmiddel"),),
    ),
    Section(
        "saerskilt-mitid",
        "Særskilt MitID",
        "De enheder, som brugere kan få til erhvervsbrug. Der skal altid være mindst én at vælge. "
        "MitID app er gratis; kodeviser, kodeoplæser og chip betaler organisationen for, når brugeren "
        "bestiller dem.",
        (Control("dedicated_means", ControlKind.DEVICES, "Enheder, som brugere kan få"),),
    ),
)

_ORGANISATION: Final = (
    Section(
        "p-numre",
        "P-numre",
        "Brugere kan tilknyttes et P-nummer (lokation). Så kan listen over brugere vises for ét "
        f"P-nummer, og rapporter deles op. {_FREE}",
        (
            Control("use_p_numbers", ControlKind.SWITCH, "Tilknyt brugere til P-numre"),
            Control("p_numbers", ControlKind.LINES, "P-numre", "Ét nummer på hver linje, 10 cifre."),
        ),
    ),
    Section(
        "se-numre",
        "SE-numre",
        "Brugere kan tilknyttes et SE-nummer. Det er mest relevant for større organisationer med flere "
        f"SE-numre. {_FREE}",
        (
            Control("use_se_numbers", ControlKind.SWITCH, "Tilknyt brugere til SE-numre"),
            Control("se_numbers", ControlKind.LINES, "SE-numre", "Ét nummer på hver linje, 8 cifre."),
        ),
    ),
    Section(
        "faktureringsmetoder",
        "Faktureringsmetoder",
        "De EAN-numre, som MitID Erhverv kan fakturere brugeroprettelser til. Når der er mindst ét, kan "
        "det vælges for hver bruger.",
        (Control("eans", ControlKind.LINES, "EAN-numre", "Ét nummer på hver linje, 13 cifre."),),
    ),
    Section(
        "referencetekst",
        "Referencetekst",
        "En fri tekst om hver bruger, for eksempel et medarbejdernummer. Kolonnen Referencetekst i en "
        f"CSV-fil må kun udfyldes, når det er slået til. {_FREE}",
        (Control("use_reference_text", ControlKind.SWITCH, "Brug referencetekst"),),
    ),
)

_RIGHTS: Final = (
    Section(
        "rettigheder",
        "Rettigheder",
        "Kataloget over de rettigheder, som rettighedsadministratorer kan give brugere: hvad rettigheden "
        "hedder, og i hvilken selvbetjening den gælder.",
        (Control("rights", ControlKind.CATALOGUE, "Rettigheder"),),
    ),
    Section(
        "segldannelse",
        "Segldannelse",
        "Rettighedsadministratorer kan give brugere ret til at danne segl for organisationen med jeres "
        "aktive organisationscertifikatprofiler.",
        (
            Control(
                "allow_sealing", ControlKind.SWITCH, "Tillad segldannelse ved brug af certifikatprofiler"
            ),
            Control(
                "certificate_profiles",
                ControlKind.LINES,
                "Aktive certifikatprofiler",
                "Navnet på én profil på hver linje.",
            ),
        ),
    ),
)

_KEEPING_AND_PRICES: Final = (
    Section(
        "opbevaring",
        "Opbevaring",
        "Hvor længe oplysninger om brugere gemmes. En kortere tid for aktiviteter og e-mails gælder også "
        "det, der allerede er gemt: det slettes den næste dag og kan ikke hentes tilbage. Brugere, der er "
        "slettet, beholder den tid, der gjaldt, da de blev slettet.",
        (
            Control(
                "erasure_retention_days",
                ControlKind.COUNT,
                "Slettede brugeres personoplysninger",
                "0 betyder straks. Højst 3650.",
                ("dag", "dage"),
            ),
            Control(
                "activity_retention_months",
                ControlKind.COUNT,
                "Brugernes aktiviteter",
                "Log ind og underskrifter, som selvbetjeninger har meldt. Fra 1 til 120.",
                ("måned", "måneder"),
            ),
            Control(
                "mail_retention_months",
                ControlKind.COUNT,
                "Oplysning om sendte e-mails",
                "Fra 2 til 120.",
                ("måned", "måneder"),
            ),
        ),
    ),
    Section(
        "priser",
        "Priser",
        "Det, som organisationen faktureres, uden moms. Priserne vises, hvor noget koster, og bruges i "
        "rapporten over omkostninger; her ændrer I ikke, hvad I faktisk betaler. Nye priser gælder fra nu "
        "af, og det, der allerede er sendt til aktivering eller bestilt, beholder sin pris.",
        (
            Control("user", ControlKind.AMOUNT, "Pris for en bruger", unit=_KRONER),
            Control("free_users", ControlKind.COUNT, "Antal brugere, der er gratis"),
            Control("code_display", ControlKind.AMOUNT, "Pris for en kodeviser", unit=_KRONER),
            Control("audio_code_reader", ControlKind.AMOUNT, "Pris for en kodeoplæser", unit=_KRONER),
            Control("chip", ControlKind.AMOUNT, "Pris for en chip", unit=_KRONER),
        ),
    ),
)

GROUPS: Final = (
    ("Brugere", _USERS),
    ("MitID identifikationsmidler", _MEANS),
    ("Organisation", _ORGANISATION),
    ("Rettigheder og certifikater", _RIGHTS),
    ("Opbevaring og priser", _KEEPING_AND_PRICES),
)
"""All sections, in groups, in the order of the page."""

SECTIONS: Final = {section.key: section for _, sections in GROUPS for section in sections}
