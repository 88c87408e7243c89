"""Who is logged in: seen by organisation administrators, who log users out; and each user's own browsers."""

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
    """Every user who is logged in, the latest login first, with the browsers of each."""
    by_user: dict[UUID, list[OpenSession]] = {}
    for one in context.queries.sessions(context.actor):
        by_user.setdefault(one.user_id, []).append(one)
    names = context.queries.names(context.actor, set(by_user))
    people = [(user_id, names[user_id], browsers) for user_id, browsers in by_user.items()]
    return context.page("open_sessions.html", people=people, command_id=context.new_id())


@router.post("/brugere/{user_id:uuid}/log-af")
def end_sessions(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Log a user out in every browser; it is recorded."""
    try:
        context.administration.end_sessions(context.actor, user_id, command_id=form.command_id)
    except AlreadyDeleted as refusal:
        return context.go(LIST, said=refusal.message, kind="warning")
    name = name_of(context.queries.user(context.actor, user_id))
    return context.go(LIST, said=f"{name} er logget af i alle browsere.")


@router.post(f"{MINE}/log-af-overalt")
async def end_own_sessions(context: LoggedIn, form: Annotated[Form, FormBody()]) -> Response:
    """Log oneself out in every browser, which is recorded; in this one as by its own button."""
    end = partial(context.administration.end_own_sessions, context.actor, command_id=form.command_id)
    await run_as(Workload.COMMAND, context.actor.organisation_id, end)
    return await log_out(context.request)
