"""Hændelseslog: all recorded events with actor, user, time and changes; each reading is recorded too."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form as FormBody
from fastapi import Query
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from brugerbog.application.queries.audit.past_state import InstantsReversed
from brugerbog.application.queries.audit.search import AuditLogQuery
from brugerbog.application.queries.names import SYSTEM_ACTORS
from brugerbog.application.refusals.requests import CursorInvalid, UserUnknown
from brugerbog.domain.danish.collation import sort_key
from brugerbog.domain.danish.event_names import DANISH_NAMES_BY_TOPIC
from brugerbog.domain.kernel.doors import DANISH_DOORS
from brugerbog.domain.kernel.refusals import Objection, Refusals
from brugerbog.domain.values.numbers import user_id
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.days import begin, end
from brugerbog.entrypoints.web.danish_format import day, read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, FieldReader, FormErrors, Text
from brugerbog.entrypoints.web.remembered_searches import recall, remember
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

if TYPE_CHECKING:
    from brugerbog.application.queries.audit.log import LogPage

router = Router()

PAGE: Final = 50
KINDS: Final = (("", "Alle"), *sorted(DANISH_NAMES_BY_TOPIC.items(), key=lambda pair: sort_key(pair[1])))
Key = Annotated[str, StringConstraints(max_length=500)]


class EventLogParams(BaseModel):
    """The query of the log's address: filters as ids, days and codes, never names.

    `om` is the event's user, `af` its actor, `soegning` the id of words in the session, `efter` the sealed
    cursor of the page.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    om: UUID | None = None
    af: UUID | None = None
    art: Text = ""
    fra: date | None = None
    til: date | None = None
    aktiviteter: bool = False
    samhoerende: UUID | None = None
    soegning: Text = ""
    efter: Key = ""

    def address(self, **changed: object) -> str:
        """Return the log's address with changed parameters; defaults are left out."""
        params = self.model_copy(update={"efter": "", **changed}).model_dump(
            exclude_defaults=True, mode="json"
        )
        return f"/haendelseslog?{urlencode(params)}" if params else "/haendelseslog"

    @property
    def is_narrowed(self) -> bool:
        """Whether the parameters filter the log."""
        return self.model_copy(update={"efter": "", "aktiviteter": False}) != EventLogParams()


class Filters(BaseModel):
    """The form with the filters, as typed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    ord: Text = ""
    om: Text = ""
    af: Text = ""
    art: Text = ""
    fra: Text = ""
    til: Text = ""
    aktiviteter: bool = False


@router.get("/haendelseslog")
def event_log(context: LoggedIn, params: Annotated[EventLogParams, Query()]) -> Response:
    """Return a page of the log, the newest first; an outdated cursor returns the first page."""
    context.require("read_log")
    words = recall(context, params.soegning)
    lost = False
    try:
        try:
            found = _load_page(context, params, words)
        except CursorInvalid:
            lost, params = True, params.model_copy(update={"efter": ""})
            found = _load_page(context, params, words)
    except UserUnknown as refusal:
        errors = FormErrors([("om", refusal.message)])
        return _page(context, params, _filled_in(params, words), status=404, errors=errors)
    return _page(context, params, _filled_in(params, words), found=found, lost=lost)


@router.post("/haendelseslog/soeg")
def search(context: LoggedIn, filters: Annotated[Filters, FormBody()]) -> Response:
    """Store the words in the session, and redirect to their results: addresses contain no names."""
    context.require("read_log")
    try:
        params = _read(filters)
    except Refusals as refusal:
        return _page(context, EventLogParams(), filters, status=422, errors=FormErrors.from_refusal(refusal))
    return context.redirect(params.address(soegning=remember(context, filters.ord)))


def _read(filters: Filters) -> EventLogParams:
    """Raises: Refusals."""
    reader = FieldReader()
    about, by = (
        reader.read(name, getattr(filters, name), lambda text: user_id(text) if text.strip() else None)
        for name in ("om", "af")
    )
    since, until = (reader.read(name, getattr(filters, name), read_day) for name in ("fra", "til"))
    if since and until and since > until:
        reader.objections.append(Objection("fra", InstantsReversed()))
    reader.raise_objections()
    return EventLogParams(
        om=about, af=by, art=filters.art, fra=since, til=until, aktiviteter=filters.aktiviteter
    )


def _filled_in(params: EventLogParams, words: str) -> Filters:
    """The filters of an address, as they stand in the form."""
    return Filters(
        ord=words,
        om=str(params.om or ""),
        af=str(params.af or ""),
        art=params.art,
        fra=day(params.fra),
        til=day(params.til),
        aktiviteter=params.aktiviteter,
    )


def _load_page(context: RequestContext, params: EventLogParams, words: str) -> LogPage:
    return context.queries.audit_log(
        context.actor,
        AuditLogQuery(
            about=params.om,
            by=params.af,
            kind=params.art or None,
            since=begin(params.fra),
            until=end(params.til),
            correlation_id=params.samhoerende,
            words=words or None,
            with_activities=params.aktiviteter,
            limit=PAGE,
            after=params.efter or None,
        ),
    )


def _page(
    context: RequestContext,
    params: EventLogParams,
    filters: Filters,
    *,
    status: int = 200,
    found: LogPage | None = None,
    lost: bool = False,
    errors: FormErrors = NO_ERRORS,
) -> Response:
    facts: dict[str, Any] = {
        "entries": found.entries if found else [],
        "next": found.next if found else None,
        "is_found": found is not None,
        "params": params,
        "filters": filters,
        "lost": lost,
        "errors": errors,
        "kinds": KINDS,
        "doors": DANISH_DOORS,
        "nobody": {*SYSTEM_ACTORS, context.actor.organisation_id},
    }
    return context.page("event_log.html", status=status, **facts)
