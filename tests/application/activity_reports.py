"""Reports of what somebody has done at a service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from brugerbog.application.commands.activities import ActivitiesReceipt
from brugerbog.application.commands.activity_report import ActivityReport
from tests.clock import NOON
from tests.journeys.town import Town


def a_report(user_id: UUID, reference: str = "1", at: datetime = NOON, **said: Any) -> ActivityReport:  # noqa: ANN401
    """A log-in at a public service, unless something else is said."""
    told = {"transaction": "Log ind", "service_provider": "Prøveborger", "service_type": "public"}
    return ActivityReport(user_id=user_id, occurred_at=at, reference=reference, **told | said)


def take_in(town: Town, *reports: ActivityReport, reporter: str = "nemlogin") -> ActivitiesReceipt:
    return town.administration.record_activities(town.actor, reporter, reports)


def outcomes(town: Town, *reports: ActivityReport, reporter: str = "nemlogin") -> list[str]:
    return [one.outcome for one in take_in(town, *reports, reporter=reporter).outcomes]


def refusal_of(town: Town, report: ActivityReport) -> Any:  # noqa: ANN401 - any refusal
    """The refusal of one report that must be refused."""
    (outcome,) = take_in(town, report).outcomes
    assert outcome.outcome == "refused"
    return outcome.refusal
