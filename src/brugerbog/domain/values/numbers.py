"""Parsers of CPR, CVR, P, SE, EAN and phone numbers and of user ids.

No refusal contains the input, because a CPR number may have been typed into any field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from stdnum.dk import cvr as cvr_rule

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.spreadsheet_damage import BLANKS, damage

# By the 7th digit: two-digit years below the split belong to the first century, the others to the second.
_CENTURIES: Final = {
    **dict.fromkeys("0123", (0, 1900, 1900)),
    **dict.fromkeys("49", (37, 2000, 1900)),
    **dict.fromkeys("5678", (58, 2000, 1800)),
}
_REPLACEMENT_DAYS: Final = 60

_EIGHT_DIGITS = re.compile(r"[0-9]{8}")
_NINE_DIGITS = re.compile(r"[0-9]{9}")
_TEN_DIGITS = re.compile(r"[0-9]{10}")
_THIRTEEN_DIGITS = re.compile(r"[0-9]{13}")
_HYPHENATED_CPR = re.compile(r"([0-9]{6})[-\u2010-\u2015\u2212]([0-9]{4})")
_DANISH_PHONE = re.compile(rf"(?:\+45|0045)?[{BLANKS}]*([0-9](?:[{BLANKS}]*[0-9]){{7}})")
_USER_ID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def cpr(text: str, *, today: date) -> str:
    """Return the ten digits of a CPR number written DDMMÅÅxxxx.

    Modulus 11 is not checked: it was given up in 2007 (CPR-kontoret).
    Raises: CprInvalid, CprHyphen, CprLostLeadingZero, CprReplacementNumber, CprDateImpossible,
        CprBornInTheFuture, ScientificNotation, Decimals, BlankInside.
    """
    number = text.strip(BLANKS)
    if not _TEN_DIGITS.fullmatch(number):
        raise _not_a_cpr(number)
    try:
        birth = birth_date_of(number)
    except ValueError:
        raise _impossible_cpr(number) from None
    if birth > today:
        raise CprBornInTheFuture
    return number


def cpr_loose(text: str, *, today: date) -> str:
    """As `cpr`, but accept a hyphen before the last four digits.

    Raises: as `cpr`, save CprHyphen.
    """
    return cpr(_HYPHENATED_CPR.sub(r"\1\2", text), today=today)


def birth_date_of(number: str) -> date:
    """Return the birth date in a CPR number of ten digits; the 7th digit determines the century.

    Source: CPR-kontoret, Personnummeret i CPR; the 1800s begin with 1858.
    Raises: ValueError if there is no such date, as in a replacement number.
    """
    split, below, from_split = _CENTURIES[number[6]]
    year = int(number[4:6])
    return date((below if year < split else from_split) + year, int(number[2:4]), int(number[:2]))


def mask_cpr(number: str) -> str:
    """Return the CPR number masked for lists, logs and receipts: 070961-xxxx."""
    return f"{number[:6]}-xxxx"


def cvr(text: str, *, allow_fictitious: bool) -> str:
    """Return the eight digits of a CVR number; a fictitious one, from 9, may fail modulus 11 if allowed.

    Raises: CvrInvalid, CvrCheckDigitWrong, ScientificNotation, Decimals, BlankInside.
    """
    number = text.strip(BLANKS)
    if not _EIGHT_DIGITS.fullmatch(number):
        raise damage(number) or CvrInvalid()
    if not (allow_fictitious and number[0] == "9") and not cvr_rule.is_valid(number):
        raise CvrCheckDigitWrong
    return number


def p_number(text: str) -> str:
    """Return the ten digits of a P-number.

    Raises: PNumberInvalid, ScientificNotation, Decimals, BlankInside.
    """
    number = text.strip(BLANKS)
    if not _TEN_DIGITS.fullmatch(number):
        raise damage(number) or PNumberInvalid()
    return number


def se_number(text: str) -> str:
    """Return the eight digits of an SE-number; no check digit is required.

    Raises: SeNumberInvalid, ScientificNotation, Decimals, BlankInside.
    """
    number = text.strip(BLANKS)
    if not _EIGHT_DIGITS.fullmatch(number):
        raise damage(number) or SeNumberInvalid()
    return number


def ean(text: str) -> str:
    """Return the thirteen digits of an EAN number (GLN), whose weighted sum is a multiple of ten (GS1).

    Raises: EanInvalid, EanCheckDigitWrong, ScientificNotation, Decimals, BlankInside.
    """
    number = text.strip(BLANKS)
    if not _THIRTEEN_DIGITS.fullmatch(number):
        raise damage(number) or EanInvalid()
    if (sum(map(int, number[::2])) + 3 * sum(map(int, number[1::2]))) % 10:
        raise EanCheckDigitWrong
    return number


def phone(text: str) -> str:
    """Return the eight digits of a Danish phone number, written without blanks (guide, Brugerimport).

    Raises: PhoneInvalid, ScientificNotation, Decimals, BlankInside.
    """
    number = text.strip(BLANKS)
    if not _EIGHT_DIGITS.fullmatch(number):
        raise damage(number) or PhoneInvalid()
    return number


def phone_loose(text: str) -> str:
    """As `phone`, but accept +45 or 0045 before the digits, and blanks between them.

    Raises: PhoneInvalid, ScientificNotation, Decimals, BlankInside.
    """
    number = text.strip(BLANKS)
    if found := _DANISH_PHONE.fullmatch(number):
        return "".join(digit for digit in found[1] if digit not in BLANKS)
    return phone(number)


def user_id(text: str) -> UUID:
    """Return a user's id, written as 32 hexadecimal digits with all four hyphens or none (guide, UUID).

    Raises: UserIdInvalid, ScientificNotation, Decimals, BlankInside.
    """
    number = text.strip(BLANKS)
    if not _USER_ID.fullmatch(number):
        raise damage(number) or UserIdInvalid()
    return UUID(number)


def _not_a_cpr(number: str) -> Refusal:
    if _HYPHENATED_CPR.fullmatch(number):
        return CprHyphen()
    if _NINE_DIGITS.fullmatch(number):
        return CprLostLeadingZero()
    return damage(number) or CprInvalid()


def _impossible_cpr(number: str) -> Refusal:
    day = max(int(number[:2]) - _REPLACEMENT_DAYS, 0)
    try:
        birth_date_of(f"{day:02}{number[2:]}")
    except ValueError:
        return CprDateImpossible()
    return CprReplacementNumber()


@dataclass(eq=False)
class CprInvalid(Refusal):
    """Not ten digits DDMMÅÅxxxx (guide, Brugerimport)."""

    code = "cpr_invalid"
    danish = "CPR-nummeret er ikke gyldigt. Skriv 10 cifre som DDMMÅÅxxxx."
    english = "The CPR number is not valid. Write ten digits as DDMMYYxxxx."


@dataclass(eq=False)
class CprHyphen(Refusal):
    """CPR numbers in a file have no hyphen (guide, Brugerimport)."""

    code = "cpr_hyphen"
    danish = "CPR-nummeret er skrevet med bindestreg. Skriv de 10 cifre i ét, uden bindestreg."
    english = "The CPR number is written with a hyphen. Write its ten digits without one."


@dataclass(eq=False)
class CprLostLeadingZero(Refusal):
    """Nine digits: a spreadsheet dropped the leading 0 of a day before the 10th (ours)."""

    code = "cpr_lost_leading_zero"
    danish = (
        "CPR-nummeret har 9 cifre. Regnearket har formodentlig fjernet et foranstillet 0: "
        "formatér kolonnen som tekst, og skriv alle 10 cifre."
    )
    english = (
        "The CPR number has nine digits. A spreadsheet has probably dropped a leading zero: "
        "format the column as text and write all ten digits."
    )


@dataclass(eq=False)
class CprReplacementNumber(Refusal):
    """The day has 60 added: an administrative replacement number, not a CPR number (CPR-kontoret)."""

    code = "cpr_replacement_number"
    danish = (
        "Nummeret er et erstatningsnummer (dagen er lagt sammen med 60) og ikke et CPR-nummer. "
        "Brug personens CPR-nummer, eller opret brugeren med fødselsdato i stedet."
    )
    english = (
        "This is a replacement number (its day has 60 added), not a CPR number. "
        "Use the person's CPR number, or create the user by date of birth."
    )


@dataclass(eq=False)
class CprDateImpossible(Refusal):
    """The first six digits are not a date."""

    code = "cpr_date_impossible"
    danish = "CPR-nummeret begynder med en dato, som ikke findes. Ret de første 6 cifre (DDMMÅÅ)."
    english = "The CPR number begins with a date that does not exist. Correct its first six digits (DDMMYY)."


@dataclass(eq=False)
class CprBornInTheFuture(Refusal):
    """The birth date in the number, its century by the 7th digit, is after today."""

    code = "cpr_born_in_the_future"
    danish = "CPR-nummeret har en fødselsdato, som ligger i fremtiden. Kontrollér alle 10 cifre."
    english = "The CPR number has a birth date in the future. Check all ten digits."


@dataclass(eq=False)
class CvrInvalid(Refusal):
    """Not eight digits."""

    code = "cvr_invalid"
    danish = "CVR-nummeret er ikke gyldigt. Skriv 8 cifre, uden DK og uden mellemrum."
    english = "The CVR number is not valid. Write eight digits, without DK and without blanks."


@dataclass(eq=False)
class CvrCheckDigitWrong(Refusal):
    """The number fails modulus 11: a digit is wrong (Erhvervsstyrelsen)."""

    code = "cvr_check_digit_wrong"
    danish = "CVR-nummeret findes ikke: kontrolcifferet passer ikke. Ret det, så det er som i CVR-registret."
    english = "There is no such CVR number: its check digit is wrong. Write it as in the CVR register."


@dataclass(eq=False)
class PNumberInvalid(Refusal):
    """Not ten digits."""

    code = "p_number_invalid"
    danish = "P-nummeret er ikke gyldigt. Skriv 10 cifre."
    english = "The P-number is not valid. Write ten digits."


@dataclass(eq=False)
class SeNumberInvalid(Refusal):
    """Not eight digits."""

    code = "se_number_invalid"
    danish = "SE-nummeret er ikke gyldigt. Skriv 8 cifre."
    english = "The SE-number is not valid. Write eight digits."


@dataclass(eq=False)
class EanInvalid(Refusal):
    """Not thirteen digits."""

    code = "ean_invalid"
    danish = "EAN-nummeret er ikke gyldigt. Skriv 13 cifre."
    english = "The EAN number is not valid. Write thirteen digits."


@dataclass(eq=False)
class EanCheckDigitWrong(Refusal):
    """The last digit is not the check digit of the other twelve (GS1)."""

    code = "ean_check_digit_wrong"
    danish = "EAN-nummeret har en tastefejl: kontrolcifferet passer ikke. Kontrollér alle 13 cifre."
    english = "The EAN number is mistyped: its check digit is wrong. Check all thirteen digits."


@dataclass(eq=False)
class PhoneInvalid(Refusal):
    """Not the eight digits of a Danish phone number (guide, Brugerimport)."""

    code = "phone_invalid"
    danish = "Telefonnummeret er ikke gyldigt. Skriv et dansk nummer med 8 cifre."
    english = "The phone number is not valid. Write a Danish number of eight digits."


@dataclass(eq=False)
class UserIdInvalid(Refusal):
    """Not 32 hexadecimal digits, with four hyphens or none (guide, UUID)."""

    code = "user_id_invalid"
    danish = "UUID'et er ikke gyldigt. Kopiér alle 32 tegn fra Brugerinformation, gerne med bindestreger."
    english = "The UUID is not valid. Copy all 32 digits of it, with or without hyphens."
