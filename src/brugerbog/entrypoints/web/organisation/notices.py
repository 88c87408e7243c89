"""Notifikationer: the requests to become anonymous, which an administrator approves or declines."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.anonymity import NoAnonymityRequest
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors, Text
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.activation_code import code_page

router = Router()

LIST = "/notifikationer"
_RECREATED = "er oprettet på ny som anonym bruger uden rettigheder, og den tidligere bruger er slettet"


class DecliningForm(Form):
    """The reason for a decline, which the user gets by mail."""

    reason: Text = ""


@router.get(LIST)
def requests(context: LoggedIn) -> HTMLResponse:
    """Return the open requests, the oldest first."""
    return context.page("notices.html", notices=context.queries.notices(context.actor))


@router.get(f"{LIST}/{{user_id:uuid}}")
def request(context: LoggedIn, user_id: UUID) -> Response:
    """Return the page of a request, with its consequences."""
    context.require("approve_anonymity")
    return _page(context, user_id, DecliningForm(command_id=context.new_id()))


@router.post(f"{LIST}/{{user_id:uuid}}/godkend")
def approve(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Recreate the user as anonymous; a temporary code is shown in this response only."""
    try:
        answer = context.administration.approve_anonymity(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        declining = DecliningForm(command_id=form.command_id)
        return _refused(context, user_id, declining, refusal, FormErrors.from_refusal(refusal))
    assert answer.subject is not None  # noqa: S101 - it names the new user
    new = context.queries.user(context.actor, answer.subject)
    if answer.code or answer.code_already_shown:
        return code_page(context, new, answer, done_text=_RECREATED)
    return context.redirect(LIST, flash=f"{name_of(new)} {_RECREATED}. Brugeren får en aktiveringsmail.")


@router.post(f"{LIST}/{{user_id:uuid}}/afvis")
def decline(context: LoggedIn, user_id: UUID, form: Annotated[DecliningForm, FormBody()]) -> Response:
    """Decline the request; the user gets the reason by mail."""
    try:
        context.administration.decline_anonymity(
            context.actor, user_id, form.reason, command_id=form.command_id
        )
    except Refusal as refusal:
        return _refused(context, user_id, form, refusal, FormErrors([("reason", refusal.message)]))
    name = name_of(context.queries.user(context.actor, user_id))
    return context.redirect(LIST, flash=f"Anmodningen er afvist. {name} får begrundelsen i en e-mail.")


def _refused(
    context: RequestContext, user_id: UUID, form: DecliningForm, refusal: Refusal, errors: FormErrors
) -> Response:
    if isinstance(refusal, NoAnonymityRequest | AlreadyDeleted):
        return context.redirect(LIST, flash=refusal.message, kind="warning")
    context.require("approve_anonymity")
    return _page(context, user_id, form, errors)


def _page(
    context: RequestContext, user_id: UUID, form: DecliningForm, errors: FormErrors = NO_ERRORS
) -> Response:
    user = context.queries.user(context.actor, user_id)
    notices = context.queries.notices(context.actor)
    notice = next((notice for notice in notices if notice.user_id == user_id), None)
    if notice is None:
        return context.redirect(LIST, flash=NoAnonymityRequest(user_id).message, kind="warning")
    return context.page(
        "notice.html",
        status=422 if errors.reasons else 200,
        user=user,
        notice=notice,
        loses=[right for right in context.menu.settings.rights if right.id in user.rights],
        form=form,
        errors=errors,
    )
