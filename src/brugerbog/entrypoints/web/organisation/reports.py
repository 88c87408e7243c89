"""Rapporter: users by status and placement, means, costs, and pending users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.refusals import Objection, Refusal, Refusals
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.reports import headings, rows
from brugerbog.entrypoints.presentation.spreadsheets import spreadsheet
from brugerbog.entrypoints.web.danish_format import read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors, Text
from brugerbog.entrypoints.web.organisation.report_blocks import BLOCKS
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.time_input import last_moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from brugerbog.application.queries.reports import Report

router = Router()

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report with the texts of its page; `query` is the name of its query."""

    query: str
    title: str
    description: str
    empty: str


KINDS: Final = {
    "status": ReportPage(
        "status",
        "Brugere efter status",
        "Hvor mange brugere der er aktive, afventer aktivering, er importeret eller er deaktiveret.",
        "Organisationen har ingen brugere på det tidspunkt.",
    ),
    "tilhoersforhold": ReportPage(
        "placement",
        "Brugere efter tilhørsforhold",
        "Hvor mange brugere der hører til hvert P-nummer, SE-nummer og EAN-nummer, efter status.",
        "Organisationen har ingen brugere på det tidspunkt.",
    ),
    "identifikationsmidler": ReportPage(
        "means",
        "Identifikationsmidler",
        "Hvor mange af hver slags der er tildelt, bestilt og taget i brug.",
        "Ingen bruger har et identifikationsmiddel på det tidspunkt.",
    ),
    "afventer": ReportPage(
        "pending",
        "Brugere, der afventer aktivering",
        "Hvem der mangler at aktivere sig, hvor længe de har ventet, og hvornår deres link udløber.",
        "Ingen brugere afventer aktivering på det tidspunkt.",
    ),
    "omkostninger": ReportPage(
        "cost",
        "Omkostninger",
        "Hvad brugere, kodevisere, kodeoplæsere og chips har kostet, måned for måned og pr. EAN-nummer.",
        "Der er ingen omkostninger til og med det tidspunkt.",
    ),
}
"""The reports, by the last part of their addresses."""


class ReportParams(BaseModel):
    """The query of a report's address: the day as typed, and the page of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    dato: Text = ""
    side: Annotated[int, Field(ge=1, le=100_000)] = 1

    def address(self, slug: str, *, ending: str = "", side: int = 1) -> str:
        """Return the address of a report as of the same day."""
        query = self.model_copy(update={"side": side}).model_dump(exclude_defaults=True, mode="json")
        return f"/rapporter/{slug}{ending}{'?' if query else ''}{urlencode(query)}"


@router.get("/rapporter")
def overview(context: LoggedIn) -> Response:
    """Return the list of reports."""
    context.require("see_reports")
    return context.page("reports.html", kinds=KINDS)


@router.get("/rapporter/{slug}")
@router.get("/rapporter/{slug}.csv")
def report(context: LoggedIn, slug: str, params: Annotated[ReportParams, Query()]) -> Response:
    """Return a report as a page, or at its address in `.csv` as a file, whose name contains the day only."""
    kind = KINDS.get(slug)
    if kind is None:
        raise HTTPException(404)
    context.require("see_reports")
    try:
        day, at = _as_of(context, params)
    except Refusal as refusal:
        return _page(context, slug, params, status=422, errors=FormErrors.from_refusal(refusal))
    query: Callable[..., Report] = getattr(context.queries, f"report_{kind.query}")
    made = query(context.actor, at=at)
    if context.request.url.path.endswith(".csv"):
        day = day or danish_day(context.queries.now())
        return Response(
            spreadsheet(headings(made), rows(made, thousands="")),
            media_type="text/csv",
            headers={"content-disposition": f'attachment; filename="rapport-{slug}-{day}.csv"'},
        )
    return _page(context, slug, params, made=made, day=day, **_waiting(context, made, params))


def _as_of(context: RequestContext, params: ReportParams) -> tuple[date | None, datetime | None]:
    """Return a day and its last instant; two times None for today, as of now. Raises: Refusals."""
    try:
        day = read_day(params.dato)
    except Refusal as refusal:
        raise Refusals([Objection("dato", refusal)]) from None
    if day is None or day == danish_day(context.queries.now()):
        return None, None
    return day, last_moment(day)


def _waiting(context: RequestContext, made: Report, params: ReportParams) -> dict[str, Any]:
    """Return a page of the pending users, with their names."""
    if made.name != "pending":
        return {}
    pending = made.as_dicts()
    people = pending[(params.side - 1) * PAGE : params.side * PAGE]
    names = context.queries.names(context.actor, [row["user_id"] for row in people])
    return {"people": people, "names": names, "more": len(pending) > params.side * PAGE}


def _page(
    context: RequestContext,
    slug: str,
    params: ReportParams,
    *,
    status: int = 200,
    made: Report | None = None,
    day: date | None = None,
    errors: FormErrors = NO_ERRORS,
    **facts: Any,  # noqa: ANN401 - a template's
) -> Response:
    now = context.queries.now()
    shown = {
        "kind": KINDS[slug],
        "slug": slug,
        "params": params,
        "day": day,
        "is_to_come": day is not None and day > danish_day(now),
        "now": now,
        "blocks": BLOCKS[made.name](made) if made else [],
        "made": made,
        "errors": errors,
        "people": [],
        "more": False,
    }
    return context.page("report.html", status=status, **(shown | facts))
