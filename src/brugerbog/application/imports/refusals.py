"""Why a whole file, or a row of it, is refused; what other modules refuse is said there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brugerbog.domain.errors import Refusal

if TYPE_CHECKING:
    from uuid import UUID


class FileRefused(Refusal):
    """The file as a whole can't be imported; nothing has been done."""

    code = "file_refused"
    danish = "Filen kan ikke importeres."
    english = "The file can't be imported."


@dataclass(eq=False)
class FileMissing(FileRefused):
    """There is no such file, or it can't be read."""

    code = "file_unreadable"
    danish = "Filen findes ikke eller kan ikke læses. Kontrollér navnet, eller vælg en anden fil."
    english = "There is no such file, or it can't be read."


@dataclass(eq=False)
class FileEmpty(FileRefused):
    """Not even a header."""

    code = "file_empty"
    danish = "Filen er tom. Brug skabelonen, og udfyld en række for hver bruger."
    english = "The file is empty."


@dataclass(eq=False)
class FileTooLarge(FileRefused):
    """At most 50 MB."""

    code = "file_too_large"
    danish = "Filen er større end {megabytes} MB. Del den i flere filer."
    english = "The file is larger than {megabytes} MB: split it."
    megabytes: int


@dataclass(eq=False)
class TooManyRows(FileRefused):
    """At most 250 000 rows."""

    code = "too_many_rows"
    danish = "Filen har flere end {most} rækker. Del den i flere filer."
    english = "The file has more than {most} rows: split it."
    most: int


@dataclass(eq=False)
class NotText(FileRefused):
    """A spreadsheet, a picture or UTF-16 instead of a CSV file."""

    code = "not_text"
    danish = (
        "Filen er ikke en CSV-fil. Vælg Gem som i Excel, og filtypen CSV-fil (semikolonsepareret) (*.csv)."
    )
    english = "The file isn't a CSV file: save it as semicolon-separated CSV."


@dataclass(eq=False)
class CommaSeparated(FileRefused):
    """Commas or tabs between the columns."""

    code = "not_semicolon_separated"
    danish = (
        "Kolonnerne er adskilt af {separator} i stedet for semikolon. "
        "Gem filen som CSV-fil (semikolonsepareret) (*.csv)."
    )
    english = "The columns are separated by {separator} instead of semicolons."
    separator: str


@dataclass(eq=False)
class WrongColumnCount(FileRefused):
    """The header hasn't 15 columns."""

    code = "wrong_column_count"
    danish = (
        "Filen har {found} kolonner og skal have 15. Brug skabelonen uden at ændre overskrifterne.{missing}"
    )
    english = "The file has {found} columns and must have 15."
    found: int
    missing: str


@dataclass(eq=False)
class ColumnMissing(FileRefused):
    """A column of the template is missing or has another name."""

    code = "column_missing"
    danish = (
        "Kolonnen {column} mangler eller har et andet navn. Brug skabelonen uden at ændre overskrifterne."
    )
    english = "The column {column} is missing or has another name."
    column: str


@dataclass(eq=False)
class WrongColumnOrder(FileRefused):
    """All columns are there, in another order."""

    code = "wrong_column_order"
    danish = "Kolonnerne står i en anden rækkefølge end i skabelonen: kolonne {place} skal være {column}."
    english = "The columns are out of order: column {place} must be {column}."
    place: int
    column: str


@dataclass(eq=False)
class WrongCellCount(Refusal):
    """A row hasn't 15 cells."""

    code = "wrong_cell_count"
    danish = "Rækken har {found} celler og skal have 15. Kontrollér semikolonerne i rækken."
    english = "The row has {found} cells and must have 15."
    found: int = 0


@dataclass(eq=False)
class QuoteUnbalanced(Refusal):
    """A quotation mark opens and isn't closed on its line, or has something behind it."""

    code = "quote_unbalanced"
    danish = "Et anførselstegn i rækken er ikke afsluttet. Fjern det, eller skriv det to gange."
    english = "A quotation mark in the row isn't closed: remove or double it."


