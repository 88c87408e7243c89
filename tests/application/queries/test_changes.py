"""The feed of changes: every change once, in order, and nothing of anybody but ids."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from brugerbog.application.refusals.requests import LimitOutOfRange
from tests.application.activity_reports import activity_report, record_reports
from tests.org_driver import OrgDriver, open_org, register_org


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path) as org:
        yield org


def test_each_change_is_in_the_feed_once_and_in_order(org: OrgDriver) -> None:
    user_id = org.create("Ida")
    org.edit(user_id, phone="12345678")
    told, after = [], 0
    while True:
        page = org.queries.changes(org.actor, after=after, limit=2)
        told += page.changes
        after = page.position
        if not page.more:
            break
    assert [one.kind for one in told] == [
        "organisation.registered", "user.created", "user.activation_mail_issued",
        "user.activation_code_issued", "user.contact_changed",
    ]  # fmt: skip
    assert [one.user_id for one in told] == [None, *[user_id] * 4]
    assert [one.position for one in told] == sorted({one.position for one in told})
    assert org.queries.changes(org.actor, after=after).changes == []


def test_readings_activities_and_other_organisations_are_not_in_the_feed(org: OrgDriver) -> None:
    user_id = org.create_active("Ida")
    seen = org.queries.changes(org.actor, limit=1000).position
    record_reports(org, activity_report(user_id))
    org.queries.audit_log(org.actor)
    register_org(org.service, org.clock, cvr="90000002").create("Fremmed")
    page = org.queries.changes(org.actor, after=seen)
    assert (page.changes, page.position, page.more) == ([], seen, False)
    assert org.queries.position() > seen


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_one_to_a_thousand_changes(org: OrgDriver, limit: int) -> None:
    with pytest.raises(LimitOutOfRange):
        org.queries.changes(org.actor, limit=limit)
