"""Hent eksport: the log, or all recorded data of one user, to verify anywhere (docs/audit.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.application.queries.audit.past_state import InstantsReversed
from brugerbog.application.rate_limits import EXPORTS_OF_ACTOR
from brugerbog.domain.kernel.refusals import Objection, Refusal
from brugerbog.entrypoints.http.exports import log_export_response, person_export_response
from brugerbog.entrypoints.http.routing import Router, workload
from brugerbog.entrypoints.presentation.days import begin, end
from brugerbog.entrypoints.web.danish_format import read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, Checkbox, FieldReader, Form, FormErrors, Text
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.infrastructure.database.deadlines import Workload

if TYPE_CHECKING:
    from datetime import datetime

router = Router()


class SpanForm(Form):
    """The first and last day; without days the whole log."""

    fra: Text = ""
    til: Text = ""


class PersonForm(Form):
    """Whether the export contains personal data."""

    with_personal_data: Checkbox = False


@router.get("/haendelseslog/eksport")
def export_page(context: LoggedIn) -> Response:
    """Return the form for the days of an export, with instructions for its verification."""
    context.require("read_log")
    return context.page("log_export.html", form=None, errors=NO_ERRORS)


@router.post("/haendelseslog/eksport")
@workload(Workload.LONG)
def export(context: LoggedIn, form: Annotated[SpanForm, FormBody()]) -> Response:
    """Return the organisation's events as a zip, without names. No file of it stays on this machine."""
    context.require("read_log")
    try:
        since, until = _span(form)
        context.web_context.rate_limiter.count(EXPORTS_OF_ACTOR, context.actor.id)
        return log_export_response(context.queries, context.actor, since, until)
    except Refusal as refusal:
        return context.page("log_export.html", status=422, form=form, errors=FormErrors.from_refusal(refusal))


@router.get("/brugere/{user_id:uuid}/eksport")
def person_page(context: LoggedIn, user_id: UUID) -> Response:
    """Return the form for the export of one user."""
    context.require("read_log")
    return _person_page(context, user_id)


@router.post("/brugere/{user_id:uuid}/eksport")
@workload(Workload.LONG)
def export_person(context: LoggedIn, user_id: UUID, form: Annotated[PersonForm, FormBody()]) -> Response:
    """Return all recorded data of one user as a zip, made in memory and never written to a disk."""
    context.require("read_log")
    try:
        context.web_context.rate_limiter.count(EXPORTS_OF_ACTOR, context.actor.id)
        return person_export_response(
            context.queries, context.actor, user_id, with_personal_data=form.with_personal_data
        )
    except Refusal as refusal:
        return _person_page(context, user_id, form, FormErrors.from_refusal(refusal))


def _span(form: SpanForm) -> tuple[datetime | None, datetime | None]:
    """Return the first and last instant of the days. Raises: Refusals."""
    reader = FieldReader()
    since, until = reader.read("fra", form.fra, read_day), reader.read("til", form.til, read_day)
    if since and until and since > until:
        reader.objections.append(Objection("fra", InstantsReversed()))
    reader.raise_objections()
    return begin(since), end(until)


def _person_page(
    context: RequestContext, user_id: UUID, form: PersonForm | None = None, errors: FormErrors = NO_ERRORS
) -> Response:
    """Return the page of a user's export. Raises: UserUnknown."""
    user = context.queries.user(context.actor, user_id)
    status = 422 if errors.reasons else 200
    return context.page("person_export.html", status=status, user=user, form=form, errors=errors)
