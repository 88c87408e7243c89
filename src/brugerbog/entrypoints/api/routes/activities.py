"""What services report that users have done there."""

from __future__ import annotations

from brugerbog.entrypoints.api.problems import problem_of
from brugerbog.entrypoints.api.request_context import Command
from brugerbog.entrypoints.api.requests import ActivityReports
from brugerbog.entrypoints.api.responses.work import ActivitiesReceipt
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["activities"])


@router.post("/activities", response_model=ActivitiesReceipt)
def record_activities(give: Command, said: ActivityReports) -> object:
    """Take in reports, each once: one that comes again is known by its reference, whatever the order."""
    receipt = give.administration.record_activities(
        give.actor, said.reporter, [one.read() for one in said.activities], command_id=give.command_id
    )
    outcomes = [
        {"outcome": one.outcome, "refusal": one.refusal and problem_of(one.refusal)}
        for one in receipt.outcomes
    ]
    return {"position": receipt.position, "outcomes": outcomes}
