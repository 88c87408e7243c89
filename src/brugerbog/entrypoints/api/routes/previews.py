"""What would come of a command, asked before it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.entrypoints.api.problems import problem_of
from brugerbog.entrypoints.api.request_context import Question
from brugerbog.entrypoints.api.requests import SendingToPlan, UserIds, UserIdsAndPeriod
from brugerbog.entrypoints.api.responses.users import Foresight, PlannedSending
from brugerbog.entrypoints.http.routing import Router

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from brugerbog.domain.kernel.refusals import Refusal

router = Router(prefix="/foresight", tags=["foresight"])


@router.post("/sending", response_model=PlannedSending)
def sending(ask: Question, said: SendingToPlan) -> object:
    """Exactly what sending these users, or all who wait, to activation would do now."""
    return ask.queries.sending(ask.actor, said.user_ids, means=said.means)


@router.post("/resending", response_model=Foresight)
def resending(ask: Question, said: UserIds) -> object:
    """Why each can't have his activation mail again, if he can't."""
    return _told(ask.queries.resending(ask.actor, said.user_ids))


@router.post("/deactivating", response_model=Foresight)
def deactivating(ask: Question, said: UserIdsAndPeriod) -> object:
    """Why each can't be deactivated between these days, if he can't."""
    return _told(
        ask.queries.deactivating(ask.actor, said.user_ids, from_date=said.from_date, to_date=said.to_date)
    )


@router.post("/deleting", response_model=Foresight)
def deleting(ask: Question, said: UserIds) -> object:
    """Why each can't be deleted, if he can't."""
    return _told(ask.queries.deleting(ask.actor, said.user_ids))


def _told(foreseen: Mapping[UUID, Refusal | None]) -> object:
    return {
        "users": [
            {"user_id": user_id, "refusal": refusal and problem_of(refusal)}
            for user_id, refusal in foreseen.items()
        ]
    }
