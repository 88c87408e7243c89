"""Requests to become anonymous, and what is answered."""

from __future__ import annotations

from uuid import UUID

from brugerbog.entrypoints.api.request_context import ApiQueryDep, ApiUserCommandDep
from brugerbog.entrypoints.api.requests import DeclineReason
from brugerbog.entrypoints.api.responses.outcomes import Outcome, OutcomeWithCode
from brugerbog.entrypoints.api.responses.work import Notices
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["anonymity"])


@router.get("/notices", response_model=Notices)
def notices(query: ApiQueryDep) -> object:
    """List the requests without an answer, oldest first."""
    return {"notices": query.queries.notices(query.actor)}


@router.post("/users/{user_id:uuid}/approve-anonymity", response_model=OutcomeWithCode)
def approve_anonymity(command: ApiUserCommandDep, user_id: UUID) -> object:
    """Replace the user with a new, anonymous user; `subject` is the new user. The old one is deleted."""
    return command.on(user_id).approve_anonymity(command.actor, user_id, command_id=command.command_id)


@router.post("/users/{user_id:uuid}/decline-anonymity", response_model=Outcome)
def decline_anonymity(command: ApiUserCommandDep, user_id: UUID, body: DeclineReason) -> object:
    """Decline the request; the user gets the reason by mail."""
    return command.on(user_id).decline_anonymity(
        command.actor, user_id, body.reason, command_id=command.command_id
    )
