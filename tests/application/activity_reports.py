"""Activity reports of a service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from brugerbog.application.commands.activities import ActivitiesReceipt
from brugerbog.application.commands.activity_report import ActivityReport
from tests.clock import NOON
from tests.org_driver import OrgDriver


def activity_report(
    user_id: UUID,
    reference: str = "1",
    at: datetime = NOON,
    **fields: Any,  # noqa: ANN401 - any field of a report
) -> ActivityReport:
    """Return a report, by default of a login at a public service."""
    defaults = {"transaction": "Log ind", "service_provider": "Prøveborger", "service_type": "public"}
    return ActivityReport(user_id=user_id, occurred_at=at, reference=reference, **defaults | fields)


def record_reports(org: OrgDriver, *reports: ActivityReport, reporter: str = "nemlogin") -> ActivitiesReceipt:
    return org.administration.record_activities(org.actor, reporter, reports)


def outcomes(org: OrgDriver, *reports: ActivityReport, reporter: str = "nemlogin") -> list[str]:
    return [report.outcome for report in record_reports(org, *reports, reporter=reporter).outcomes]


def refusal_of(org: OrgDriver, report: ActivityReport) -> Any:  # noqa: ANN401 - any refusal
    """Return the refusal of a report that must be refused."""
    (outcome,) = record_reports(org, report).outcomes
    assert outcome.outcome == "refused"
    return outcome.refusal
