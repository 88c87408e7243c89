"""Disclosure of a user's whole CPR number, which is recorded."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import Form
from brugerbog.entrypoints.web.request_context import LoggedIn
from brugerbog.entrypoints.web.users.profile import profile_page, refused

router = Router()


@router.post("/brugere/{user_id:uuid}/cpr")
def show(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Return the profile with the CPR number; no other and no repeated request shows it."""
    try:
        answer = context.administration.show_cpr(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return refused(context, user_id, refusal, "brugerinformation")
    return profile_page(context, user_id, cpr=answer.cpr)
