"""Hændelseslog: who did what to whom, when, and what was different after it; that it is read is recorded."""

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
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors, Reader, Text
from brugerbog.entrypoints.web.remembered_searches import recall, remember
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

if TYPE_CHECKING:
    from brugerbog.application.queries.audit.log import LogPage

router = Router()

PAGE: Final = 50
KINDS: Final = (("", "Alle"), *sorted(DANISH_NAMES_BY_TOPIC.items(), key=lambda pair: sort_key(pair[1])))
Key = Annotated[str, StringConstraints(max_length=500)]


class EventLogParams(BaseModel):
    """Which entries, as an address says it: ids, days and codes, never a name.

    `om` is the user whom it befell, `af` who did it, `soegning` the id of words that the session remembers,
    `efter` the sealed place behind which the page begins.
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
        """The address that asks this, with something changed; what is as by default isn't named."""
        asked = self.model_copy(update={"efter": "", **changed}).model_dump(
            exclude_defaults=True, mode="json"
        )
        return f"/haendelseslog?{urlencode(asked)}" if asked else "/haendelseslog"

    @property
    def is_narrowed(self) -> bool:
        """Whether not all is shown."""
        return self.model_copy(update={"efter": "", "aktiviteter": False}) != EventLogParams()


class Filters(BaseModel):
    """What somebody has filled in to find entries by."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    ord: Text = ""
    om: Text = ""
    af: Text = ""
    art: Text = ""
    fra: Text = ""
    til: Text = ""
    aktiviteter: bool = False


@router.get("/haendelseslog")
def event_log(context: LoggedIn, asked: Annotated[EventLogParams, Query()]) -> Response:
    """A page of the log, the newest first. A place that is no longer one begins it anew."""
    context.must("read_log")
    words = recall(context, asked.soegning)
    lost = False
    try:
        try:
            found = _found(context, asked, words)
        except CursorInvalid:
            lost, asked = True, asked.model_copy(update={"efter": ""})
            found = _found(context, asked, words)
    except UserUnknown as refusal:
        errors = FormErrors([("om", refusal.message)])
        return _page(context, asked, _filled_in(asked, words), status=404, errors=errors)
    return _page(context, asked, _filled_in(asked, words), found=found, lost=lost)


@router.post("/haendelseslog/soeg")
def search(context: LoggedIn, filters: Annotated[Filters, FormBody()]) -> Response:
    """Remember the words in the session, and show what is found: no name is part of an address."""
    context.must("read_log")
    try:
        asked = _read(filters)
    except Refusals as refusal:
        return _page(context, EventLogParams(), filters, status=422, errors=FormErrors.of(refusal))
    return context.go(asked.address(soegning=remember(context, filters.ord)))


def _read(filters: Filters) -> EventLogParams:
    """Raises: Refusals."""
    reader = Reader()
    about, by = (
        reader.read(name, getattr(filters, name), lambda text: user_id(text) if text.strip() else None)
        for name in ("om", "af")
    )
    since, until = (reader.read(name, getattr(filters, name), read_day) for name in ("fra", "til"))
    if since and until and since > until:
        reader.found.append(Objection("fra", InstantsReversed()))
    reader.done()
    return EventLogParams(
        om=about, af=by, art=filters.art, fra=since, til=until, aktiviteter=filters.aktiviteter
    )


def _filled_in(asked: EventLogParams, words: str) -> Filters:
    """The filters of an address, as they stand in the form."""
    return Filters(
        ord=words,
        om=str(asked.om or ""),
        af=str(asked.af or ""),
        art=asked.art,
        fra=day(asked.fra),
        til=day(asked.til),
        aktiviteter=asked.aktiviteter,
    )


def _found(context: RequestContext, asked: EventLogParams, words: str) -> LogPage:
    return context.queries.audit_log(
        context.actor,
        AuditLogQuery(
            about=asked.om,
            by=asked.af,
            kind=asked.art or None,
            since=begin(asked.fra),
            until=end(asked.til),
            correlation_id=asked.samhoerende,
            words=words or None,
            with_activities=asked.aktiviteter,
            limit=PAGE,
            after=asked.efter or None,
        ),
    )


def _page(
    context: RequestContext,
    asked: EventLogParams,
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
        "asked": asked,
        "filters": filters,
        "lost": lost,
        "errors": errors,
        "kinds": KINDS,
        "doors": DANISH_DOORS,
        "nobody": {*SYSTEM_ACTORS, context.actor.organisation_id},
    }
    return context.page("event_log.html", status=status, **facts)
