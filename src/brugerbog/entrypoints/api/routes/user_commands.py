"""A user's life: create, edit, place, deactivate, reactivate, delete; and his CPR number, on the record."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from starlette.responses import Response

from brugerbog.entrypoints.api.request_context import Command, CommandOnUser
from brugerbog.entrypoints.api.requests import NewUser, Period, Placement, UserEdits
from brugerbog.entrypoints.api.responses.outcomes import Outcome, OutcomeWithCode, OutcomeWithCpr
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["users"])


@router.post("/users", response_model=OutcomeWithCode, status_code=HTTPStatus.CREATED)
def create_user(give: Command, said: NewUser, response: Response) -> object:
    """Create one user, who gets a mail and awaits activation. 409 says whom he met, if he is there."""
    answer = give.administration.create_user(give.actor, said.read(), command_id=give.command_id)
    response.headers["location"] = f"/api/v1/users/{answer.subject}"
    return answer


@router.patch("/users/{user_id:uuid}", response_model=Outcome)
def edit_user(give: CommandOnUser, user_id: UUID, said: UserEdits) -> object:
    """Change what is said about a user; what is so already records nothing."""
    return give.on(user_id).edit_user(give.actor, user_id, said.read(), command_id=give.command_id)


@router.post("/users/{user_id:uuid}/place", response_model=Outcome)
def place_user(give: CommandOnUser, user_id: UUID, said: Placement) -> object:
    """Tie a user to a P-number, an SE-number or both."""
    return give.on(user_id).place_user(give.actor, user_id, **said.read(), command_id=give.command_id)


@router.post("/users/{user_id:uuid}/deactivate", response_model=Outcome)
def deactivate_user(give: CommandOnUser, user_id: UUID, said: Period) -> object:
    """Make a user inactive from a day to a day, both included (`suspend` in the official API)."""
    return give.on(user_id).deactivate_user(
        give.actor, user_id, from_date=said.from_date, to_date=said.to_date, command_id=give.command_id
    )


@router.post("/users/{user_id:uuid}/reactivate", response_model=Outcome)
def reactivate_user(give: CommandOnUser, user_id: UUID) -> object:
    """End a deactivation early, or cancel one to come."""
    return give.on(user_id).reactivate_user(give.actor, user_id, command_id=give.command_id)


@router.delete("/users/{user_id:uuid}", response_model=Outcome)
def delete_user(give: CommandOnUser, user_id: UUID) -> object:
    """Delete for good: roles are taken, the CPR number is free again, personal data is erased in its time."""
    return give.on(user_id).delete_user(give.actor, user_id, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/show-cpr", response_model=OutcomeWithCpr)
def show_cpr(give: CommandOnUser, user_id: UUID) -> object:
    """Show the whole CPR number, once for a key; that it was shown, and to whom, is recorded."""
    return give.on(user_id).show_cpr(give.actor, user_id, command_id=give.command_id)
