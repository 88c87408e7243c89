"""The port for the progress and the row outcomes of imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What is stored of one row of a file.

    `reasons` are column, refusal code, and the refusal's own data as JSON: ids and limits, never typed text.
    """

    row: int
    outcome: str
    user_id: UUID | None
    reasons: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ImportState:
    """The progress of an import: `next_row` is the first row (the header is 1) that is not done."""

    import_id: UUID
    organisation_id: UUID
    digest: bytes
    next_row: int
    finished: bool


@dataclass(frozen=True, slots=True)
class ImportStep:
    """The rows done in one transaction, which takes an import from `from_row` to `next_row`."""

    import_id: UUID
    from_row: int
    next_row: int
    finished: bool
    rows: Sequence[ImportedRow]


class ImportLog(Protocol):
    """The imports of the store; their steps are stored by `EventLog.record`."""

    def import_by_id(self, import_id: UUID) -> ImportState | None: ...

    def unfinished_import(self, organisation_id: UUID, digest: bytes) -> ImportState | None: ...

    def has_imported(self, organisation_id: UUID) -> bool:
        """Return whether the organisation has ever imported a file; dry runs don't count."""
        ...

    def begin_import(self, state: ImportState) -> None: ...

    def imported_rows(self, import_id: UUID) -> dict[int, ImportedRow]: ...
