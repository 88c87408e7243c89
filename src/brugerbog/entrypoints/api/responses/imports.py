"""The receipt of a CSV import."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from brugerbog.entrypoints.api.responses import ResponseModel


class RowError(ResponseModel):
    """A reason why a row was refused."""

    column: str
    code: str
    message: str


class RowOutcome(ResponseModel):
    """The outcome of a row; `row` is its line number in the file, counting the header as 1."""

    row: int
    action: str
    outcome: str = Field(description="`created`, `updated`, `deleted`, `unchanged` or `refused`.")
    id: UUID | None
    errors: list[RowError]


class Receipt(ResponseModel):
    """The outcome of an import, row by row."""

    rows: int
    created: int
    updated: int
    deleted: int
    unchanged: int
    refused: int
    encoding: str
    outcomes: list[RowOutcome]
