"""Who holds which role: seen by every administrator, given and taken by organisation administrators."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from fastapi import Form as FormBody
from fastapi import HTTPException
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, DANISH_ROLES, Role
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

router = Router()


class RoleAction(StrEnum):
    """What is done with a role; also its word in the address."""

    GIVE = "tildel"
    TAKE = "fratag"


COMMANDS: Final = {RoleAction.GIVE: "give_role", RoleAction.TAKE: "take_role"}


@router.get("/indstillinger/roller")
def holders(context: LoggedIn) -> HTMLResponse:
    """All roles with those who hold them."""
    held = context.queries.roles(context.actor)
    names = context.queries.names(context.actor, {user_id for user_id, _ in held})
    return context.page(
        "roles.html",
        holders={
            role: [(user_id, names[user_id]) for user_id, one in held if one is role]
            for role in ASSIGNABLE_ROLES
        },
    )


@router.get("/brugere/{user_id:uuid}/roller/{role}/{deed}")
def confirmation(context: LoggedIn, user_id: UUID, role: str, deed: str) -> HTMLResponse:
    """What the role lets somebody do, before it is given or taken."""
    known, chosen = _read(role, deed)
    context.must(COMMANDS[chosen])
    return _page(context, user_id, known, chosen, Form(command_id=context.new_id()))


@router.post("/brugere/{user_id:uuid}/roller/{role}/{deed}")
def give_or_take(
    context: LoggedIn, user_id: UUID, role: str, deed: str, form: Annotated[Form, FormBody()]
) -> Response:
    """Give or take the role; the user gets a mail about it."""
    known, chosen = _read(role, deed)
    command = (
        context.administration.give_role if chosen is RoleAction.GIVE else context.administration.take_role
    )
    try:
        command(context.actor, user_id, known, command_id=form.command_id)
        name = name_of(context.queries.user(context.actor, user_id))
    except Refusal as refusal:
        context.must(COMMANDS[chosen])
        return _page(context, user_id, known, chosen, form, errors=FormErrors.of(refusal))
    has = "har nu" if chosen is RoleAction.GIVE else "har ikke længere"
    return context.go(
        f"/brugere/{user_id}#roller",
        said=f"{name} {has} rollen {DANISH_ROLES[known]} og får en e-mail om det.",
    )


def _read(role: str, deed: str) -> tuple[Role, RoleAction]:
    """Raises: HTTPException, when there is no such page."""
    if role not in ASSIGNABLE_ROLES or deed not in COMMANDS:
        raise HTTPException(404)
    return Role(role), RoleAction(deed)


def _page(
    context: RequestContext,
    user_id: UUID,
    role: Role,
    deed: RoleAction,
    form: Form,
    *,
    errors: FormErrors = NO_ERRORS,
) -> HTMLResponse:
    user = context.living_user(user_id)
    return context.page(
        "role.html",
        status=422 if errors.reasons else 200,
        user=user,
        role=role,
        gives=deed is RoleAction.GIVE,
        deed=deed,
        is_oneself=user_id == context.actor.id,
        form=form,
        errors=errors,
    )
