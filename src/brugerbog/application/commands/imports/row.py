"""Reads a row of a file into the values of a creation, edits or a deletion, and collects all refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from brugerbog.application.commands.imports import columns as at
from brugerbog.application.commands.imports.row_refusals import (
    ActionUnknown,
    AnonymousInvalid,
    KeyMissing,
    LoginMeansInvalid,
    MustBeEmpty,
    MustBeFilled,
    TargetIalInvalid,
)
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.details import KEEP, Details, Edits, Keep, objections
from brugerbog.domain.user.refusals import CprAndBirthDateDisagree, CprOrBirthDateMissing
from brugerbog.domain.values import numbers, personal_data
from brugerbog.domain.values.means import Ial, Means

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from uuid import UUID

    from brugerbog.application.commands.imports.records import Record
    from brugerbog.domain.settings import Settings

T = TypeVar("T")

CREATE, UPDATE, DELETE = "C", "U", "D"

MOST_REASONS: Final = 20_000
"""After this many reasons in a file, the receipt gives one reason a row: its size is bounded."""

_EMPTY_CELLS: Final = [""] * len(at.COLUMNS)


@dataclass(frozen=True, slots=True, repr=False)
class Reason:
    """A reason why a row is refused: the index of the column, and the refusal."""

    column: int
    refusal: Refusal

    def __post_init__(self) -> None:
        # The traceback's frames refer to the row, which refers to this reason: a reference cycle, which
        # would keep the memory.
        self.refusal.__traceback__ = self.refusal.__context__ = None


@dataclass(slots=True, repr=False)
class Row:
    """One row as read; `number` is its line in the file. A row with reasons is refused.

    A row to create has `details`, a row to edit `edits`. A user to edit or delete is found by `user_id` or
    else by `cpr`; `birth_date` and `names` then only confirm the user. With `is_brief`, the receipt leaves
    the cells out.
    """

    number: int
    cells: list[str]
    action: str
    reasons: list[Reason] = field(default_factory=list)
    user_id: UUID | None = None
    cpr: str | None = None
    birth_date: date | None = None
    names: tuple[str | None, str | None] = (None, None)
    details: Details | None = None
    edits: Edits | None = None
    is_brief: bool = False

    @property
    def shown_cells(self) -> list[str]:
        """The cells whose values the receipt may show."""
        return _EMPTY_CELLS if self.is_brief else self.cells

    def refuse(self, column: int, refusal: Refusal) -> None:
        self.reasons.append(Reason(column, refusal))

    def read(self, column: int, parse: Callable[[str], T]) -> T | None:
        """Return the parsed value of a cell; None if the cell is empty, or refused by `parse`."""
        text = self.cells[column]
        if not text:
            return None
        try:
            return parse(text)
        except Refusal as refusal:
            self.reasons.append(Reason(column, refusal))
            return None

    def read_required(self, column: int, parse: Callable[[str], T]) -> T | None:
        """Return the parsed value of a cell that must be filled in; None if refused."""
        if not self.cells[column]:
            self.reasons.append(Reason(column, MustBeFilled()))
            return None
        return self.read(column, parse)


class RowReader:
    """Reads the rows of one file for one organisation; `today` is the Copenhagen date of the import."""

    def __init__(self, settings: Settings, today: date) -> None:
        self._settings = settings
        self._today = today
        self._reasons = 0

    def read(self, record: Record) -> Row:
        """Read a row. After `MOST_REASONS`, it gets its first reason only, and `is_brief`."""
        row = self._read(record)
        if self._reasons >= MOST_REASONS:
            del row.reasons[1:]
            row.is_brief = True
        self._reasons += len(row.reasons)
        return row

    def _read(self, record: Record) -> Row:
        if record.error is not None:
            row = Row(record.number, [""] * len(at.COLUMNS), "")
            row.refuse(*record.error)
            return row
        row = Row(record.number, record.cells, record.cells[at.ACTION])
        for column, refusal in record.suspect_cells:
            row.refuse(column, refusal)
        read_cells = {CREATE: self._create, UPDATE: self._update, DELETE: self._delete}.get(row.action)
        if read_cells is None:
            row.refuse(at.ACTION, ActionUnknown())
        else:
            read_cells(row)
        return row

    def _create(self, row: Row) -> None:
        if row.cells[at.UUID]:
            row.refuse(at.UUID, MustBeEmpty())
        first_name, surname = (
            row.read_required(at.FIRST_NAME, personal_data.name),
            row.read_required(at.SURNAME, personal_data.name),
        )
        cpr, from_cell = row.read(at.CPR, self._cpr), row.read(at.BIRTH_DATE, self._birth_date)
        row.cpr = cpr
        born = self._date_of_birth(row, cpr, from_cell)
        email = row.read_required(at.EMAIL, personal_data.email)
        phone, anonymous = row.read(at.PHONE, numbers.phone), row.read(at.ANONYMOUS, _yes_or_no)
        reference_text = row.read(at.REFERENCE_TEXT, personal_data.reference_text)
        target_ial = row.read_required(at.TARGET_IAL, _ial)
        ean = row.read(at.EAN, numbers.ean)
        p_number, se_number = (
            row.read(at.P_NUMBER, numbers.p_number),
            row.read(at.SE_NUMBER, numbers.se_number),
        )
        # The defaults are placeholders: a row with a missing value has a reason, so `details` are discarded.
        details = Details(
            first_name=first_name or "",
            surname=surname or "",
            email=email or "",
            date_of_birth=born or self._today,
            target_ial=target_ial or self._settings.ial,
            cpr=cpr,
            phone=phone,
            anonymous=bool(anonymous),
            reference_text=reference_text,
            ean=ean,
            p_number=p_number,
            se_number=se_number,
            means=row.read(at.LOGIN_MEANS, _private_means) or (),
        )
        self._check_settings(row, details)
        if not row.reasons:
            row.details = details

    def _update(self, row: Row) -> None:
        self._read_key(row)
        if row.cells[at.ANONYMOUS]:
            row.refuse(at.ANONYMOUS, MustBeEmpty())
        row.birth_date = row.read(at.BIRTH_DATE, self._birth_date)

        def or_keep(column: int, parse: Callable[[str], T]) -> T | Keep:
            value = row.read(column, parse)
            return KEEP if value is None else value

        edits = Edits(
            first_name=or_keep(at.FIRST_NAME, personal_data.name),
            surname=or_keep(at.SURNAME, personal_data.name),
            email=or_keep(at.EMAIL, personal_data.email),
            # With a UUID the CPR number is an edit; without one it only finds the user.
            cpr=row.cpr if row.cpr and row.user_id else KEEP,
            target_ial=or_keep(at.TARGET_IAL, _ial),
            phone=or_keep(at.PHONE, numbers.phone),
            reference_text=or_keep(at.REFERENCE_TEXT, personal_data.reference_text),
            ean=or_keep(at.EAN, numbers.ean),
            p_number=or_keep(at.P_NUMBER, numbers.p_number),
            se_number=or_keep(at.SE_NUMBER, numbers.se_number),
            means=row.read(at.LOGIN_MEANS, _private_means) or (),
        )
        self._check_settings(row, edits)
        if not row.reasons:
            row.edits = edits

    def _delete(self, row: Row) -> None:
        self._read_key(row)
        row.birth_date = row.read(at.BIRTH_DATE, self._birth_date)
        row.names = (row.read(at.FIRST_NAME, personal_data.name), row.read(at.SURNAME, personal_data.name))

    def _read_key(self, row: Row) -> None:
        row.user_id, row.cpr = row.read(at.UUID, numbers.user_id), row.read(at.CPR, self._cpr)
        if not row.cells[at.UUID] and not row.cells[at.CPR]:
            row.refuse(at.UUID, KeyMissing())

    def _date_of_birth(self, row: Row, cpr: str | None, from_cell: date | None) -> date | None:
        if cpr is None:
            if not row.cells[at.CPR] and not row.cells[at.BIRTH_DATE]:
                row.refuse(at.CPR, CprOrBirthDateMissing())
            born, column = from_cell, at.BIRTH_DATE
        else:
            born, column = numbers.birth_date_of(cpr), at.CPR
            if from_cell is not None and from_cell != born:
                row.refuse(at.BIRTH_DATE, CprAndBirthDateDisagree())
        if born is not None and not personal_data.old_enough(born, today=self._today):
            row.refuse(column, personal_data.TooYoung())
        return born

    def _check_settings(self, row: Row, details: Details | Edits) -> None:
        for objection in objections(details, self._settings):
            column = at.COLUMN_OF_FIELD[objection.field]
            if row.cells[column] and all(reason.column != column for reason in row.reasons):
                row.refuse(column, objection.refusal)

    def _cpr(self, text: str) -> str:
        return numbers.cpr(text, today=self._today)

    def _birth_date(self, text: str) -> date:
        return personal_data.birth_date(text, today=self._today)


def _yes_or_no(text: str) -> bool:
    if text not in ("J", "N"):
        raise AnonymousInvalid
    return text == "J"


def _ial(text: str) -> Ial:
    ial = Ial.of_level(text)
    if ial is None:
        raise TargetIalInvalid
    return ial


def _private_means(text: str) -> tuple[Means, ...]:
    if text != "PrivatID":
        raise LoginMeansInvalid
    return (Means.PRIVATE,)


def column_of(field_name: str) -> int:
    """Return the index of the column with a user's field; of the action for a field without a column."""
    return at.COLUMN_OF_FIELD.get(field_name, at.ACTION)
