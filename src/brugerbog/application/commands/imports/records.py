"""Finds the records of a file as RFC 4180 has them, within a longest line, and never one inside a cell."""

from __future__ import annotations

import unicodedata
from csv import Error as CsvError
from csv import reader
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.application.commands.imports.columns import COLUMNS
from brugerbog.application.commands.imports.refusals import LineBreakInCell, LineTooLong, QuoteUnbalanced
from brugerbog.domain.values.characters import without_invisible
from brugerbog.domain.values.spreadsheet_damage import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from brugerbog.domain.kernel.refusals import Refusal

LONGEST_LINE: Final = 4_000
"""Characters, so that no cell is longer either: four times what the longest cells of a row come to."""

_QUOTE: Final = '"'


@dataclass(slots=True, repr=False)
class Record:
    """One record. `number` is the line it begins on, the file's first being 1.

    `broken` says why it has no cells, `doubts` which of them can't be what was written: each with the column.
    """

    number: int
    cells: list[str]
    broken: tuple[int, Refusal] | None = None
    doubts: Sequence[tuple[int, Refusal]] = ()


@dataclass(frozen=True, slots=True)
class OverlongLine:
    """A line longer than the longest. Its text isn't kept, only whether a quotation mark is in it."""

    has_quote: bool


def split_lines(blocks: Iterable[str]) -> Iterator[str | OverlongLine]:
    """The lines of a text that comes in blocks, without their ends; only a line feed ends one."""
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
    """The records in the lines of a file, of which the `first` is given by its number.

    A record with a line end inside a quoted cell is one record, and broken. So is one whose quotation marks
    can't be told apart: never closed, closed with text behind, or one inside a cell at the line's end, which
    a careless program may have meant to go on. What follows such a mark may be part of the cell, so nothing
    after it is a record.
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
        if found.broken is not None and isinstance(found.broken[1], QuoteUnbalanced):
            return


def _read_quoted(number: int, line: str, numbered: Iterator[tuple[int, str | OverlongLine]]) -> Record:
    """The record that begins with a line, and the lines after it that its cells go on to."""
    scan, last = _Scan(), number
    scan.read(line)
    while scan.is_inside and not scan.is_torn:
        last, more = next(numbered, (last, None))
        if isinstance(more, str):
            scan.go_on(more)
        elif more is None or more.has_quote:
            scan.is_torn = True
    if scan.is_torn:
        return Record(number, [], (scan.column, QuoteUnbalanced()))
    if last > number:
        return Record(number, [], (scan.broke_in, LineBreakInCell(last)))
    return Record(number, scan.cells)


def _plainly_quoted(line: str) -> list[str] | None:
    """The cells of a line all of whose quotation marks are plain to the csv module, which is quicker."""
    try:
        (cells,) = reader((line,), delimiter=";", strict=True)
    except CsvError:
        return None
    return None if _QUOTE in "".join(cells) else cells


def _can_be_seen(text: str) -> bool:
    """Whether a text has more than blanks, controls and what shows nothing."""
    return any(unicodedata.category(one)[0] not in "CZ" for one in without_invisible(text))


class _Scan:
    """Reads one record's cells, line by line. They are kept of a record on one line only."""

    __slots__ = ("_place", "broke_in", "cells", "is_inside", "is_torn")

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.is_inside = False
        self.is_torn = False
        self.broke_in = -1
        self._place = 0

    @property
    def column(self) -> int:
        """The place of the cell being read; beyond the last column it is the last."""
        return min(self._place, len(COLUMNS) - 1)

    def read(self, line: str, at: int = 0) -> None:
        """Read cells from a place where one begins."""
        while True:
            end = line.find(";", at)
            cell = line[at:] if end < 0 else line[at:end]
            if _QUOTE in cell and not _can_be_seen(cell[: cell.index(_QUOTE)]):
                behind = self._quoted(line, line.index(_QUOTE, at) + 1)
            elif end < 0 and cell.count(_QUOTE) % 2:
                self.is_torn = True
                return
            else:
                behind = self._found(cell, end)
            if behind < 0:
                return
            at = behind

    def go_on(self, line: str) -> None:
        """Read a line that begins inside a quoted cell."""
        behind = self._quoted(line, 0)
        if behind >= 0:
            self.read(line, behind)

    def _quoted(self, line: str, start: int) -> int:
        """Read a quoted cell from behind its mark: where the next one begins, or -1."""
        closing = line.find(_QUOTE, start)
        while closing >= 0 and line.startswith(_QUOTE, closing + 1):
            closing = line.find(_QUOTE, closing + 2)
        self.is_inside = closing < 0
        if self.is_inside:
            self.broke_in = self.column if self.broke_in < 0 else self.broke_in
            return -1
        end = line.find(";", closing)
        if line[closing + 1 : None if end < 0 else end].strip(BLANKS):
            self.is_torn = True
            return -1
        return self._found(line[start:closing].replace('""', _QUOTE), end)

    def _found(self, cell: str, end: int) -> int:
        self._place += 1
        if self.broke_in < 0:
            self.cells.append(cell)
        return end + 1 if end >= 0 else -1
