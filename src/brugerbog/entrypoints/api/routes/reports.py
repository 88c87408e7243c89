"""Reports, as JSON or as a file for a Danish spreadsheet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from brugerbog.entrypoints.api.request_context import Question
from brugerbog.entrypoints.api.requests import Instant
from brugerbog.entrypoints.api.responses.work import Report
from brugerbog.entrypoints.api.routes.imports import CSV
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.spreadsheets import spreadsheet

router = Router(tags=["reports"])


class ReportName(StrEnum):
    """The reports there are."""

    STATUS = "status"
    PLACEMENT = "placement"
    MEANS = "means"
    PENDING = "pending"
    COST = "cost"


class ReportFormat(StrEnum):
    """How a report is written."""

    JSON = "json"
    CSV = "csv"


_AS_FILE: Final = {CSV: {"schema": {"type": "string"}}}


@router.get("/reports/{name}", response_model=Report, responses={200: {"content": _AS_FILE}})
def report(
    ask: Question,
    name: ReportName,
    at: Annotated[Instant | None, Query(description="As of another instant, past or to come.")] = None,
    form: Annotated[
        ReportFormat, Query(alias="format", description="A file has semicolons, and UTF-8 with BOM.")
    ] = ReportFormat.JSON,
) -> object:
    """A report; none names anybody. Amounts are øre without VAT."""
    made = getattr(ask.queries, f"report_{name.value}")(ask.actor, at=at)
    if form is ReportFormat.CSV:
        cells = [["" if cell is None else cell for cell in row] for row in made.rows]
        return Response(spreadsheet(made.columns, cells), media_type=CSV)
    return {"name": made.name, "columns": made.columns, "rows": made.as_dicts()}
