"""Send brugere enkeltvis: one imported user is checked, given means, and sent to activation."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import danish_time, name_of
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors
from brugerbog.entrypoints.web.imports.imported_users import PATH
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.activation_code import code_page
from brugerbog.entrypoints.web.users.means_choice import MAX_NEW_MEANS, NewMeansForm, offered

router = Router()


@router.get(PATH + "/{user_id:uuid}")
def form(context: LoggedIn, user_id: UUID) -> Response:
    """Return the page with the user's data to check, and the means to choose."""
    context.require("send_to_activation")
    return _page(context, user_id, NewMeansForm(command_id=context.new_id()))


@router.post(PATH + "/{user_id:uuid}")
def send(context: LoggedIn, user_id: UUID, form: Annotated[NewMeansForm, FormBody()]) -> Response:
    """Aktivér: send the mail. Users without a CPR number get a code too, shown in this response only."""
    context.require("send_to_activation")
    try:
        answer = context.administration.send_to_activation(
            context.actor, user_id, means=form.means, command_id=form.command_id
        )
    except Refusal as refusal:
        return _page(context, user_id, form, FormErrors.from_refusal(refusal))
    user = context.queries.user(context.actor, user_id)
    if answer.code is not None or answer.code_already_shown:
        return code_page(context, user, answer, done_text="er sendt til aktivering", covered=True)
    flash = f"{name_of(user)} er sendt til aktivering og modtager en aktiveringsmail fra MitID Erhverv."
    if user.link_expires_at is not None:
        flash += f" Linket i den gælder til {danish_time(user.link_expires_at)}."
    return context.redirect(PATH, flash=flash)


def _page(
    context: RequestContext, user_id: UUID, form: NewMeansForm, errors: FormErrors = NO_ERRORS
) -> Response:
    user = context.queries.user(context.actor, user_id)
    if user.status is not Status.IMPORTED:
        return context.redirect(
            f"/brugere/{user_id}",
            flash=f"{name_of(user)} venter ikke længere under Importerede brugere.",
            kind="info",
        )
    return context.page(
        "imported_one.html",
        status=422 if errors.reasons else 200,
        user=user,
        form=form,
        errors=errors,
        offered=offered(context.menu.settings),
        most=MAX_NEW_MEANS,
    )
