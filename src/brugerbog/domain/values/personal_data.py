"""Parsers of names, birth dates, e-mail addresses, reference texts and reasons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.characters import has_letter, has_letter_or_digit, normalized_text
from brugerbog.domain.values.spreadsheet_damage import BLANKS, damage

MIN_AGE: Final = 13
MAX_NAME_LENGTH: Final = 100
MAX_REFERENCE_TEXT_LENGTH: Final = 200
MAX_REASON_LENGTH: Final = 500
MAX_MEANS_ID_LENGTH: Final = 100
MAX_EMAIL_LENGTH: Final = 254

EARLIEST_BIRTH_DATE: Final = date(1858, 1, 1)

_EIGHT_DIGITS = re.compile(r"[0-9]{8}")
_SEVEN_DIGITS = re.compile(r"[0-9]{7}")
_DANISH_LETTER = re.compile("[æøåÆØÅ]")

# Plain addresses, of which email-validator would only lowercase the domain. A local part with capitals needs
# a dot here: email-validator lowercases the mailboxes of RFC 2142 (INFO, Postmaster), which have no dot.
_PLAIN_EMAIL = re.compile(
    r"(?:[a-z0-9_+'-]+(?:\.[a-z0-9_+'-]+)*|[A-Za-z0-9_+'-]+(?:\.[A-Za-z0-9_+'-]+)+)"
    r"@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+(?!(?:[Ll][Oo][Cc][Aa][Ll]|[Oo][Nn][Ii][Oo][Nn]|[Aa][Rr][Pp][Aa])\Z)"
    r"[A-Za-z]{2,}",
)
# The longest local part; an address of at most that length is within all other length limits too.
_MAX_LOCAL_PART_LENGTH: Final = 64
_TEST_DOMAIN = re.compile(r"\.(invalid|localhost)\Z", re.IGNORECASE | re.ASCII)


def name(text: str) -> str:
    """Return a first name or surname as stored (`characters.normalized_text`), with at least one letter.

    At most 100 characters (ours).
    Raises: NameMissing, NameTooLong, NameWithoutLetter, and as `normalized_text`.
    """
    found = _bounded_name(text)
    if not has_letter(found):
        raise NameWithoutLetter
    return found


def organisation_name(text: str) -> str:
    """Return the name of an organisation or a system, of at most 100 characters (ours); digits alone will do.

    Raises: NameMissing, NameTooLong, NameWithoutLetter, and as `normalized_text`.
    """
    found = _bounded_name(text)
    if not has_letter_or_digit(found):
        raise NameWithoutLetter
    return found


def _bounded_name(text: str) -> str:
    found = normalized_text(text)
    if not found:
        raise NameMissing
    if len(found) > MAX_NAME_LENGTH:
        raise NameTooLong(MAX_NAME_LENGTH)
    return found


def reference_text(text: str) -> str:
    """Return the organisation's reference text of a user as stored (`characters.normalized_text`).

    At most 200 characters (ours).
    Raises: ReferenceTextMissing, ReferenceTextTooLong, and as `normalized_text`.
    """
    trimmed = normalized_text(text)
    if not trimmed:
        raise ReferenceTextMissing
    if len(trimmed) > MAX_REFERENCE_TEXT_LENGTH:
        raise ReferenceTextTooLong(MAX_REFERENCE_TEXT_LENGTH)
    return trimmed


def reason(text: str) -> str:
    """Return the reason of a decision, shown to the user: one line of at most 500 characters (ours).

    Raises: ReasonMissing, ReasonTooLong, and as `normalized_text`.
    """
    trimmed = normalized_text(text)
    if not trimmed:
        raise ReasonMissing
    if len(trimmed) > MAX_REASON_LENGTH:
        raise ReasonTooLong(MAX_REASON_LENGTH)
    return trimmed


def shared_means_id(text: str) -> str:
    """Return the user id of a shared means: one line of at most 100 characters (ours).

    Raises: SharedMeansIdInvalid, and as `normalized_text`.
    """
    trimmed = normalized_text(text)
    if not trimmed or len(trimmed) > MAX_MEANS_ID_LENGTH:
        raise SharedMeansIdInvalid(MAX_MEANS_ID_LENGTH)
    return trimmed


def birth_date(text: str, *, today: date) -> date:
    """Return a birth date written DDMMÅÅÅÅ (guide, Brugerimport), not before 1858, as in CPR numbers (ours).

    Raises: BirthDateInvalid, BirthDateLostLeadingZero, BirthDateImpossible, BirthDateInTheFuture,
        ScientificNotation, Decimals, BlankInside.
    """
    digits = text.strip(BLANKS)
    if not _EIGHT_DIGITS.fullmatch(digits):
        if _SEVEN_DIGITS.fullmatch(digits):
            raise BirthDateLostLeadingZero
        raise damage(digits) or BirthDateInvalid()
    try:
        birth = date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        raise BirthDateImpossible from None
    if birth < EARLIEST_BIRTH_DATE:
        raise BirthDateImpossible
    if birth > today:
        raise BirthDateInTheFuture
    return birth


def old_enough(birth: date, *, today: date) -> bool:
    """Whether a person is 13 or older; 29 February counts as 1 March in common years (ours)."""
    had_birthday = (today.month, today.day) >= (birth.month, birth.day)
    return today.year - birth.year - (not had_birthday) >= MIN_AGE


def email(text: str) -> str:
    """Return an e-mail address of valid syntax, its domain in lower case; its existence is not checked.

    Invisible characters, common in copied text, are dropped (`characters.normalized_text`). The domains
    reserved for tests and examples (.test, .example, .invalid, .localhost) are accepted, since test data uses
    them; .local, .onion and .arpa are not. Raises: EmailInvalid, EmailTooLong.
    """
    address = text.strip(BLANKS)
    if len(address) <= _MAX_LOCAL_PART_LENGTH and _PLAIN_EMAIL.fullmatch(address):
        local, _, domain = address.partition("@")
        return f"{local}@{domain.lower()}"
    if len(address) > MAX_EMAIL_LENGTH:
        raise EmailTooLong(MAX_EMAIL_LENGTH)
    try:
        return _validated(normalized_text(address))
    except (ValueError, Refusal):
        raise EmailInvalid from None


def email_can_carry_certificate(address: str) -> bool:
    """Whether a certificate can hold the address: one with æ, ø or å causes a warning, no refusal."""
    return not _DANISH_LETTER.search(address)


def _validated(address: str) -> str:
    """Return the address normalised by email-validator, with a stand-in for a test domain it refuses.

    Raises: ValueError; the library's error and encoding errors are subclasses.
    """
    from email_validator import validate_email  # noqa: PLC0415 - slow to load, and few addresses need it

    reserved = _TEST_DOMAIN.search(address)
    if reserved:
        label = reserved[1]
        return _validated(address[: -len(label)] + "x" * len(label))[: -len(label)] + label.lower()
    return validate_email(address, check_deliverability=False, strict=True, test_environment=True).normalized


@dataclass(eq=False)
class NameMissing(Refusal):
    """First name and surname are required (guide, Brugerinformation)."""

    code = "name_missing"
    danish = "Navnet mangler. Skriv både fornavn og efternavn."
    english = "The name is missing. Write both first name and surname."


@dataclass(eq=False)
class NameWithoutLetter(Refusal):
    """A name has a visible letter; the name of an organisation or a system has a letter or a digit (ours)."""

    code = "name_without_letter"
    danish = "Navnet har ingen bogstaver. Skriv navnet med bogstaver."
    english = "The name has no letters. Write it with letters."


@dataclass(eq=False)
class NameTooLong(Refusal):
    """The name exceeds its maximum length (ours)."""

    code = "name_too_long"
    danish = "Navnet er for langt. Forkort det til højst {longest} tegn."
    english = "The name is too long. Shorten it to at most {longest} characters."
    longest: int


@dataclass(eq=False)
class ReferenceTextMissing(Refusal):
    """A reference text, if given, has at least one character (ours)."""

    code = "reference_text_missing"
    danish = "Referenceteksten er tom. Skriv en tekst, eller udelad den."
    english = "The reference text is empty. Write a text, or leave it out."


@dataclass(eq=False)
class ReferenceTextTooLong(Refusal):
    """The reference text exceeds its maximum length (ours)."""

    code = "reference_text_too_long"
    danish = "Referenceteksten er for lang. Forkort den til højst {longest} tegn."
    english = "The reference text is too long. Shorten it to at most {longest} characters."
    longest: int


@dataclass(eq=False)
class SharedMeansIdInvalid(Refusal):
    """A shared means has a user id of limited length (ours)."""

    code = "shared_means_id_invalid"
    danish = "Skriv det delte identifikationsmiddels bruger-id på højst {longest} tegn."
    english = "Give the user id of the shared means, of at most {longest} characters."
    longest: int


@dataclass(eq=False)
class ReasonMissing(Refusal):
    """The user gets a reason for a declined request (ours)."""

    code = "reason_missing"
    danish = "Skriv en begrundelse. Brugeren får den at vide."
    english = "Give a reason. The user is told."


@dataclass(eq=False)
class ReasonTooLong(Refusal):
    """The reason exceeds its maximum length (ours)."""

    code = "reason_too_long"
    danish = "Begrundelsen er for lang. Forkort den til højst {longest} tegn."
    english = "The reason is too long. Shorten it to at most {longest} characters."
    longest: int


@dataclass(eq=False)
class EmailInvalid(Refusal):
    """Not the syntax of an e-mail address (RFC 5321 and 6531)."""

    code = "email_invalid"
    danish = "E-mailadressen er ikke gyldig. Skriv én adresse som navn@firma.dk, uden mellemrum."
    english = "The e-mail address is not valid. Write one address as name@company.dk, without blanks."


@dataclass(eq=False)
class EmailTooLong(Refusal):
    """The address exceeds the maximum length of RFC 5321."""

    code = "email_too_long"
    danish = "E-mailadressen er for lang. Skriv en adresse på højst {longest} tegn."
    english = "The e-mail address is too long. An e-mail address has at most {longest} characters."
    longest: int


@dataclass(eq=False)
class BirthDateInvalid(Refusal):
    """Not eight digits DDMMÅÅÅÅ (guide, Brugerimport)."""

    code = "birth_date_invalid"
    danish = "Fødselsdatoen er ikke gyldig. Skriv 8 cifre som DDMMÅÅÅÅ, uden punktum og bindestreg."
    english = "The date of birth is not valid. Write eight digits as DDMMYYYY, without points and hyphens."


@dataclass(eq=False)
class BirthDateLostLeadingZero(Refusal):
    """Seven digits: a spreadsheet dropped the leading 0 of a day before the 10th (ours)."""

    code = "birth_date_lost_leading_zero"
    danish = (
        "Fødselsdatoen har 7 cifre. Regnearket har formodentlig fjernet et foranstillet 0: "
        "formatér kolonnen som tekst, og skriv alle 8 cifre."
    )
    english = (
        "The date of birth has seven digits. A spreadsheet has probably dropped a leading zero: "
        "format the column as text and write all eight digits."
    )


@dataclass(eq=False)
class BirthDateImpossible(Refusal):
    """The date doesn't exist, or is before 1858, where CPR numbers begin."""

    code = "birth_date_impossible"
    danish = "Fødselsdatoen findes ikke. Kontrollér dag, måned og år (DDMMÅÅÅÅ)."
    english = "There is no such date of birth. Check day, month and year (DDMMYYYY)."


@dataclass(eq=False)
class BirthDateInTheFuture(Refusal):
    """The birth date is after today."""

    code = "birth_date_in_the_future"
    danish = "Fødselsdatoen ligger i fremtiden. Kontrollér dag, måned og år (DDMMÅÅÅÅ)."
    english = "The date of birth lies in the future. Check day, month and year (DDMMYYYY)."


@dataclass(eq=False)
class TooYoung(Refusal):
    """MitID is for people of 13 and older (public pages on MitID)."""

    code = "too_young"
    danish = "Personen er under {least_age} år og kan ikke få MitID. Kontrollér CPR-nummer eller fødselsdato."
    english = "The person is under {least_age} and can't have MitID. Check the CPR number or date of birth."
    least_age: int = MIN_AGE
