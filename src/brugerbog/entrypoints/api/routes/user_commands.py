"""Commands on one user: create, edit, place, deactivate, reactivate, delete, and show the CPR number."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from starlette.responses import Response

from brugerbog.entrypoints.api.request_context import ApiCommandDep, ApiUserCommandDep
from brugerbog.entrypoints.api.requests import NewUser, Period, Placement, UserEdits
from brugerbog.entrypoints.api.responses.outcomes import Outcome, OutcomeWithCode, OutcomeWithCpr
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["users"])


@router.post("/users", response_model=OutcomeWithCode, status_code=HTTPStatus.CREATED)
def create_user(command: ApiCommandDep, body: NewUser, response: Response) -> object:
    """Create one user, who gets a mail and awaits activation. 409 shows a user who exists already."""
    answer = command.administration.create_user(command.actor, body.to_input(), command_id=command.command_id)
    response.headers["location"] = f"/api/v1/users/{answer.subject}"
    return answer


@router.patch("/users/{user_id:uuid}", response_model=Outcome)
def edit_user(command: ApiUserCommandDep, user_id: UUID, body: UserEdits) -> object:
    """Edit a user's details; unchanged values record nothing."""
    return command.on(user_id).edit_user(
        command.actor, user_id, body.to_input(), command_id=command.command_id
    )


@router.post("/users/{user_id:uuid}/place", response_model=Outcome)
def place_user(command: ApiUserCommandDep, user_id: UUID, body: Placement) -> object:
    """Tie a user to a P-number, an SE-number or both."""
    return command.on(user_id).place_user(
        command.actor, user_id, **body.to_input(), command_id=command.command_id
    )


@router.post("/users/{user_id:uuid}/deactivate", response_model=Outcome)
def deactivate_user(command: ApiUserCommandDep, user_id: UUID, body: Period) -> object:
    """Make a user inactive from a day to a day, both included (`suspend` in the official API)."""
    return command.on(user_id).deactivate_user(
        command.actor, user_id, from_date=body.from_date, to_date=body.to_date, command_id=command.command_id
    )


@router.post("/users/{user_id:uuid}/reactivate", response_model=Outcome)
def reactivate_user(command: ApiUserCommandDep, user_id: UUID) -> object:
    """End a deactivation early, or cancel one to come."""
    return command.on(user_id).reactivate_user(command.actor, user_id, command_id=command.command_id)


@router.delete("/users/{user_id:uuid}", response_model=Outcome)
def delete_user(command: ApiUserCommandDep, user_id: UUID) -> object:
    """Delete for good: roles are taken, the CPR number is free again, personal data is erased in its time."""
    return command.on(user_id).delete_user(command.actor, user_id, command_id=command.command_id)


@router.post("/users/{user_id:uuid}/show-cpr", response_model=OutcomeWithCpr)
def show_cpr(command: ApiUserCommandDep, user_id: UUID) -> object:
    """Show the whole CPR number, once for a key; that it was shown, and to whom, is recorded."""
    return command.on(user_id).show_cpr(command.actor, user_id, command_id=command.command_id)
