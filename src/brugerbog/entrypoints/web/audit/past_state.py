"""Hændelseslog: the organisation's state at an instant, and the difference between two instants."""

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
from brugerbog.entrypoints.web.forms import NO_ERRORS, FieldReader, FormErrors, Text
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.statuses import status_of
from brugerbog.entrypoints.web.time_input import instant_of, last_moment, read_clock

if TYPE_CHECKING:
    from datetime import date, datetime

router = Router()

MAX_PEOPLE: Final = 500
"""The most users per kind of difference; for more only their number is shown."""


class MomentParams(BaseModel):
    """An instant as typed; without a time of day it is the end of the day."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    dato: Text = ""
    kl: Text = ""


class SpanParams(BaseModel):
    """Two instants as typed; without times of day, the start of the first day and the end of the last."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    fra: Text = ""
    fra_kl: Text = ""
    til: Text = ""
    til_kl: Text = ""


@router.get("/haendelseslog/tidspunkt")
def state(context: LoggedIn, params: Annotated[MomentParams, Query()]) -> Response:
    """Return the organisation's state at an instant: users by status, settings, and roles with holders."""
    context.require("read_log")
    shown: dict[str, Any] = {"state": None, "settings": [], "names": {}, "statuses": DANISH_STATUS}
    if not params.dato:
        return context.page("state.html", params=params, errors=NO_ERRORS, **shown)
    try:
        at = _instant(context, *_read(params, ("dato", "kl")))
        found = context.queries.state_at(context.actor, at)
    except Refusal as refusal:
        return context.page(
            "state.html",
            status=status_of(refusal),
            params=params,
            errors=FormErrors.from_refusal(_at(refusal, "dato")),
            **shown,
        )
    settings = describe_settings(settings_from_json(found.settings)).items()
    shown |= {
        "state": found,
        "settings": [(LABELS[name], value) for name, value in settings],
        "names": context.queries.names(context.actor, {who for who, _ in found.roles}),
        "statuses": {Status(status): name for status, name in DANISH_STATUS.items()},
    }
    return context.page("state.html", params=params, errors=NO_ERRORS, **shown)


@router.get("/haendelseslog/forskel")
def difference(context: LoggedIn, params: Annotated[SpanParams, Query()]) -> Response:
    """Return the differences between two instants: new, deleted and changed users, and settings."""
    context.require("read_log")
    shown: dict[str, Any] = {"params": params, "difference": None, "max_people": MAX_PEOPLE}
    if not params.fra and not params.til:
        return context.page("difference.html", errors=NO_ERRORS, **shown)
    try:
        day, clock = _read(params, ("fra", "fra_kl"))
        earlier = instant_of(day, clock or time())
        later = _instant(context, *_read(params, ("til", "til_kl"))) if params.til else context.queries.now()
        shown["difference"] = context.queries.difference(context.actor, earlier, later)
    except Refusal as refusal:
        errors = FormErrors.from_refusal(_at(refusal, "fra"))
        return context.page("difference.html", status=status_of(refusal), errors=errors, **shown)
    return context.page("difference.html", errors=NO_ERRORS, **shown)


def _read(params: BaseModel, names: tuple[str, str]) -> tuple[date, time | None]:
    """Return the day and the time of day of two fields. Raises: Refusals, also without a day."""
    reader = FieldReader()
    day = reader.read(names[0], getattr(params, names[0]) or "-", read_day)
    clock = reader.read(names[1], getattr(params, names[1]), read_clock)
    reader.raise_objections()
    assert day is not None  # noqa: S101 - blanks are refused above
    return day, clock


def _instant(context: RequestContext, day: date, clock: time | None) -> datetime:
    """Return the instant; without a time of day the last of the day, of today the present instant."""
    if clock is not None:
        return instant_of(day, clock)
    now = context.queries.now()
    return now if day == danish_day(now) else last_moment(day)


def _at(refusal: Refusal, field: str) -> Refusal:
    """Return the service's refusal of an instant as an objection at its field."""
    return refusal if isinstance(refusal, Refusals) else Refusals([Objection(field, refusal)])
