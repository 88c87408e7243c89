"""Reports, as JSON or as a file for a Danish spreadsheet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from brugerbog.entrypoints.api.request_context import ApiQueryDep
from brugerbog.entrypoints.api.requests import Instant
from brugerbog.entrypoints.api.responses.work import Report
from brugerbog.entrypoints.api.routes.imports import CSV
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.spreadsheets import spreadsheet

router = Router(tags=["reports"])


class ReportName(StrEnum):
    """The available reports."""

    STATUS = "status"
    PLACEMENT = "placement"
    MEANS = "means"
    PENDING = "pending"
    COST = "cost"


class ReportFormat(StrEnum):
    """The formats of a report."""

    JSON = "json"
    CSV = "csv"


_AS_FILE: Final = {CSV: {"schema": {"type": "string"}}}


@router.get("/reports/{name}", response_model=Report, responses={200: {"content": _AS_FILE}})
def report(
    query: ApiQueryDep,
    name: ReportName,
    at: Annotated[Instant | None, Query(description="As of another instant, past or future.")] = None,
    report_format: Annotated[
        ReportFormat, Query(alias="format", description="CSV is separated by semicolons, in UTF-8 with BOM.")
    ] = ReportFormat.JSON,
) -> object:
    """Return a report, without personal data. Amounts are in øre, excluding VAT."""
    table = getattr(query.queries, f"report_{name.value}")(query.actor, at=at)
    if report_format is ReportFormat.CSV:
        cells = [["" if cell is None else cell for cell in row] for row in table.rows]
        return Response(spreadsheet(table.columns, cells), media_type=CSV)
    return {"name": table.name, "columns": table.columns, "rows": table.as_dicts()}
