"""Deaktivér bruger and Aktivér bruger, with the days in words before and after."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.danish_format import day, long_day, read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, FieldReader, Form, FormErrors, Text
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

router = Router()


class AbsenceForm(Form):
    """The first and last inactive day; with `goer` as `vis` the form only shows the days in words."""

    from_date: Text = ""
    to_date: Text = ""
    goer: Literal["deaktiver", "vis"] = "deaktiver"

    def read(self) -> tuple[date | None, date | None]:
        """Return the two days. Raises: Refusals."""
        reader = FieldReader()
        days = (
            reader.read("from_date", self.from_date, read_day),
            reader.read("to_date", self.to_date, read_day),
        )
        reader.raise_objections()
        return days


@router.get("/brugere/{user_id:uuid}/deaktiver")
def form(context: LoggedIn, user_id: UUID) -> Response:
    """Return the form; the first day is today, or that of an existing deactivation."""
    context.require("deactivate_user")
    user = context.undeleted_user(user_id)
    from_date = day(user.deactivated_from or danish_day(context.queries.now()))
    to_date = day(user.deactivated_to)
    return _page(
        context, user_id, AbsenceForm(command_id=context.new_id(), from_date=from_date, to_date=to_date)
    )


@router.post("/brugere/{user_id:uuid}/deaktiver")
def deactivate(context: LoggedIn, user_id: UUID, form: Annotated[AbsenceForm, FormBody()]) -> Response:
    """Deactivate the user, or only show the days in words."""
    if form.goer == "vis":
        return _page(context, user_id, form)
    try:
        from_date, to_date = form.read()
        context.administration.deactivate_user(
            context.actor, user_id, from_date=from_date, to_date=to_date, command_id=form.command_id
        )
    except Refusal as refusal:
        return _page(context, user_id, form, FormErrors.from_refusal(refusal))
    name = name_of(context.queries.user(context.actor, user_id))
    first = from_date or danish_day(context.queries.now())
    return context.redirect(
        "/brugere", flash=f"{name} er deaktiveret. {' '.join(days_in_words(first, to_date))}"
    )


@router.post("/brugere/{user_id:uuid}/deaktiver/dage")
def days(context: LoggedIn, user_id: UUID, form: Annotated[AbsenceForm, FormBody()]) -> HTMLResponse:  # noqa: ARG001
    """Return the days in words, as a part of the page with the form."""
    context.require("deactivate_user")
    text = context.web_context.templates.render("absence_days.html", {"days": _days(context, form)})
    return HTMLResponse(text)


@router.get("/brugere/{user_id:uuid}/aktiver")
def reactivation(context: LoggedIn, user_id: UUID) -> Response:
    """Return the page `Aktivér bruger`."""
    context.require("reactivate_user")
    return _reactivation(context, user_id, Form(command_id=context.new_id()))


@router.post("/brugere/{user_id:uuid}/aktiver")
def reactivate(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """End a deactivation early, or cancel one to come."""
    try:
        context.administration.reactivate_user(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return _reactivation(context, user_id, form, FormErrors.from_refusal(refusal))
    name = name_of(context.queries.user(context.actor, user_id))
    return context.redirect("/brugere", flash=f"Aktivering er startet. {name} er aktiv.")


def days_in_words(first: date, last: date | None) -> list[str]:
    """Return the first and last inactive day and the day of return."""
    sentences = [f"Første inaktive dag er {long_day(first)}."]
    if last is None:
        return [*sentences, "Brugeren er inaktiv, indtil en administrator aktiverer igen."]
    back = last + timedelta(days=1)
    return [
        *sentences,
        f"Sidste inaktive dag er {long_day(last)}.",
        f"Brugeren er aktiv igen {long_day(back)} kl. 00.00.",
    ]


def _days(context: RequestContext, form: AbsenceForm) -> list[str]:
    """Return the days in words; an empty list while the form is invalid."""
    try:
        first, last = form.read()
    except Refusal:
        return []
    first = first or danish_day(context.queries.now())
    return [] if last is not None and (last < first or last == date.max) else days_in_words(first, last)


def _page(
    context: RequestContext, user_id: UUID, form: AbsenceForm, errors: FormErrors = NO_ERRORS
) -> Response:
    status = 422 if errors.reasons else 200
    user = context.undeleted_user(user_id)
    return context.page(
        "deactivate.html", status=status, user=user, form=form, errors=errors, days=_days(context, form)
    )


def _reactivation(
    context: RequestContext, user_id: UUID, form: Form, errors: FormErrors = NO_ERRORS
) -> Response:
    user = context.undeleted_user(user_id)
    status = 422 if errors.reasons else 200
    return context.page("reactivate.html", status=status, user=user, form=form, errors=errors)
