"""Lists as of another moment: what was listed then, and what will be."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brugerbog.application.queries.user_list import DELETED_USER, Sort, UserView
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.values.status import Status
from tests.application.queries.replayed_lists import listed_then
from tests.clock import NOON
from tests.given import SE_NUMBER
from tests.journeys.random_steps import STEPS, Step, StepExecutor
from tests.org_driver import OrgDriver

MICROSECOND = timedelta(microseconds=1)
ONE_DAY = timedelta(1)
TODAY = date(2026, 3, 20)


def test_a_user_is_unknown_before_creation(org: OrgDriver) -> None:
    before = org.clock.now()
    org.clock.advance(MICROSECOND)
    user_id = org.create()

    with pytest.raises(UserUnknown):
        org.queries.user(org.actor, user_id, at=before)
    assert org.users(at=before) == []
    assert org.ids(at=org.clock.now()) == [user_id]


def test_a_past_list_equals_the_list_at_that_time(settled_org: OrgDriver) -> None:
    then, was = settled_org.clock.now(), {sort: settled_org.users(sort=sort) for sort in Sort}
    settled_org.clock.advance(MICROSECOND)
    for user_id in settled_org.ids()[:3]:
        settled_org.edit(user_id, first_name="Xenia", se_number=SE_NUMBER)
    settled_org.create("Ny")

    assert {sort: settled_org.users(sort=sort, at=then) for sort in Sort} == was
    assert {sort: settled_org.users(sort=sort) for sort in Sort} != was


def test_a_past_list_has_no_names_of_erased_users(org: OrgDriver) -> None:
    org.create("Åse", email="aase@by.test")
    ida = org.create("Ida")
    then = org.clock.now()
    org.clock.advance(MICROSECOND)
    org.delete(ida)

    assert sorted(org.names(at=then)) == ["Slettet bruger", "Åse"]
    assert org.names(at=then, search="ida") == []
    assert org.ids(at=then, search=str(ida)) == [ida]


def test_an_instant_may_be_in_any_time_zone(org: OrgDriver) -> None:
    org.create()
    tokyo = datetime.fromisoformat("2026-03-20T20:00:00+09:00")
    assert tokyo == NOON

    assert org.names(at=tokyo) == ["Ida"]
    assert org.names(at=tokyo - MICROSECOND) == []


def test_a_future_list_evaluates_current_data_on_that_day(settled_org: OrgDriver) -> None:
    active = settled_org.ids(status=Status.ACTIVE)[0]
    settled_org.deactivate(active, TODAY + 3 * ONE_DAY, TODAY + 4 * ONE_DAY)
    moments = [settled_org.clock.now() + timedelta(days) for days in range(7)]
    foretold = [settled_org.users(at=moment, sort=Sort.STATUS) for moment in moments]

    for moment, expected in zip(moments, foretold, strict=True):
        settled_org.clock.set_to(moment)
        assert settled_org.users(sort=Sort.STATUS) == expected


@settings(max_examples=15)
@given(steps=st.lists(STEPS, min_size=6, max_size=20), keeps=st.booleans())
def test_each_past_list_equals_the_list_recorded_then(
    make_org: Callable[..., OrgDriver],
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Step],
    *,
    keeps: bool,
) -> None:
    org = make_org(erasure_retention_days=30 if keeps else 0)
    listed = _lists_after_each(org, steps, tmp_path_factory.getbasetemp())
    everybody = {user.id for users in listed.values() for user in users}
    deleted = everybody - set(org.ids())
    # Steps may pass the 30 days of retention, so that kept users are erased too.
    erased = {one for one in deleted if not keeps or org.show(one).first_name == DELETED_USER}

    for then, was in listed.items():
        again = org.users(sort=Sort.STATUS, at=then)
        assert _told_of(again, erased) == _told_of(was, erased)
        assert erased or again == was
        for user in again:
            assert org.queries.user(org.actor, user.id, at=then) == user


@settings(max_examples=25)
@given(
    steps=st.lists(STEPS, min_size=6, max_size=30),
    behind=st.lists(st.integers(0, 90), min_size=30, max_size=30),
    keeps=st.booleans(),
    chosen=st.data(),
)
def test_a_past_list_equals_the_replayed_log_though_clocks_disagree(
    make_org: Callable[..., OrgDriver],
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Step],
    behind: list[int],
    chosen: st.DataObject,
    *,
    keeps: bool,
) -> None:
    org = make_org(erasure_retention_days=30 if keeps else 0)
    executor, moments = StepExecutor(org, tmp_path_factory.getbasetemp()), [org.clock.now()]
    for step, hours in zip(steps, behind, strict=False):
        right = org.clock.now()
        org.clock.set_to(max(NOON, right - timedelta(hours=hours if hours % 3 == 0 else 0)))
        executor.execute(step)
        moments.append(org.clock.now())
        org.clock.set_to(max(right, org.clock.now()))

    for then in moments:
        asked = {
            "sort": chosen.draw(st.sampled_from(Sort)),
            "status": chosen.draw(st.none() | st.sampled_from(Status)),
            "search": chosen.draw(st.sampled_from(["", "a", "b import"])),
        }
        for at in (then - MICROSECOND, then):
            assert org.users(at=at, **asked) == listed_then(org, at, **asked)


def test_pages_of_a_past_list_are_complete(settled_org: OrgDriver) -> None:
    then = settled_org.clock.now()
    settled_org.clock.advance(MICROSECOND)
    for user_id in settled_org.ids()[::2]:
        settled_org.edit(user_id, surname="Ændret")

    for sort in Sort:
        page, found = settled_org.page(at=then, sort=sort, limit=2), list[UserView]()
        while page.next:
            found += page.users
            page = settled_org.page(at=then, sort=sort, limit=2, after=page.next)
        assert [*found, *page.users] == listed_then(settled_org, then, sort=sort)


def _lists_after_each(org: OrgDriver, steps: list[Step], folder: Path) -> dict[datetime, list[UserView]]:
    executor, listed = StepExecutor(org, folder), {}
    for step in steps:
        executor.execute(step)
        listed[org.clock.now()] = org.users(sort=Sort.STATUS)
    return listed


def _told_of(users: list[UserView], erased: set[UUID]) -> dict[UUID, object]:
    """Return each user's view; of erased users, what isn't personal."""
    return {
        user.id: (user.status, user.means, user.anonymous, user.created_at, user.deactivated_from)
        if user.id in erased
        else user
        for user in users
    }
