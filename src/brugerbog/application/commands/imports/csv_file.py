"""Reads a CSV file within limits: encoding, header, records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.application.commands.imports.columns import COLUMNS, FIRST_NAME, SURNAME
from brugerbog.application.commands.imports.encodings import WINDOWS, find_encoding, text_of
from brugerbog.application.commands.imports.file_refusals import (
    ColumnMissing,
    FileUnreadable,
    NotSemicolonSeparated,
    NotText,
    TooManyRows,
    WrongColumnCount,
    WrongColumnOrder,
)
from brugerbog.application.commands.imports.misread_text import (
    has_code_or_two_alphabets,
    has_lost_letter,
    is_misread,
    is_suspect,
)
from brugerbog.application.commands.imports.records import OverlongLine, Record, find_records, split_lines
from brugerbog.application.commands.imports.row_refusals import LetterLost, LettersMisread, WrongCellCount
from brugerbog.domain.values.spreadsheet_damage import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.commands.imports.sources import Source
    from brugerbog.domain.kernel.refusals import Refusal

MOST_ROWS: Final = 250_000
_SEPARATORS: Final = {",": "komma", "\t": "tabulator"}


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A checked file: its encoding, the SHA-256 of its bytes, its number of lines."""

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
        raise FileUnreadable from None
    except UnicodeDecodeError:
        raise NotText from None
    file = CsvFile(source, encoding, digest, lines + (last != "\n"))
    _, header = _after_header(file)
    if file.lines > MOST_ROWS + header:
        raise TooManyRows(MOST_ROWS)
    return file


def read_records(file: CsvFile) -> Iterator[Record]:
    """Read the records after the header, without blank ones. Raises: FileRefused."""
    lines, header = _after_header(file)
    try:
        for line in find_records(lines, header + 1):
            if line.error is not None or _normalise(line):
                yield line
    except (OSError, UnicodeDecodeError):
        raise FileUnreadable from None


def _normalise(line: Record) -> bool:
    """Normalise a record's cells to 15, or set its error; return whether any cell is filled.

    Empty cells at a row's end may be missing: spreadsheets leave them out.
    """
    written = line.cells
    cells = line.cells = [cell.strip(BLANKS) for cell in written]
    if not any(cells):
        return False
    missing = len(COLUMNS) - len(cells)
    if missing < 0:
        line.error = (len(COLUMNS) - 1, WrongCellCount(len(cells)))
        return True
    if missing:
        cells += [""] * missing
    if is_suspect(";".join(written)):
        line.suspect_cells = list(_suspect_cells(written))
    return True


def _suspect_cells(cells: list[str]) -> Iterator[tuple[int, Refusal]]:
    """Find the cells whose letters another program has lost or misread."""
    for column, cell in enumerate(cells):
        is_name = column in (FIRST_NAME, SURNAME)
        if is_name and has_lost_letter(cell):
            yield column, LetterLost()
        elif (is_name and has_code_or_two_alphabets(cell)) or (not cell.isascii() and is_misread(cell)):
            yield column, LettersMisread()


def _after_header(file: CsvFile) -> tuple[Iterator[str | OverlongLine], int]:
    """Return the lines after the header, and the header's line number. Raises: FileRefused."""
    lines, number = split_lines(text_of(file.source, file.encoding)), 1
    try:
        header = next(lines, "")
        if isinstance(header, str) and _separator(header) == ";":
            header, number = next(lines, ""), 2
    except (OSError, UnicodeDecodeError):
        raise FileUnreadable from None
    if isinstance(header, OverlongLine):
        raise NotText
    _check_header(header)
    return lines, number


def _separator(line: str) -> str | None:
    """Return the separator of a line such as `sep=;`, which is meant for spreadsheets; else None."""
    name, _, separator = line.strip(' "').partition("=")
    return separator if name.lower() == "sep" else None


def _check_header(line: str) -> None:
    separator = _separator(line)
    (record,) = find_records([line], 1)
    columns = [cell.strip(BLANKS) for cell in record.cells]
    if columns == list(COLUMNS):
        return
    for other, name in _SEPARATORS.items():
        if separator == other or line.count(other) >= len(COLUMNS) - 2 > line.count(";"):
            raise NotSemicolonSeparated(name)
    if record.error is not None:
        raise ColumnMissing(COLUMNS[record.error[0]])
    if len(columns) != len(COLUMNS):
        missing = [column for column in COLUMNS if column not in columns]
        raise WrongColumnCount(
            len(columns), f" Mangler: {', '.join(missing)}." if 0 < len(missing) < len(COLUMNS) else ""
        )
    for column in COLUMNS:
        if column not in columns:
            raise ColumnMissing(column)
    for place, (expected, column) in enumerate(zip(COLUMNS, columns, strict=True), 1):
        if column != expected:
            raise WrongColumnOrder(place, expected)
