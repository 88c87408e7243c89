"""Slet bruger: for good, after a confirmation that names him (guide, Slet bruger)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.status import Status
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.forms import NO_TROUBLE, Form, Trouble
from brugerbog.entrypoints.web.request_context import Visit, Visiting

router = Router()


@router.get("/brugere/{user_id:uuid}/slet")
def confirmation(visit: Visiting, user_id: UUID) -> Response:
    """The window `Slet bruger`."""
    visit.must("delete_user")
    return _page(visit, user_id, Form(command_id=visit.new_id()))


@router.post("/brugere/{user_id:uuid}/slet")
def delete(visit: Visiting, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Ok."""
    user = visit.queries.user(visit.actor, user_id)
    name = "Brugeren" if user.status is Status.DELETED else name_of(user)
    try:
        visit.administration.delete_user(visit.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return _page(visit, user_id, form, Trouble.of(refusal))
    return visit.go("/brugere", said=f"{name} er slettet permanent.")


def _page(visit: Visit, user_id: UUID, form: Form, trouble: Trouble = NO_TROUBLE) -> Response:
    user = visit.living_user(user_id)
    days = visit.menu.settings.erasure_retention_days
    status = 422 if trouble.reasons else 200
    return visit.page(
        "delete.html", status=status, user=user, form=form, trouble=trouble, retention_days=days
    )
