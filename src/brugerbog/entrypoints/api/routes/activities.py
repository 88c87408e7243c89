"""What services report that users have done there."""

from __future__ import annotations

from brugerbog.entrypoints.api.problems import problem_of
from brugerbog.entrypoints.api.request_context import ApiCommandDep
from brugerbog.entrypoints.api.requests import ActivityReports
from brugerbog.entrypoints.api.responses.work import ActivitiesReceipt
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["activities"])


@router.post("/activities", response_model=ActivitiesReceipt)
def record_activities(command: ApiCommandDep, body: ActivityReports) -> object:
    """Record activities, each once: a repeat is recognised by its reference, in any order."""
    receipt = command.administration.record_activities(
        command.actor,
        body.reporter,
        [activity.to_input() for activity in body.activities],
        command_id=command.command_id,
    )
    outcomes = [
        {"outcome": one.outcome, "refusal": one.refusal and problem_of(one.refusal)}
        for one in receipt.outcomes
    ]
    return {"position": receipt.position, "outcomes": outcomes}
