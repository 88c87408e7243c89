"""Gensend aktiveringsmail, and Ny midlertidig kode (guide, the sections of these names)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import danish_time, name_of
from brugerbog.entrypoints.web.forms import Form
from brugerbog.entrypoints.web.request_context import LoggedIn
from brugerbog.entrypoints.web.users.activation_code import code_page
from brugerbog.entrypoints.web.users.profile import refused

router = Router()


@router.post("/brugere/{user_id:uuid}/gensend")
def resend(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Send the activation mail again, with a link for another 30 days; the earlier link is void."""
    try:
        context.administration.resend_activation_mail(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return refused(context, user_id, refusal, "brugerinformation")
    user = context.queries.user(context.actor, user_id)
    flash = f"Aktiveringsmailen til {name_of(user)} er gensendt. Det tidligere link gælder ikke længere."
    if user.link_expires_at is not None:
        flash += f" Det nye gælder til {danish_time(user.link_expires_at)}."
    return context.redirect(f"/brugere/{user_id}", flash=flash)


@router.post("/brugere/{user_id:uuid}/ny-kode")
def new_code(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Issue a new temporary code, shown in this response only; the earlier code and link are void."""
    try:
        answer = context.administration.issue_code(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return refused(context, user_id, refusal, "brugerinformation")
    return code_page(context, context.queries.user(context.actor, user_id), answer)
