"""Open sessions: organisation administrators see and end those of all users, each user ends their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.entrypoints.http.routing import Router, run_as
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.forms import Form
from brugerbog.entrypoints.web.login.login import log_out
from brugerbog.entrypoints.web.request_context import LoggedIn
from brugerbog.entrypoints.web.self_service.my_profile import MINE
from brugerbog.infrastructure.database.deadlines import Workload

if TYPE_CHECKING:
    from brugerbog.application.queries.sessions import OpenSession

router = Router()

LIST: Final = "/indstillinger/logget-ind"


@router.get(LIST)
def open_sessions(context: LoggedIn) -> HTMLResponse:
    """Return all logged-in users with their sessions, the latest login first."""
    by_user: dict[UUID, list[OpenSession]] = {}
    for session in context.queries.sessions(context.actor):
        by_user.setdefault(session.user_id, []).append(session)
    names = context.queries.names(context.actor, set(by_user))
    people = [(user_id, names[user_id], browsers) for user_id, browsers in by_user.items()]
    return context.page("open_sessions.html", people=people, command_id=context.new_id())


@router.post("/brugere/{user_id:uuid}/log-af")
def end_sessions(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Log a user out in all browsers, which is recorded."""
    try:
        context.administration.end_sessions(context.actor, user_id, command_id=form.command_id)
    except AlreadyDeleted as refusal:
        return context.redirect(LIST, flash=refusal.message, kind="warning")
    name = name_of(context.queries.user(context.actor, user_id))
    return context.redirect(LIST, flash=f"{name} er logget af i alle browsere.")


@router.post(f"{MINE}/log-af-overalt")
async def end_own_sessions(context: LoggedIn, form: Annotated[Form, FormBody()]) -> Response:
    """Log the actor out in all browsers, which is recorded; in this browser as by the button "Log af"."""
    end = partial(context.administration.end_own_sessions, context.actor, command_id=form.command_id)
    await run_as(Workload.COMMAND, context.actor.organisation_id, end)
    return await log_out(context.request)
