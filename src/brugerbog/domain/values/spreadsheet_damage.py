"""Detection of numbers damaged by a spreadsheet; they are refused, never repaired."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from brugerbog.domain.kernel.refusals import Refusal

# Space, tab and all no-break spaces: allowed around a value, never inside a number.
BLANKS: Final = " \t\u00a0\u2007\u202f\u2060\ufeff"

_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}")
_DECIMALS = re.compile(r"[0-9]+[.,][0-9]+")
_DIGITS_AND_BLANKS = re.compile(rf"[0-9{BLANKS}]+")
_MAX_NUMBER_LENGTH: Final = 100
"""Characters; far more than any number damaged by a spreadsheet has (ours)."""


def damage(text: str) -> Refusal | None:
    """Return the damage to a number, or None if none is recognised; `text` has no blanks around it."""
    if len(text) > _MAX_NUMBER_LENGTH:
        return None
    if _SCIENTIFIC.fullmatch(text):
        return ScientificNotation()
    if _DECIMALS.fullmatch(text):
        return Decimals()
    if _DIGITS_AND_BLANKS.fullmatch(text) and not text.isdecimal():
        return BlankInside()
    return None


@dataclass(eq=False)
class ScientificNotation(Refusal):
    """A spreadsheet has shortened the number, as in 2,56522E+12; its last digits are lost (ours)."""

    code = "scientific_notation"
    danish = (
        "Regnearket har forkortet tallet (fx 2,56522E+12), så de sidste cifre er gået tabt. "
        "Formatér kolonnen som tekst, og skriv alle cifrene igen."
    )
    english = (
        "A spreadsheet has shortened the number (e.g. 2.56522E+12), so its last digits are lost. "
        "Format the column as text and write all the digits again."
    )


@dataclass(eq=False)
class Decimals(Refusal):
    """The number has decimals, as in 5798009811578,00 (ours)."""

    code = "decimals"
    danish = (
        "Tallet har decimaler (fx 5798009811578,00). Formatér kolonnen som tekst, "
        "og skriv kun cifrene, uden komma og punktum."
    )
    english = (
        "The number has decimals (e.g. 5798009811578.00). Format the column as text "
        "and write the digits only, without comma and point."
    )


@dataclass(eq=False)
class BlankInside(Refusal):
    """The number has blanks between its digits (guide, Brugerimport: "uden mellemrum")."""

    code = "blank_inside"
    danish = "Der er mellemrum mellem cifrene. Skriv cifrene i ét, uden mellemrum."
    english = "There are blanks between the digits. Write them without blanks."
