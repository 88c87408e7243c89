"""The port for the progress and the row outcomes of imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What is kept of one row of a file.

    `reasons` are column, refusal code, and the refusal's own facts as JSON: ids and limits, nothing typed.
    """

    row: int
    outcome: str
    user_id: UUID | None
    reasons: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ImportState:
    """How far an import has come: `next_row` is the first row (the header is 1) not yet done."""

    import_id: UUID
    organisation_id: UUID
    digest: bytes
    next_row: int
    finished: bool


@dataclass(frozen=True, slots=True)
class ImportStep:
    """Rows done in one transaction, taking an import from `from_row` to `next_row`."""

    import_id: UUID
    from_row: int
    next_row: int
    finished: bool
    rows: Sequence[ImportedRow]
