"""Notifikationer: the requests to become anonymous, and an administrator's answer to each."""

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
_MADE_ANEW = "er oprettet på ny som anonym bruger uden rettigheder, og den tidligere bruger er slettet"


class DecliningForm(Form):
    """Why a user is to stay as he is; he is told so."""

    reason: Text = ""


@router.get(LIST)
def requests(context: LoggedIn) -> HTMLResponse:
    """The requests that nobody has answered, the oldest first."""
    return context.page("notices.html", notices=context.queries.notices(context.actor))


@router.get(f"{LIST}/{{user_id:uuid}}")
def request(context: LoggedIn, user_id: UUID) -> Response:
    """Who asks, and what will come of it."""
    context.must("approve_anonymity")
    return _page(context, user_id, DecliningForm(command_id=context.new_id()))


@router.post(f"{LIST}/{{user_id:uuid}}/godkend")
def approve(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Make the user anew; where he needs a temporary code, it is shown in this answer."""
    try:
        answer = context.administration.approve_anonymity(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        again = DecliningForm(command_id=form.command_id)
        return _refused(context, user_id, again, refusal, FormErrors.of(refusal))
    assert answer.subject is not None  # noqa: S101 - it names the new user
    new = context.queries.user(context.actor, answer.subject)
    if answer.code or answer.code_already_shown:
        return code_page(context, new, answer, deed=_MADE_ANEW)
    return context.go(LIST, said=f"{name_of(new)} {_MADE_ANEW}. Brugeren får en aktiveringsmail.")


@router.post(f"{LIST}/{{user_id:uuid}}/afvis")
def decline(context: LoggedIn, user_id: UUID, form: Annotated[DecliningForm, FormBody()]) -> Response:
    """Let the user stay as he is, and tell him why by mail."""
    try:
        context.administration.decline_anonymity(
            context.actor, user_id, form.reason, command_id=form.command_id
        )
    except Refusal as refusal:
        return _refused(context, user_id, form, refusal, FormErrors([("reason", refusal.message)]))
    name = name_of(context.queries.user(context.actor, user_id))
    return context.go(LIST, said=f"Anmodningen er afvist. {name} får begrundelsen i en e-mail.")


def _refused(
    context: RequestContext, user_id: UUID, form: DecliningForm, refusal: Refusal, errors: FormErrors
) -> Response:
    if isinstance(refusal, NoAnonymityRequest | AlreadyDeleted):
        return context.go(LIST, said=refusal.message, kind="warning")
    context.must("approve_anonymity")
    return _page(context, user_id, form, errors)


def _page(
    context: RequestContext, user_id: UUID, form: DecliningForm, errors: FormErrors = NO_ERRORS
) -> Response:
    user = context.queries.user(context.actor, user_id)
    notice = next((one for one in context.queries.notices(context.actor) if one.user_id == user_id), None)
    if notice is None:
        return context.go(LIST, said=NoAnonymityRequest(user_id).message, kind="warning")
    return context.page(
        "notice.html",
        status=422 if errors.reasons else 200,
        user=user,
        notice=notice,
        loses=[one for one in context.menu.settings.rights if one.id in user.rights],
        form=form,
        errors=errors,
    )
