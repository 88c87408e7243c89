"""Refusals of a row of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(eq=False)
class WrongCellCount(Refusal):
    """A row hasn't 15 cells."""

    code = "wrong_cell_count"
    danish = "Rækken har {found} celler og skal have 15. Kontrollér semikolonerne i rækken."
    english = "The row has {found} cells and must have 15."
    found: int = 0


@dataclass(eq=False)
class QuoteUnbalanced(Refusal):
    """A quotation mark is never closed, or has text after it; the rest of the file may be its cell."""

    code = "quote_unbalanced"
    danish = (
        "Et anførselstegn i rækken er ikke afsluttet rigtigt, så den og resten af filen kan ikke læses "
        "sikkert, og intet af det er udført. Fjern det, eller skriv det to gange."
    )
    english = (
        "A quotation mark in the row isn't closed, so nothing of it or of the rest of the file is done: "
        "remove or double it."
    )


@dataclass(eq=False)
class LineBreakInCell(Refusal):
    """A quoted cell has a line break; the row ends on line `last`."""

    code = "line_break_in_cell"
    danish = (
        "Cellen indeholder et linjeskift, så rækken fylder flere linjer, til og med linje {last}. "
        "Slet linjeskiftet, og skriv teksten på én linje."
    )
    english = "The cell holds a line break, so that the row goes on to line {last}: write it on one line."
    last: int


@dataclass(eq=False)
class LineTooLong(Refusal):
    """The row is longer than the limit."""

    code = "line_too_long"
    danish = (
        "Rækken er længere end {longest} tegn. Forkort den, og kontrollér, at linjen slutter, hvor den skal."
    )
    english = "The row is longer than {longest} characters: shorten it."
    longest: int


@dataclass(eq=False)
class LettersMisread(Refusal):
    """A program has misread the text's encoding and saved wrong letters."""

    code = "letters_misread"
    danish = (
        "Teksten er på et tidspunkt læst i et forkert tegnsæt, så bogstaver er blevet til andre tegn. "
        "Skriv den igen, og gem filen som CSV UTF-8 (*.csv)."
    )
    english = "The text was once read in a wrong encoding: write it again, and save the file as UTF-8."


@dataclass(eq=False)
class LetterLost(Refusal):
    """A program has replaced a letter of a name with a question mark."""

    code = "letter_lost"
    danish = (
        "Et bogstav er gået tabt og erstattet af et spørgsmålstegn. Skriv teksten igen med alle bogstaver."
    )
    english = "A letter is lost, with a question mark in its place: write the name again."


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
    """No user of the organisation has that CPR number."""

    code = "cpr_unknown"
    danish = "Organisationen har ingen bruger med det CPR-nummer. Kontrollér nummeret, eller brug UUID."
    english = "No user of the organisation has that CPR number."


@dataclass(eq=False)
class DoesNotMatch(Refusal):
    """The value differs from the user's, so the row may mean another user."""

    code = "does_not_match"
    danish = (
        "Værdien passer ikke med brugeren. Ret den, eller lad cellen være tom, hvis brugeren er den rette."
    )
    english = "The value doesn't match the user."


@dataclass(eq=False)
class HeldBack(Refusal):
    """The row is valid, but others are not, and the import is all or nothing."""

    code = "held_back"
    danish = "Rækken er i orden, men intet er gennemført, fordi andre rækker blev afvist."
    english = "The row is in order, but nothing was done because others were refused."


@dataclass(eq=False)
class SameCprOtherData(Refusal):
    """A user has the CPR number, but other data."""

    code = "cpr_in_use_with_other_data"
    danish = (
        "Organisationen har allerede en bruger med det CPR-nummer, men med andre oplysninger "
        "(bruger {user_id}). Redigér brugeren med U, eller ret rækken."
    )
    english = "User {user_id} has that CPR number but other data."
    user_id: UUID


@dataclass(eq=False)
class SamePersonOtherData(Refusal):
    """A user has the names, birth date and e-mail, but other data."""

    code = "person_in_use_with_other_data"
    danish = (
        "Organisationen har allerede brugeren, men med andre oplysninger (bruger {user_id}). "
        "Redigér brugeren med U, eller ret rækken."
    )
    english = "User {user_id} is that person but has other data."
    user_id: UUID


@dataclass(eq=False)
class TwiceInFile(Refusal):
    """An earlier row of the file has created the same person with other data."""

    code = "twice_in_file"
    danish = "Personen står også i række {row}, men med andre oplysninger. Ret eller slet en af rækkerne."
    english = "Row {row} has the same person with other data."
    row: int
