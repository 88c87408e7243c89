"""Reads a CSV file row by row: its header, its records, its cells, within limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.application.commands.imports.columns import COLUMNS, FIRST_NAME, SURNAME
from brugerbog.application.commands.imports.encodings import WINDOWS, find_encoding, text_of
from brugerbog.application.commands.imports.misread_text import (
    has_code_or_two_alphabets,
    has_lost_letter,
    is_misread,
    is_suspect,
)
from brugerbog.application.commands.imports.records import OverlongLine, Record, find_records, split_lines
from brugerbog.application.commands.imports.refusals import (
    ColumnMissing,
    CommaSeparated,
    FileMissing,
    LetterLost,
    LettersMisread,
    NotText,
    TooManyRows,
    WrongCellCount,
    WrongColumnCount,
    WrongColumnOrder,
)
from brugerbog.domain.values.spreadsheet_damage import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.commands.imports.sources import Source
    from brugerbog.domain.kernel.refusals import Refusal

MOST_ROWS: Final = 250_000
_SEPARATORS: Final = {",": "komma", "\t": "tabulator"}


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that has been looked through once: its encoding, a SHA-256 of its bytes, its count of lines."""

    source: Source
    encoding: str
    digest: bytes
    lines: int

    @property
    def encoding_name(self) -> str:
        """The encoding as receipts name it: utf-8, utf-16 or windows-1252."""
        return "windows-1252" if self.encoding == WINDOWS else self.encoding.removesuffix("-sig")


def check_file(source: Source) -> CsvFile:
    """Check a file as a whole, before any row: size, encoding, header, number of lines.

    Raises: FileRefused.
    """
    lines, last = 0, "\n"
    try:
        encoding, digest = find_encoding(source)
        for block in text_of(source, encoding):
            if "\0" in block:
                raise NotText
            lines += block.count("\n")
            last = block[-1:] or last
            if lines > MOST_ROWS + 2:
                raise TooManyRows(MOST_ROWS)
    except OSError:
        raise FileMissing from None
    except UnicodeDecodeError:
        raise NotText from None
    found = CsvFile(source, encoding, digest, lines + (last != "\n"))
    _, header = _after_header(found)
    if found.lines > MOST_ROWS + header:
        raise TooManyRows(MOST_ROWS)
    return found


def read_records(file: CsvFile) -> Iterator[Record]:
    """The rows after the header, blank ones left out. Raises: FileRefused."""
    lines, header = _after_header(file)
    try:
        for line in find_records(lines, header + 1):
            if line.broken is not None or _fill(line):
                yield line
    except (OSError, UnicodeDecodeError):
        raise FileMissing from None


def _fill(line: Record) -> bool:
    """Make a record's cells those of a row, or say why they aren't; whether there is anything in them.

    Empty cells at a row's end may be missing: spreadsheets leave them out.
    """
    written = line.cells
    cells = line.cells = [cell.strip(BLANKS) for cell in written]
    if not any(cells):
        return False
    missing = len(COLUMNS) - len(cells)
    if missing < 0:
        line.broken = (len(COLUMNS) - 1, WrongCellCount(len(cells)))
        return True
    if missing:
        cells += [""] * missing
    if is_suspect(";".join(written)):
        line.doubts = list(_doubts(written))
    return True


def _doubts(cells: list[str]) -> Iterator[tuple[int, Refusal]]:
    """The cells that can't be what somebody wrote, because a program lost letters of them on the way."""
    for column, cell in enumerate(cells):
        is_name = column in (FIRST_NAME, SURNAME)
        if is_name and has_lost_letter(cell):
            yield column, LetterLost()
        elif (is_name and has_code_or_two_alphabets(cell)) or (not cell.isascii() and is_misread(cell)):
            yield column, LettersMisread()


def _after_header(file: CsvFile) -> tuple[Iterator[str | OverlongLine], int]:
    """The lines after the header, and the header's own number. Raises: FileRefused."""
    lines, number = split_lines(text_of(file.source, file.encoding)), 1
    try:
        header = next(lines, "")
        if isinstance(header, str) and _separator(header) == ";":
            header, number = next(lines, ""), 2
    except (OSError, UnicodeDecodeError):
        raise FileMissing from None
    if isinstance(header, OverlongLine):
        raise NotText
    _check_header(header)
    return lines, number


def _separator(line: str) -> str | None:
    """What a line `sep=;`, by which a spreadsheet is told what stands between the columns, says."""
    name, _, separator = line.strip(' "').partition("=")
    return separator if name.lower() == "sep" else None


def _check_header(line: str) -> None:
    separator = _separator(line)
    (record,) = find_records([line], 1)
    found = [cell.strip(BLANKS) for cell in record.cells]
    if found == list(COLUMNS):
        return
    for other, name in _SEPARATORS.items():
        if separator == other or line.count(other) >= len(COLUMNS) - 2 > line.count(";"):
            raise CommaSeparated(name)
    if record.broken is not None:
        raise ColumnMissing(COLUMNS[record.broken[0]])
    if len(found) != len(COLUMNS):
        missing = [column for column in COLUMNS if column not in found]
        raise WrongColumnCount(
            len(found), f" Mangler: {', '.join(missing)}." if 0 < len(missing) < len(COLUMNS) else ""
        )
    for column in COLUMNS:
        if column not in found:
            raise ColumnMissing(column)
    for place, (column, there) in enumerate(zip(COLUMNS, found, strict=True), 1):
        if column != there:
            raise WrongColumnOrder(place, column)
