"""Previews of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.entrypoints.api.problems import problem_of
from brugerbog.entrypoints.api.request_context import ApiQueryDep
from brugerbog.entrypoints.api.requests import SendingToPlan, UserIds, UserIdsAndPeriod
from brugerbog.entrypoints.api.responses.users import Foresight, PlannedSending
from brugerbog.entrypoints.http.routing import Router

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from brugerbog.domain.kernel.refusals import Refusal

router = Router(prefix="/foresight", tags=["foresight"])


@router.post("/sending", response_model=PlannedSending)
def sending(query: ApiQueryDep, body: SendingToPlan) -> object:
    """Preview sending these users, or all imported users, to activation now."""
    return query.queries.sending(query.actor, body.user_ids, means=body.means)


@router.post("/resending", response_model=Foresight)
def resending(query: ApiQueryDep, body: UserIds) -> object:
    """Preview resending the activation mail: for each user, the refusal if there would be one."""
    return _preview_of(query.queries.resending(query.actor, body.user_ids))


@router.post("/deactivating", response_model=Foresight)
def deactivating(query: ApiQueryDep, body: UserIdsAndPeriod) -> object:
    """Preview deactivation in a period: for each user, the refusal if there would be one."""
    return _preview_of(
        query.queries.deactivating(query.actor, body.user_ids, from_date=body.from_date, to_date=body.to_date)
    )


@router.post("/deleting", response_model=Foresight)
def deleting(query: ApiQueryDep, body: UserIds) -> object:
    """Preview deletion: for each user, the refusal if there would be one."""
    return _preview_of(query.queries.deleting(query.actor, body.user_ids))


def _preview_of(refusals: Mapping[UUID, Refusal | None]) -> object:
    return {
        "users": [
            {"user_id": user_id, "refusal": refusal and problem_of(refusal)}
            for user_id, refusal in refusals.items()
        ]
    }
