"""Hent eksport: the log, or all that is recorded of one person, to be checked anywhere (docs/audit.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.application.queries.audit.past_state import InstantsReversed
from brugerbog.application.rate_limits import EXPORTS_OF_ACTOR
from brugerbog.domain.kernel.refusals import Objection, Refusal
from brugerbog.entrypoints.http.exports import export_of_log, export_of_person
from brugerbog.entrypoints.http.routing import Router, workload
from brugerbog.entrypoints.presentation.days import begin, end
from brugerbog.entrypoints.web.danish_format import read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors, Reader, Text, Tick
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.infrastructure.database.deadlines import Workload

if TYPE_CHECKING:
    from datetime import datetime

router = Router()


class SpanForm(Form):
    """Of which days; all of them when none are named."""

    fra: Text = ""
    til: Text = ""


class PersonForm(Form):
    """Whether what is personal comes along."""

    with_personal_data: Tick = False


@router.get("/haendelseslog/eksport")
def export_page(context: LoggedIn) -> Response:
    """Which days are to be in it, and how it is checked."""
    context.must("read_log")
    return context.page("log_export.html", form=None, errors=NO_ERRORS)


@router.post("/haendelseslog/eksport")
@workload(Workload.LONG)
def export(context: LoggedIn, form: Annotated[SpanForm, FormBody()]) -> Response:
    """The organisation's events as a zip. It holds nobody's name, and no file of it stays here."""
    context.must("read_log")
    try:
        since, until = _span(form)
        context.web_context.rate_limiter.count(EXPORTS_OF_ACTOR, context.actor.id)
        return export_of_log(context.queries, context.actor, since, until)
    except Refusal as refusal:
        return context.page("log_export.html", status=422, form=form, errors=FormErrors.of(refusal))


@router.get("/brugere/{user_id:uuid}/eksport")
def person_page(context: LoggedIn, user_id: UUID) -> Response:
    """What an export of one person is, and whether with what is personal."""
    context.must("read_log")
    return _person_page(context, user_id)


@router.post("/brugere/{user_id:uuid}/eksport")
@workload(Workload.LONG)
def export_person(context: LoggedIn, user_id: UUID, form: Annotated[PersonForm, FormBody()]) -> Response:
    """All that is recorded of one person as a zip, made in memory: it never lies on a disk of ours."""
    context.must("read_log")
    try:
        context.web_context.rate_limiter.count(EXPORTS_OF_ACTOR, context.actor.id)
        return export_of_person(
            context.queries, context.actor, user_id, with_personal_data=form.with_personal_data
        )
    except Refusal as refusal:
        return _person_page(context, user_id, form, FormErrors.of(refusal))


def _span(form: SpanForm) -> tuple[datetime | None, datetime | None]:
    """Raises: Refusals."""
    reader = Reader()
    since, until = reader.read("fra", form.fra, read_day), reader.read("til", form.til, read_day)
    if since and until and since > until:
        reader.found.append(Objection("fra", InstantsReversed()))
    reader.done()
    return begin(since), end(until)


def _person_page(
    context: RequestContext, user_id: UUID, form: PersonForm | None = None, errors: FormErrors = NO_ERRORS
) -> Response:
    """Raises: UserUnknown."""
    user = context.queries.user(context.actor, user_id)
    status = 422 if errors.reasons else 200
    return context.page("person_export.html", status=status, user=user, form=form, errors=errors)
