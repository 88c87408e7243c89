"""Hændelseslog: the organisation as it stood at a moment, and what is different at another."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from brugerbog.application.queries.audit.wording import LABELS, describe_settings
from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.refusals import Objection, Refusal, Refusals
from brugerbog.domain.settings import settings_from_json
from brugerbog.domain.values.status import DANISH_STATUS, Status
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.danish_format import read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors, Reader, Text
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.statuses import status_of
from brugerbog.entrypoints.web.time_input import at_clock, last_moment, read_clock

if TYPE_CHECKING:
    from datetime import date, datetime

router = Router()

MOST: Final = 500
"""So many people of a kind are shown of a difference; beyond them only how many there are."""


class MomentParams(BaseModel):
    """A moment as somebody has written it; without a time of day it is the end of the day."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    dato: Text = ""
    kl: Text = ""


class SpanParams(BaseModel):
    """Two moments: without times of day, the beginning of the first day and the end of the last."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    fra: Text = ""
    fra_kl: Text = ""
    til: Text = ""
    til_kl: Text = ""


@router.get("/haendelseslog/tidspunkt")
def state(context: LoggedIn, asked: Annotated[MomentParams, Query()]) -> Response:
    """What the organisation was at a moment: its users by status, its settings, who held which role."""
    context.must("read_log")
    shown: dict[str, Any] = {"state": None, "settings": [], "names": {}, "statuses": DANISH_STATUS}
    if not asked.dato:
        return context.page("state.html", asked=asked, errors=NO_ERRORS, **shown)
    try:
        at = _latest(context, *_read(asked, ("dato", "kl")))
        found = context.queries.state_at(context.actor, at)
    except Refusal as refusal:
        return context.page(
            "state.html",
            status=status_of(refusal),
            asked=asked,
            errors=FormErrors.of(_at(refusal, "dato")),
            **shown,
        )
    settings = describe_settings(settings_from_json(found.settings)).items()
    shown |= {
        "state": found,
        "settings": [(LABELS[name], value) for name, value in settings],
        "names": context.queries.names(context.actor, {who for who, _ in found.roles}),
        "statuses": {Status(one): name for one, name in DANISH_STATUS.items()},
    }
    return context.page("state.html", asked=asked, errors=NO_ERRORS, **shown)


@router.get("/haendelseslog/forskel")
def difference(context: LoggedIn, asked: Annotated[SpanParams, Query()]) -> Response:
    """Who came, who left, and what is different between two moments."""
    context.must("read_log")
    shown: dict[str, Any] = {"asked": asked, "difference": None, "most": MOST}
    if not asked.fra and not asked.til:
        return context.page("difference.html", errors=NO_ERRORS, **shown)
    try:
        day, clock = _read(asked, ("fra", "fra_kl"))
        earlier = at_clock(day, clock or time())
        later = _latest(context, *_read(asked, ("til", "til_kl"))) if asked.til else context.queries.now()
        shown["difference"] = context.queries.difference(context.actor, earlier, later)
    except Refusal as refusal:
        errors = FormErrors.of(_at(refusal, "fra"))
        return context.page("difference.html", status=status_of(refusal), errors=errors, **shown)
    return context.page("difference.html", errors=NO_ERRORS, **shown)


def _read(asked: BaseModel, names: tuple[str, str]) -> tuple[date, time | None]:
    """The day and the time of day in two fields. Raises: Refusals, also when there is no day."""
    reader = Reader()
    day = reader.read(names[0], getattr(asked, names[0]) or "-", read_day)
    clock = reader.read(names[1], getattr(asked, names[1]), read_clock)
    reader.done()
    assert day is not None  # noqa: S101 - blanks are refused above
    return day, clock


def _latest(context: RequestContext, day: date, clock: time | None) -> datetime:
    """A moment; of a day without a time of day its last one, of today this one."""
    if clock is not None:
        return at_clock(day, clock)
    now = context.queries.now()
    return now if day == danish_day(now) else last_moment(day)


def _at(refusal: Refusal, field: str) -> Refusal:
    """A refusal that the service makes of moments, at the field where the first of them stands."""
    return refusal if isinstance(refusal, Refusals) else Refusals([Objection(field, refusal)])
