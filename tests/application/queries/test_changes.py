"""The feed of changes: every change once, in order, and nothing of anybody but ids."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from brugerbog.application.refusals.requests import LimitOutOfRange
from tests.application.activity_reports import activity_report, record_reports
from tests.org_driver import Town, found, open_town


@pytest.fixture
def town(prepared_url: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(prepared_url, tmp_path) as town:
        yield town


def test_each_change_is_in_the_feed_once_and_in_order(town: Town) -> None:
    user_id = town.create("Ida")
    town.edit(user_id, phone="12345678")
    told, after = [], 0
    while True:
        page = town.queries.changes(town.actor, after=after, limit=2)
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
    assert town.queries.changes(town.actor, after=after).changes == []


def test_readings_activities_and_other_organisations_are_not_in_the_feed(town: Town) -> None:
    user_id = town.create_active("Ida")
    seen = town.queries.changes(town.actor, limit=1000).position
    record_reports(town, activity_report(user_id))
    town.queries.audit_log(town.actor)
    found(town.service, town.clock, cvr="90000002").create("Fremmed")
    page = town.queries.changes(town.actor, after=seen)
    assert (page.changes, page.position, page.more) == ([], seen, False)
    assert town.queries.position() > seen


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_one_to_a_thousand_changes(town: Town, limit: int) -> None:
    with pytest.raises(LimitOutOfRange):
        town.queries.changes(town.actor, limit=limit)
