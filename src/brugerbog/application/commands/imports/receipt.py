"""The receipt of an import: counts, each row's outcome and errors in Danish, as data and as a CSV file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, TextIO

from pydantic_core import from_json, to_json

from brugerbog.application.commands.imports import columns as at
from brugerbog.application.commands.imports.row_decisions import CREATED, DELETED, REFUSED, UNCHANGED, UPDATED
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.masking import masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from brugerbog.application.commands.imports.row import Reason

_LONGEST_SHOWN: Final = 40
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
DANISH_OUTCOMES: Final = {
    CREATED: "oprettet",
    UPDATED: "redigeret",
    DELETED: "slettet",
    UNCHANGED: "uændret",
    REFUSED: "afvist",
}


@dataclass(frozen=True, slots=True)
class RowError:
    """An error of a row: the column as in the header, a stable code, and what to do, in Danish."""

    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """The outcome of one row of the file; `row` is its line there (the header is 1)."""

    row: int
    action: str
    outcome: str
    id: UUID | None
    errors: Sequence[RowError] = ()


@dataclass(frozen=True, slots=True)
class ImportReceipt:
    """The receipt of an import, or of a dry run."""

    rows: int
    created: int
    updated: int
    deleted: int
    unchanged: int
    refused: int
    encoding: str
    outcomes: list[RowOutcome]


def receipt_of(outcomes: list[RowOutcome], encoding: str) -> ImportReceipt:
    """Return the receipt with the outcomes and their counts."""
    counts = dict.fromkeys(DANISH_OUTCOMES, 0)
    for row in outcomes:
        counts[row.outcome] += 1
    return ImportReceipt(rows=len(outcomes), encoding=encoding, outcomes=outcomes, **counts)


def row_error(reason: Reason, cells: Sequence[str]) -> RowError:
    """Return the error for a reason, with the cell's value; a possible CPR number is masked."""
    refusal, value = reason.refusal, cells[reason.column]
    if not value and not vars(refusal):
        return _error_without_value(reason.column, refusal.code, refusal.danish)
    value = displayed_value(reason.column, value)
    prefix = f"»{value}«: " if value else ""
    return RowError(at.COLUMNS[reason.column], refusal.code, f"{prefix}{refusal.message}")


@cache
def _error_without_value(column: int, code: str, message: str) -> RowError:
    """Return one error object for all rows with the same error, to save memory."""
    return RowError(at.COLUMNS[column], code, message)


def displayed_value(column: int, value: str) -> str:
    """Return a cell's value as it may be displayed: shortened, and never a CPR number, in any column."""
    value = masked(value, surely_a_number=column == at.CPR)
    return value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…"


def refusal_data(refusal: Refusal) -> str:
    """Return the data of a refusal as JSON: ids and limits, never typed text."""
    return to_json(vars(refusal)).decode()


def restore_refusal(code: str, data: str) -> Refusal:
    """Return a refusal from its stored code and data."""
    refusal_class = _by_code().get(code, Refusal)
    refusal = refusal_class.__new__(refusal_class)
    vars(refusal).update(from_json(data))
    return refusal


def displayed_action(action: str) -> str:
    """Return the action as it may be displayed; the cell can hold any text."""
    return displayed_value(at.ACTION, action)


def write_receipt(receipt: ImportReceipt, out: TextIO) -> None:
    """Write a receipt as semicolon-separated CSV, safe to open in a spreadsheet: no cell begins a formula."""
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Række", "Aktion", "Resultat", "UUID", "Kolonne", "Kode", "Besked"])
    for outcome in receipt.outcomes:
        for error in outcome.errors or (RowError("", "", ""),):
            cells = (
                outcome.row,
                outcome.action,
                DANISH_OUTCOMES[outcome.outcome],
                outcome.id or "",
                error.column,
                error.code,
                error.message,
            )
            writer.writerow([escape_formula(str(cell)) for cell in cells])


def escape_formula(cell: str) -> str:
    """Return the cell, quoted if a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


@cache
def _by_code() -> dict[str, type[Refusal]]:
    return {refusal.code: refusal for refusal in _subclasses(Refusal)}


def _subclasses(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for subclass in base.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
