"""Notifikationer: the requests to become anonymous, and an administrator's answer to each."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.refusals import AlreadyDeleted, Refusal
from brugerbog.domain.user.anonymity import NoAnonymityRequest
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.forms import NO_TROUBLE, Form, Text, Trouble
from brugerbog.entrypoints.web.request_context import Visit, Visiting
from brugerbog.entrypoints.web.users.activation_code import code_page

router = Router()

LIST = "/notifikationer"
_MADE_ANEW = "er oprettet på ny som anonym bruger uden rettigheder, og den tidligere bruger er slettet"


class DecliningForm(Form):
    """Why a user is to stay as he is; he is told so."""

    reason: Text = ""


@router.get(LIST)
def requests(visit: Visiting) -> HTMLResponse:
    """The requests that nobody has answered, the oldest first."""
    return visit.page("notices.html", notices=visit.queries.notices(visit.actor))


@router.get(f"{LIST}/{{user_id:uuid}}")
def request(visit: Visiting, user_id: UUID) -> Response:
    """Who asks, and what will come of it."""
    visit.must("approve_anonymity")
    return _page(visit, user_id, DecliningForm(command_id=visit.new_id()))


@router.post(f"{LIST}/{{user_id:uuid}}/godkend")
def approve(visit: Visiting, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Make the user anew; where he needs a temporary code, it is shown in this answer."""
    try:
        answer = visit.administration.approve_anonymity(visit.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        again = DecliningForm(command_id=form.command_id)
        return _refused(visit, user_id, again, refusal, Trouble.of(refusal))
    assert answer.subject is not None  # noqa: S101 - it names the new user
    new = visit.queries.user(visit.actor, answer.subject)
    if answer.code or answer.code_already_shown:
        return code_page(visit, new, answer, uow=_MADE_ANEW)
    return visit.go(LIST, said=f"{name_of(new)} {_MADE_ANEW}. Brugeren får en aktiveringsmail.")


@router.post(f"{LIST}/{{user_id:uuid}}/afvis")
def decline(visit: Visiting, user_id: UUID, form: Annotated[DecliningForm, FormBody()]) -> Response:
    """Let the user stay as he is, and tell him why by mail."""
    try:
        visit.administration.decline_anonymity(visit.actor, user_id, form.reason, command_id=form.command_id)
    except Refusal as refusal:
        return _refused(visit, user_id, form, refusal, Trouble([("reason", refusal.message)]))
    name = name_of(visit.queries.user(visit.actor, user_id))
    return visit.go(LIST, said=f"Anmodningen er afvist. {name} får begrundelsen i en e-mail.")


def _refused(
    visit: Visit, user_id: UUID, form: DecliningForm, refusal: Refusal, trouble: Trouble
) -> Response:
    if isinstance(refusal, NoAnonymityRequest | AlreadyDeleted):
        return visit.go(LIST, said=refusal.message, kind="warning")
    visit.must("approve_anonymity")
    return _page(visit, user_id, form, trouble)


def _page(visit: Visit, user_id: UUID, form: DecliningForm, trouble: Trouble = NO_TROUBLE) -> Response:
    user = visit.queries.user(visit.actor, user_id)
    notice = next((one for one in visit.queries.notices(visit.actor) if one.user_id == user_id), None)
    if notice is None:
        return visit.go(LIST, said=NoAnonymityRequest(user_id).message, kind="warning")
    return visit.page(
        "notice.html",
        status=422 if trouble.reasons else 200,
        user=user,
        notice=notice,
        loses=[one for one in visit.menu.settings.rights if one.id in user.rights],
        form=form,
        trouble=trouble,
    )
