"""The receipt of a file of users."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from brugerbog.entrypoints.api.responses import ResponseModel


class RowError(ResponseModel):
    """Why a row was refused."""

    column: str
    code: str
    message: str


class RowOutcome(ResponseModel):
    """What came of a row; `row` is its line in the file, the header being 1."""

    row: int
    action: str
    outcome: str = Field(description="`created`, `updated`, `deleted`, `unchanged` or `refused`.")
    id: UUID | None
    errors: list[RowError]


class ImportReceipt(ResponseModel):
    """What came of a file, row by row."""

    rows: int
    created: int
    updated: int
    deleted: int
    unchanged: int
    refused: int
    encoding: str
    outcomes: list[RowOutcome]
