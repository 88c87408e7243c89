"""Requests to become anonymous, and what is answered."""

from __future__ import annotations

from uuid import UUID

from brugerbog.entrypoints.api.request_context import CommandOnUser, Question
from brugerbog.entrypoints.api.requests import DeclineReason
from brugerbog.entrypoints.api.responses.outcomes import Outcome, OutcomeWithCode
from brugerbog.entrypoints.api.responses.work import Notices
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["anonymity"])


@router.get("/notices", response_model=Notices)
def notices(ask: Question) -> object:
    """The requests that nobody has answered, the oldest first."""
    return {"notices": ask.queries.notices(ask.actor)}


@router.post("/users/{user_id:uuid}/approve-anonymity", response_model=OutcomeWithCode)
def approve_anonymity(give: CommandOnUser, user_id: UUID) -> object:
    """Make the user anew, anonymous, and delete the old one; `subject` is the new user."""
    return give.on(user_id).approve_anonymity(give.actor, user_id, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/decline-anonymity", response_model=Outcome)
def decline_anonymity(give: CommandOnUser, user_id: UUID, said: DeclineReason) -> object:
    """Let the user stay as he is, and tell him why by mail."""
    return give.on(user_id).decline_anonymity(give.actor, user_id, said.reason, command_id=give.command_id)