@dataclass(eq=False)
class ActionUnknown(Refusal):
    """The first cell is a capital C, U or D (guide, Aktion)."""

    code = "action_unknown"
    danish = "Aktion skal være et stort C (opret), U (redigér) eller D (slet)."
    english = "The action must be a capital C, U or D."


@dataclass(eq=False)
class MustBeEmpty(Refusal):
    """The cell must be empty for the row's action."""

    code = "must_be_empty"
    danish = "Cellen skal være tom ved denne aktion. Vælg Ryd indhold i Excel."
    english = "The cell must be empty for this action."


@dataclass(eq=False)
class MustBeFilled(Refusal):
    """The cell must be filled in for the row's action."""

    code = "must_be_filled"
    danish = "Cellen skal udfyldes ved denne aktion."
    english = "The cell must be filled in for this action."


@dataclass(eq=False)
class AnonymousInvalid(Refusal):
    """J, N or nothing (guide, Anonym)."""

    code = "anonymous_invalid"
    danish = "Anonym skal være J, N eller tom."
    english = "Anonym must be J, N or empty."


@dataclass(eq=False)
class TargetIalInvalid(Refusal):
    """3 or 4 (guide, TargetIAL)."""

    code = "target_ial_invalid"
    danish = "TargetIAL skal være 3 (betydelig) eller 4 (høj)."
    english = "TargetIAL must be 3 (substantial) or 4 (high)."


@dataclass(eq=False)
class LoginMeansInvalid(Refusal):
    """PrivatID or nothing (guide, Loginmiddel)."""

    code = "login_means_invalid"
    danish = "Loginmiddel skal være PrivatID eller tom."
    english = "Loginmiddel must be PrivatID or empty."


@dataclass(eq=False)
class KeyMissing(Refusal):
    """U and D rows name their user by UUID or CPR number."""

    code = "key_missing"
    danish = "Udfyld brugerens UUID eller CPR-nummer, så det kan ses, hvem rækken gælder."
    english = "The row names nobody: a UUID or a CPR number is needed."


@dataclass(eq=False)
class CprUnknown(Refusal):
    """No living user has that CPR number."""

    code = "cpr_unknown"
    danish = "Organisationen har ingen bruger med det CPR-nummer. Kontrollér nummeret, eller brug UUID."
    english = "No user of the organisation has that CPR number."


@dataclass(eq=False)
class DoesNotMatch(Refusal):
    """What is given about the user isn't so, which may mean that he is somebody else."""

    code = "does_not_match"
    danish = (
        "Værdien passer ikke med brugeren. Ret den, eller lad cellen være tom, hvis brugeren er den rette."
    )
    english = "The value doesn't match the user."


@dataclass(eq=False)
class HeldBack(Refusal):
    """The row is in order, but others aren't, and all or nothing was asked for."""

    code = "held_back"
    danish = "Rækken er i orden, men intet er gennemført, fordi andre rækker blev afvist."
    english = "The row is in order, but nothing was done because others were refused."


@dataclass(eq=False)
class SameCprOtherData(Refusal):
    """A living user has the CPR number, but not all of the row's data."""

    code = "cpr_in_use_with_other_data"
    danish = (
        "Organisationen har allerede en bruger med det CPR-nummer, men med andre oplysninger "
        "(bruger {user_id}). Redigér brugeren med U, eller ret rækken."
    )
    english = "User {user_id} has that CPR number but other data."
    user_id: UUID


@dataclass(eq=False)
class SamePersonOtherData(Refusal):
    """A living user has the names, birth date and e-mail, but not all of the row's data."""

    code = "person_in_use_with_other_data"
    danish = (
        "Organisationen har allerede brugeren, men med andre oplysninger (bruger {user_id}). "
        "Redigér brugeren med U, eller ret rækken."
    )
    english = "User {user_id} is that person but has other data."
    user_id: UUID


@dataclass(eq=False)
class TwiceInFile(Refusal):
    """An earlier row of the file has made the same person, with other data."""

    code = "twice_in_file"
    danish = "Personen står også i række {row}, men med andre oplysninger. Ret eller slet en af rækkerne."
    english = "Row {row} has the same person with other data."
    row: int
