"""Roles and their holders: shown to all administrators, given and taken by organisation administrators."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from fastapi import Form as FormBody
from fastapi import HTTPException, Path
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, DANISH_ROLES, Role
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

router = Router()


class RoleChange(StrEnum):
    """A change of a role; the value is its word in the address."""

    GIVE = "tildel"
    TAKE = "fratag"


COMMANDS: Final = {RoleChange.GIVE: "give_role", RoleChange.TAKE: "take_role"}


@router.get("/indstillinger/roller")
def holders(context: LoggedIn) -> HTMLResponse:
    """Return the page of all roles with their holders."""
    held = context.queries.roles(context.actor)
    names = context.queries.names(context.actor, {user_id for user_id, _ in held})
    return context.page(
        "roles.html",
        holders={
            role: [(user_id, names[user_id]) for user_id, held_role in held if held_role is role]
            for role in ASSIGNABLE_ROLES
        },
    )


@router.get("/brugere/{user_id:uuid}/roller/{role}/{deed}")
def confirmation(
    context: LoggedIn, user_id: UUID, role: str, change: Annotated[str, Path(alias="deed")]
) -> HTMLResponse:
    """Return the confirmation page, with the permissions of the role."""
    known_role, role_change = _read(role, change)
    context.require(COMMANDS[role_change])
    return _page(context, user_id, known_role, role_change, Form(command_id=context.new_id()))


@router.post("/brugere/{user_id:uuid}/roller/{role}/{deed}")
def give_or_take(
    context: LoggedIn,
    user_id: UUID,
    role: str,
    change: Annotated[str, Path(alias="deed")],
    form: Annotated[Form, FormBody()],
) -> Response:
    """Give or take the role, which sends the user a mail."""
    known_role, role_change = _read(role, change)
    administration, is_given = context.administration, role_change is RoleChange.GIVE
    command = administration.give_role if is_given else administration.take_role
    try:
        command(context.actor, user_id, known_role, command_id=form.command_id)
        name = name_of(context.queries.user(context.actor, user_id))
    except Refusal as refusal:
        context.require(COMMANDS[role_change])
        return _page(context, user_id, known_role, role_change, form, errors=FormErrors.from_refusal(refusal))
    has = "har nu" if is_given else "har ikke længere"
    return context.redirect(
        f"/brugere/{user_id}#roller",
        flash=f"{name} {has} rollen {DANISH_ROLES[known_role]} og får en e-mail om det.",
    )


def _read(role: str, change: str) -> tuple[Role, RoleChange]:
    """Return the role and the change in an address. Raises: HTTPException 404."""
    if role not in ASSIGNABLE_ROLES or change not in COMMANDS:
        raise HTTPException(404)
    return Role(role), RoleChange(change)


def _page(
    context: RequestContext,
    user_id: UUID,
    role: Role,
    change: RoleChange,
    form: Form,
    *,
    errors: FormErrors = NO_ERRORS,
) -> HTMLResponse:
    user = context.undeleted_user(user_id)
    return context.page(
        "role.html",
        status=422 if errors.reasons else 200,
        user=user,
        role=role,
        gives=change is RoleChange.GIVE,
        change=change,
        is_oneself=user_id == context.actor.id,
        form=form,
        errors=errors,
    )
