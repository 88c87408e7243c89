"""Dates, numbers and lists in Danish notation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from brugerbog.domain.danish.dates import MONTHS
from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

_WEEKDAYS: Final = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_WRITTEN: Final = re.compile(r"(\d{1,2})\s*[.\-/ ]\s*(\d{1,2})\s*[.\-/ ]\s*(\d{4})", re.ASCII)
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}|\d{1,3}(?:\.\d{3}){1,2}", re.ASCII)
_AMOUNT: Final = re.compile(r"(\d{1,9}|\d{1,3}(?:\.\d{3}){1,2})(?:,(\d{1,2}))?(?:\s*kr\.?)?", re.ASCII)
_DIGITS: Final = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)


@dataclass(eq=False)
class DayUnreadable(Refusal):
    """The text is no date; a date is written day, month, year."""

    code = "day_unreadable"
    danish = "Datoen kan ikke læses. Skriv dag, måned og år, for eksempel 3.6.2027."
    english = "The date can't be read: write day.month.year."


@dataclass(eq=False)
class AmountUnreadable(Refusal):
    """The text is no amount; an amount is written in kroner, with a comma before the øre."""

    code = "amount_unreadable"
    danish = "Beløbet kan ikke læses. Skriv kroner, og øre efter et komma, for eksempel 33,50."
    english = "The amount can't be read: write kroner,øre."


@dataclass(eq=False)
class NumberUnreadable(Refusal):
    """The text is no count; a count is written in digits."""

    code = "number_unreadable"
    danish = "Tallet kan ikke læses. Skriv et helt tal med cifre, for eksempel 13."
    english = "The number can't be read: write a whole number in digits."


def read_oere(text: str) -> int:
    """Return the øre of an amount in Danish notation: `33,50`, `1.234,50 kr.`, `20`.

    Raises: AmountUnreadable.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise AmountUnreadable
    whole, rest = found.groups()
    return int(whole.replace(".", "")) * 100 + int((rest or "0").ljust(2, "0"))


def read_count(text: str) -> int:
    """Return a whole number in Danish notation: `13`, `1.000`. Raises: NumberUnreadable."""
    found = _WHOLE.fullmatch(text.strip())
    if not found:
        raise NumberUnreadable
    return int(text.replace(".", ""))


def read_day(text: str) -> date | None:
    """Return the date of 3.6.2027, 03-06-2027, 03062027 or 2027-06-03; None of blanks.

    Raises: DayUnreadable.
    """
    text = text.strip()
    if not text:
        return None
    if found := _ISO.fullmatch(text):
        year, month, number = found.groups()
    elif found := _WRITTEN.fullmatch(text) or _DIGITS.fullmatch(text):
        number, month, year = found.groups()
    else:
        raise DayUnreadable
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise DayUnreadable from None


def day(value: date | str | None) -> str:
    """Return `03.06.2027`; an empty string of None."""
    if value is None:
        return ""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{value:%d.%m.%Y}"


def long_day(value: date | str) -> str:
    """Return `torsdag den 3. juni 2027`."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{_WEEKDAYS[value.weekday()]} den {value.day}. {MONTHS[value.month - 1]} {value.year}"


def listed(texts: Sequence[str]) -> str:
    """Return `a`, `a og b` or `a, b og c`; an empty string of no texts."""
    if not texts:
        return ""
    *most, last = texts
    return f"{', '.join(most)} og {last}" if most else last


def thousands(number: int) -> str:
    """Return `12.345`."""
    return f"{number:,}".replace(",", ".")


def capital(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]
