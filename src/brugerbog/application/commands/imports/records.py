"""Splits a file into records by RFC 4180, with a limit on lines, and never inside a quoted cell."""

from __future__ import annotations

import unicodedata
from csv import Error as CsvError
from csv import reader
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.application.commands.imports.columns import COLUMNS
from brugerbog.application.commands.imports.row_refusals import LineBreakInCell, LineTooLong, QuoteUnbalanced
from brugerbog.domain.values.characters import without_invisible
from brugerbog.domain.values.spreadsheet_damage import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from brugerbog.domain.kernel.refusals import Refusal

LONGEST_LINE: Final = 4_000
"""Characters, for a cell too: four times the sum of the longest valid cells of a row."""

_QUOTE: Final = '"'


@dataclass(slots=True, repr=False)
class Record:
    """One record. `number` is the line on which it begins; the first line is 1.

    `error` is the column and the reason if the record has no cells; `suspect_cells` are the columns of cells
    with lost or misread letters, with the reasons.
    """

    number: int
    cells: list[str]
    error: tuple[int, Refusal] | None = None
    suspect_cells: Sequence[tuple[int, Refusal]] = ()


@dataclass(frozen=True, slots=True)
class OverlongLine:
    """A line longer than `LONGEST_LINE`. Only whether it has a quotation mark is stored, not its text."""

    has_quote: bool


def split_lines(blocks: Iterable[str]) -> Iterator[str | OverlongLine]:
    """Split a text that comes in blocks into lines, without line ends; only a line feed ends a line."""
    rest, is_over, has_quote = "", False, False
    for block in blocks:
        lines = block.split("\n")
        if len(lines) > 1:
            first = rest + lines[0]
            if is_over or len(first) > LONGEST_LINE:
                yield OverlongLine(has_quote or _QUOTE in first)
            else:
                yield first
            rest, is_over, has_quote = lines.pop(), False, False
            for line in lines[1:]:
                yield line if len(line) <= LONGEST_LINE else OverlongLine(_QUOTE in line)
        else:
            rest += block
        if len(rest) > LONGEST_LINE:
            rest, is_over, has_quote = "", True, has_quote or _QUOTE in rest
    if is_over or rest:
        yield OverlongLine(has_quote or _QUOTE in rest) if is_over else rest


def find_records(lines: Iterable[str | OverlongLine], first: int) -> Iterator[Record]:
    """Find the records in the lines of a file; `first` is the number of the first of these lines.

    A record with a line end inside a quoted cell is one record, with an error. A record with ambiguous
    quotation marks has an error too: a mark that is never closed, that is closed with text after it, or that
    is inside the last cell of a line, where a program may have meant the cell to continue. The rest of the
    file may belong to that cell, so no record follows it.
    """
    numbered = enumerate(lines, first)
    for number, line in numbered:
        if isinstance(line, OverlongLine):
            found = Record(
                number, [], (0, QuoteUnbalanced() if line.has_quote else LineTooLong(LONGEST_LINE))
            )
        elif _QUOTE not in line:
            found = Record(number, line.split(";"))
        elif cells := _plainly_quoted(line):
            found = Record(number, cells)
        else:
            found = _read_quoted(number, line, numbered)
        yield found
        if found.error is not None and isinstance(found.error[1], QuoteUnbalanced):
            return


def _read_quoted(number: int, line: str, numbered: Iterator[tuple[int, str | OverlongLine]]) -> Record:
    """Read the record that begins on a line, and the following lines into which its cells continue."""
    scan, last = _Scan(), number
    scan.read(line)
    while scan.is_inside and not scan.is_unbalanced:
        last, more = next(numbered, (last, None))
        if isinstance(more, str):
            scan.continue_with(more)
        elif more is None or more.has_quote:
            scan.is_unbalanced = True
    if scan.is_unbalanced:
        return Record(number, [], (scan.column, QuoteUnbalanced()))
    if last > number:
        return Record(number, [], (scan.line_break_column, LineBreakInCell(last)))
    return Record(number, scan.cells)


def _plainly_quoted(line: str) -> list[str] | None:
    """Return the cells of a line that the faster csv module can parse; else None."""
    try:
        (cells,) = reader((line,), delimiter=";", strict=True)
    except CsvError:
        return None
    return None if _QUOTE in "".join(cells) else cells


def _has_visible_characters(text: str) -> bool:
    """Return whether a text has more than blanks, control and invisible characters."""
    return any(unicodedata.category(one)[0] not in "CZ" for one in without_invisible(text))


class _Scan:
    """Reads one record's cells, line by line; the cells are stored only for a record on one line."""

    __slots__ = ("_place", "cells", "is_inside", "is_unbalanced", "line_break_column")

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.is_inside = False
        self.is_unbalanced = False
        self.line_break_column = -1
        self._place = 0

    @property
    def column(self) -> int:
        """The column of the cell being read, at most the last column."""
        return min(self._place, len(COLUMNS) - 1)

    def read(self, line: str, at: int = 0) -> None:
        """Read cells from the position at which one begins."""
        while True:
            end = line.find(";", at)
            cell = line[at:] if end < 0 else line[at:end]
            if _QUOTE in cell and not _has_visible_characters(cell[: cell.index(_QUOTE)]):
                behind = self._quoted(line, line.index(_QUOTE, at) + 1)
            elif end < 0 and cell.count(_QUOTE) % 2:
                self.is_unbalanced = True
                return
            else:
                behind = self._found(cell, end)
            if behind < 0:
                return
            at = behind

    def continue_with(self, line: str) -> None:
        """Read a line that begins inside a quoted cell."""
        behind = self._quoted(line, 0)
        if behind >= 0:
            self.read(line, behind)

    def _quoted(self, line: str, start: int) -> int:
        """Read a quoted cell after its opening mark; return where the next cell begins, or -1."""
        closing = line.find(_QUOTE, start)
        while closing >= 0 and line.startswith(_QUOTE, closing + 1):
            closing = line.find(_QUOTE, closing + 2)
        self.is_inside = closing < 0
        if self.is_inside:
            self.line_break_column = self.column if self.line_break_column < 0 else self.line_break_column
            return -1
        end = line.find(";", closing)
        if line[closing + 1 : None if end < 0 else end].strip(BLANKS):
            self.is_unbalanced = True
            return -1
        return self._found(line[start:closing].replace('""', _QUOTE), end)

    def _found(self, cell: str, end: int) -> int:
        self._place += 1
        if self.line_break_column < 0:
            self.cells.append(cell)
        return end + 1 if end >= 0 else -1
