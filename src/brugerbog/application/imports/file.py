"""Reads a CSV file row by row: its encoding, its header, its lines, within limits."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, Protocol

from brugerbog.application.imports.columns import COLUMNS
from brugerbog.application.imports.refusals import (
    ColumnMissing,
    CommaSeparated,
    FileEmpty,
    FileMissing,
    FileTooLarge,
    NotText,
    QuoteUnbalanced,
    TooManyRows,
    WrongCellCount,
    WrongColumnCount,
    WrongColumnOrder,
)
from brugerbog.domain.spreadsheet_damage import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.domain.errors import Refusal

MOST_MEGABYTES: Final = 50
MOST_ROWS: Final = 250_000
_UNDEFINED_IN_WINDOWS: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_PIECE: Final = 1 << 20
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"(?:;|$)')
"""A quoted cell with the semicolon behind it, or the end of the line."""

_SEPARATORS: Final = {",": "komma", "\t": "tabulator"}


class Source(Protocol):
    """Where the bytes of a file are read from, as often as it takes; a `Path` is one."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Raises: OSError."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class InMemory:
    """A file that never lies on a disk (port: `Source`)."""

    content: bytes

    def open(self, _mode: Literal["rb"], /) -> BinaryIO:
        return BytesIO(self.content)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that has been looked through once: its encoding, a SHA-256 of its bytes, its count of lines."""

    source: Source
    encoding: str
    digest: bytes
    lines: int


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One row of the file. `number` is its line, the header being 1; `broken` says why it has no cells."""

    number: int
    cells: list[str]
    broken: tuple[int, Refusal] | None = None


def look_through(source: Source) -> CsvFile:
    """Check a file as a whole, before any row: size, encoding, header, number of lines.

    UTF-8 with or without a byte order mark, else Windows-1252, which is what a Danish Excel writes.
    Raises: FileRefused.
    """
    digest, size, lines, last, is_utf8 = sha256(), 0, 0, b"\n", True
    decoder, is_windows = getincrementaldecoder("utf-8")(), True
    try:
        with source.open("rb") as file:
            begin = file.read(len(BOM_UTF8))
            file.seek(0)
            if begin.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
                raise NotText
            while piece := file.read(_PIECE):
                size += len(piece)
                if size > MOST_MEGABYTES << 20:
                    raise FileTooLarge(MOST_MEGABYTES)
                if b"\0" in piece:
                    raise NotText
                digest.update(piece)
                split = last == b"\r" and piece[:1] == b"\n"
                lines += piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n") - split
                last = piece[-1:]
                is_utf8 = is_utf8 and _decodes(decoder, piece)
                is_windows = is_windows and not _UNDEFINED_IN_WINDOWS.search(piece)
            is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    except OSError:
        raise FileMissing from None
    lines += last not in (b"\n", b"\r")
    if size == 0 or (size == len(BOM_UTF8) and begin == BOM_UTF8):
        raise FileEmpty
    if lines > MOST_ROWS + 1:
        raise TooManyRows(MOST_ROWS)
    if not is_utf8 and not is_windows:
        raise NotText
    encoding = ("utf-8-sig" if begin == BOM_UTF8 else "utf-8") if is_utf8 else "cp1252"
    found = CsvFile(source, encoding, digest.digest(), lines)
    next(read_lines(found), None)
    return found


def read_lines(file: CsvFile) -> Iterator[Line]:
    """The rows after the header, blank ones left out.

    A quoted cell ends on its line, so that one stray quotation mark breaks one row and not the rest of
    the file. Raises: FileRefused for the header.
    """
    with TextIOWrapper(file.source.open("rb"), encoding=file.encoding, newline=None) as text:
        header = next(text, "")
        _check_header(header.rstrip("\n"))
        for number, line in enumerate(text, 2):
            if read := _read(number, line.rstrip("\n")):
                yield read


def _read(number: int, line: str) -> Line | None:
    try:
        cells = [cell.strip(BLANKS) for cell in (_unquoted(line) if '"' in line else line.split(";"))]
    except _QuoteOpen as quote:
        return Line(number, [], (min(quote.column, len(COLUMNS) - 1), QuoteUnbalanced()))
    if not any(cells):
        return None
    if len(cells) != len(COLUMNS):
        return Line(number, [], (min(len(cells), len(COLUMNS) - 1), WrongCellCount(len(cells))))
    return Line(number, cells)


class _QuoteOpen(Exception):
    """A quoted cell doesn't end where it should."""

    def __init__(self, column: int) -> None:
        super().__init__()
        self.column = column


def _unquoted(line: str) -> list[str]:
    """The cells of a line with quotation marks; unlike the csv module, this says which cell is wrong."""
    cells: list[str] = []
    at = 0
    while at <= len(line):
        quoted = _QUOTED.match(line, at)
        if quoted is not None:
            cells.append(quoted[1].replace('""', '"'))
            at = quoted.end() + (not quoted[0].endswith(";"))
        elif line.startswith('"', at):
            raise _QuoteOpen(len(cells))
        else:
            end = line.find(";", at)
            end = len(line) if end < 0 else end
            cells.append(line[at:end])
            at = end + 1
    return cells


def _check_header(line: str) -> None:
    found = [cell.strip(BLANKS).strip('"') for cell in line.split(";")]
    if found == list(COLUMNS):
        return
    if len(found) == 1:
        for separator, name in _SEPARATORS.items():
            if line.count(separator) >= len(COLUMNS) - 2:
                raise CommaSeparated(name)
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


def _decodes(decoder: object, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)  # type: ignore[attr-defined]
    except UnicodeDecodeError:
        return False
    return True
