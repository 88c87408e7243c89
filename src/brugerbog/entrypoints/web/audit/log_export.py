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
from brugerbog.entrypoints.web.forms import NO_TROUBLE, Form, Reader, Text, Tick, Trouble
from brugerbog.entrypoints.web.request_context import Visit, Visiting
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
def export_page(visit: Visiting) -> Response:
    """Which days are to be in it, and how it is checked."""
    visit.must("read_log")
    return visit.page("log_export.html", form=None, trouble=NO_TROUBLE)


@router.post("/haendelseslog/eksport")
@workload(Workload.LONG)
def export(visit: Visiting, form: Annotated[SpanForm, FormBody()]) -> Response:
    """The organisation's events as a zip. It holds nobody's name, and no file of it stays here."""
    visit.must("read_log")
    try:
        since, until = _span(form)
        visit.desk.rate_limiter.count(EXPORTS_OF_ACTOR, visit.actor.id)
        return export_of_log(visit.queries, visit.actor, since, until)
    except Refusal as refusal:
        return visit.page("log_export.html", status=422, form=form, trouble=Trouble.of(refusal))


@router.get("/brugere/{user_id:uuid}/eksport")
def person_page(visit: Visiting, user_id: UUID) -> Response:
    """What an export of one person is, and whether with what is personal."""
    visit.must("read_log")
    return _person_page(visit, user_id)


@router.post("/brugere/{user_id:uuid}/eksport")
@workload(Workload.LONG)
def export_person(visit: Visiting, user_id: UUID, form: Annotated[PersonForm, FormBody()]) -> Response:
    """All that is recorded of one person as a zip, made in memory: it never lies on a disk of ours."""
    visit.must("read_log")
    try:
        visit.desk.rate_limiter.count(EXPORTS_OF_ACTOR, visit.actor.id)
        return export_of_person(
            visit.queries, visit.actor, user_id, with_personal_data=form.with_personal_data
        )
    except Refusal as refusal:
        return _person_page(visit, user_id, form, Trouble.of(refusal))


def _span(form: SpanForm) -> tuple[datetime | None, datetime | None]:
    """Raises: Refusals."""
    reader = Reader()
    since, until = reader.read("fra", form.fra, read_day), reader.read("til", form.til, read_day)
    if since and until and since > until:
        reader.found.append(Objection("fra", InstantsReversed()))
    reader.done()
    return begin(since), end(until)


def _person_page(
    visit: Visit, user_id: UUID, form: PersonForm | None = None, trouble: Trouble = NO_TROUBLE
) -> Response:
    """Raises: UserUnknown."""
    user = visit.queries.user(visit.actor, user_id)
    status = 422 if trouble.reasons else 200
    return visit.page("person_export.html", status=status, user=user, form=form, trouble=trouble)
