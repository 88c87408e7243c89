"""Refusals of an import file as a whole: no row of it is imported."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.domain.kernel.refusals import Refusal


class FileRefused(Refusal):
    """The base class of refusals of a whole file: no row has been imported."""

    code = "file_refused"
    danish = "Filen kan ikke importeres."
    english = "The file can't be imported."


@dataclass(eq=False)
class FileUnreadable(FileRefused):
    """There is no such file, or it can't be read."""

    code = "file_unreadable"
    danish = "Filen findes ikke eller kan ikke læses. Kontrollér navnet, eller vælg en anden fil."
    english = "There is no such file, or it can't be read."


@dataclass(eq=False)
class FileEmpty(FileRefused):
    """The file is empty: it has no header either."""

    code = "file_empty"
    danish = "Filen er tom. Brug skabelonen, og udfyld en række for hver bruger."
    english = "The file is empty."


@dataclass(eq=False)
class FileTooLarge(FileRefused):
    """The file is larger than `megabytes` MB, which is 50."""

    code = "file_too_large"
    danish = "Filen er større end {megabytes} MB. Del den i flere filer."
    english = "The file is larger than {megabytes} MB: split it."
    megabytes: int


@dataclass(eq=False)
class TooManyRows(FileRefused):
    """The file has more than `most` rows, which is 250 000."""

    code = "too_many_rows"
    danish = "Filen har flere end {most} rækker. Del den i flere filer."
    english = "The file has more than {most} rows: split it."
    most: int


@dataclass(eq=False)
class NotText(FileRefused):
    """The file is not text, such as a spreadsheet or a picture, or its first line is too long."""

    code = "not_text"
    danish = (
        "Filen er ikke en CSV-fil. Vælg Gem som i Excel, og filtypen CSV-fil (semikolonsepareret) (*.csv)."
    )
    english = "The file isn't a CSV file: save it as semicolon-separated CSV."


@dataclass(eq=False)
class EncodingsMixed(FileRefused):
    """Some letters are in UTF-8 and others are not. `utf_8` and `other` are the numbers of such lines."""

    code = "encodings_mixed"
    danish = (
        "Filen blander to tegnsæt: bogstaverne i linje {utf_8} er skrevet i UTF-8 og i linje {other} i et "
        "andet. Kontrollér linjerne, og gem hele filen som CSV UTF-8 (*.csv)."
    )
    english = "The letters of line {utf_8} are UTF-8, and those of line {other} aren't: save all as UTF-8."
    utf_8: int
    other: int


@dataclass(eq=False)
class WrongEncoding(FileRefused):
    """The file seems to be in `encoding`, which is not supported; line number `line` shows it."""

    code = "encoding_wrong"
    danish = (
        "Tegnene i linje {line} tyder på, at filen er gemt i tegnsættet {encoding}, så bogstaver som æ, ø "
        "og å ville blive forkerte. Gem filen som CSV UTF-8 (*.csv)."
    )
    english = "Line {line} suggests that the file is in {encoding}: save it as UTF-8."
    line: int
    encoding: str


@dataclass(eq=False)
class EncodingUnknown(FileRefused):
    """The letters of line number `line` make no sense in any supported encoding."""

    code = "encoding_unknown"
    danish = (
        "Tegnene i linje {line} passer ikke til noget kendt tegnsæt, så bogstaver som æ, ø og å ville blive "
        "forkerte. Gem filen som CSV UTF-8 (*.csv)."
    )
    english = "Line {line} makes no sense in UTF-8 or Windows-1252: save the file as UTF-8."
    line: int


@dataclass(eq=False)
class NotSemicolonSeparated(FileRefused):
    """The columns are separated by commas or tabs; `separator` is its Danish name."""

    code = "not_semicolon_separated"
    danish = (
        "Kolonnerne er adskilt af {separator} i stedet for semikolon. "
        "Gem filen som CSV-fil (semikolonsepareret) (*.csv)."
    )
    english = "The columns are separated by {separator} instead of semicolons."
    separator: str


@dataclass(eq=False)
class WrongColumnCount(FileRefused):
    """The header has `found` columns instead of 15; `missing` is a Danish sentence about them, or empty."""

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
    """All columns are there, in another order: `column` belongs at `place`, counted from 1."""

    code = "wrong_column_order"
    danish = "Kolonnerne står i en anden rækkefølge end i skabelonen: kolonne {place} skal være {column}."
    english = "The columns are out of order: column {place} must be {column}."
    place: int
    column: str
