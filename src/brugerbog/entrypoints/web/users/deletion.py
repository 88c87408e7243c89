"""Slet bruger: permanent deletion, after a confirmation with the user's name (guide, Slet bruger)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

router = Router()


@router.get("/brugere/{user_id:uuid}/slet")
def confirmation(context: LoggedIn, user_id: UUID) -> Response:
    """Return the page `Slet bruger`."""
    context.require("delete_user")
    return _page(context, user_id, Form(command_id=context.new_id()))


@router.post("/brugere/{user_id:uuid}/slet")
def delete(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Ok: delete the user."""
    user = context.queries.user(context.actor, user_id)
    name = "Brugeren" if user.status is Status.DELETED else name_of(user)
    try:
        context.administration.delete_user(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return _page(context, user_id, form, FormErrors.from_refusal(refusal))
    return context.redirect("/brugere", flash=f"{name} er slettet permanent.")


def _page(context: RequestContext, user_id: UUID, form: Form, errors: FormErrors = NO_ERRORS) -> Response:
    user = context.undeleted_user(user_id)
    days = context.menu.settings.erasure_retention_days
    status = 422 if errors.reasons else 200
    return context.page(
        "delete.html", status=status, user=user, form=form, errors=errors, retention_days=days
    )
