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
from tests.org_driver import Town

MICROSECOND = timedelta(microseconds=1)
ONE_DAY = timedelta(1)
TODAY = date(2026, 3, 20)


def test_a_user_is_unknown_before_creation(town: Town) -> None:
    before = town.clock.now()
    town.clock.advance(MICROSECOND)
    user_id = town.create()

    with pytest.raises(UserUnknown):
        town.queries.user(town.actor, user_id, at=before)
    assert town.users(at=before) == []
    assert town.ids(at=town.clock.now()) == [user_id]


def test_a_past_list_equals_the_list_at_that_time(settled_town: Town) -> None:
    then, was = settled_town.clock.now(), {sort: settled_town.users(sort=sort) for sort in Sort}
    settled_town.clock.advance(MICROSECOND)
    for user_id in settled_town.ids()[:3]:
        settled_town.edit(user_id, first_name="Xenia", se_number=SE_NUMBER)
    settled_town.create("Ny")

    assert {sort: settled_town.users(sort=sort, at=then) for sort in Sort} == was
    assert {sort: settled_town.users(sort=sort) for sort in Sort} != was


def test_a_past_list_has_no_names_of_erased_users(town: Town) -> None:
    town.create("Åse", email="aase@by.test")
    ida = town.create("Ida")
    then = town.clock.now()
    town.clock.advance(MICROSECOND)
    town.delete(ida)

    assert sorted(town.names(at=then)) == ["Slettet bruger", "Åse"]
    assert town.names(at=then, search="ida") == []
    assert town.ids(at=then, search=str(ida)) == [ida]


def test_an_instant_may_be_in_any_time_zone(town: Town) -> None:
    town.create()
    tokyo = datetime.fromisoformat("2026-03-20T20:00:00+09:00")
    assert tokyo == NOON

    assert town.names(at=tokyo) == ["Ida"]
    assert town.names(at=tokyo - MICROSECOND) == []


def test_a_future_list_evaluates_current_data_on_that_day(settled_town: Town) -> None:
    active = settled_town.ids(status=Status.ACTIVE)[0]
    settled_town.deactivate(active, TODAY + 3 * ONE_DAY, TODAY + 4 * ONE_DAY)
    moments = [settled_town.clock.now() + timedelta(days) for days in range(7)]
    foretold = [settled_town.users(at=moment, sort=Sort.STATUS) for moment in moments]

    for moment, expected in zip(moments, foretold, strict=True):
        settled_town.clock.set_to(moment)
        assert settled_town.users(sort=Sort.STATUS) == expected


@settings(max_examples=15)
@given(steps=st.lists(STEPS, min_size=6, max_size=20), keeps=st.booleans())
def test_each_past_list_equals_the_list_recorded_then(
    found_town: Callable[..., Town],
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Step],
    *,
    keeps: bool,
) -> None:
    town = found_town(erasure_retention_days=30 if keeps else 0)
    listed = _lists_after_each(town, steps, tmp_path_factory.getbasetemp())
    everybody = {user.id for users in listed.values() for user in users}
    deleted = everybody - set(town.ids())
    # Steps may pass the 30 days of retention, so that kept users are erased too.
    erased = {one for one in deleted if not keeps or town.show(one).first_name == DELETED_USER}

    for then, was in listed.items():
        again = town.users(sort=Sort.STATUS, at=then)
        assert _told_of(again, erased) == _told_of(was, erased)
        assert erased or again == was
        for user in again:
            assert town.queries.user(town.actor, user.id, at=then) == user


@settings(max_examples=25)
@given(
    steps=st.lists(STEPS, min_size=6, max_size=30),
    behind=st.lists(st.integers(0, 90), min_size=30, max_size=30),
    keeps=st.booleans(),
    chosen=st.data(),
)
def test_a_past_list_equals_the_replayed_log_though_clocks_disagree(
    found_town: Callable[..., Town],
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Step],
    behind: list[int],
    chosen: st.DataObject,
    *,
    keeps: bool,
) -> None:
    town = found_town(erasure_retention_days=30 if keeps else 0)
    executor, moments = StepExecutor(town, tmp_path_factory.getbasetemp()), [town.clock.now()]
    for step, hours in zip(steps, behind, strict=False):
        right = town.clock.now()
        town.clock.set_to(max(NOON, right - timedelta(hours=hours if hours % 3 == 0 else 0)))
        executor.execute(step)
        moments.append(town.clock.now())
        town.clock.set_to(max(right, town.clock.now()))

    for then in moments:
        asked = {
            "sort": chosen.draw(st.sampled_from(Sort)),
            "status": chosen.draw(st.none() | st.sampled_from(Status)),
            "search": chosen.draw(st.sampled_from(["", "a", "b import"])),
        }
        for at in (then - MICROSECOND, then):
            assert town.users(at=at, **asked) == listed_then(town, at, **asked)


def test_pages_of_a_past_list_are_complete(settled_town: Town) -> None:
    then = settled_town.clock.now()
    settled_town.clock.advance(MICROSECOND)
    for user_id in settled_town.ids()[::2]:
        settled_town.edit(user_id, surname="Ændret")

    for sort in Sort:
        page, found = settled_town.page(at=then, sort=sort, limit=2), list[UserView]()
        while page.next:
            found += page.users
            page = settled_town.page(at=then, sort=sort, limit=2, after=page.next)
        assert [*found, *page.users] == listed_then(settled_town, then, sort=sort)


def _lists_after_each(town: Town, steps: list[Step], folder: Path) -> dict[datetime, list[UserView]]:
    executor, listed = StepExecutor(town, folder), {}
    for step in steps:
        executor.execute(step)
        listed[town.clock.now()] = town.users(sort=Sort.STATUS)
    return listed


def _told_of(users: list[UserView], erased: set[UUID]) -> dict[UUID, object]:
    """Return each user's view; of erased users, what isn't personal."""
    return {
        user.id: (user.status, user.means, user.anonymous, user.created_at, user.deactivated_from)
        if user.id in erased
        else user
        for user in users
    }
