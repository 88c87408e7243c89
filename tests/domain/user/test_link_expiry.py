"""The schedule records once that a link was not used in its 30 days; nothing else changes."""

from datetime import timedelta

import pytest

from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from tests.domain.conftest import Given, Then, When
from tests.given import (
    Scenario,
    Step,
    a_user,
    activated,
    an_imported_user,
    deleted,
    given_a_new_code,
    link_expired,
    moment,
    resent,
    today,
)

UNTIL = moment("2026-04-19T12:00:00+02:00")
MICROSECOND = timedelta(microseconds=1)
LONG_AFTER = today("2027-01-01")


def expire(when: When, user: User, away: int = 0) -> object:
    generation = user.link.generation if user.link else 1
    return when(User.expire_link, generation + away)


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=400)])
def test_an_unused_link_expires(
    late: timedelta, given: Given, when: When, then: Then, scenario: Scenario
) -> None:
    user = given(a_user())
    scenario.now = UNTIL + late
    assert expire(when, user) is True
    assert then(User.ActivationLinkExpired).link_has_expired


def test_a_user_whose_link_has_expired_still_awaits_activation(given: Given) -> None:
    assert given(a_user(), link_expired).status_at(UNTIL) is Status.PENDING


def test_a_link_does_not_expire_before_its_time(
    given: Given, when: When, then_nothing_happened: Then, scenario: Scenario
) -> None:
    user = given(a_user())
    scenario.now = UNTIL - MICROSECOND
    assert expire(when, user) is False
    then_nothing_happened()


@pytest.mark.parametrize(
    "steps",
    [
        [a_user(), link_expired],
        [a_user(), activated],
        [a_user(), link_expired, activated],
        [a_user(), deleted(retention_days=30)],
        [a_user(), deleted()],
        [an_imported_user()],
    ],
    ids=["expired already", "used", "activated late", "deleted", "erased", "never issued"],
)
def test_there_may_be_no_link_left_to_expire(
    steps: list[Step], given: Given, when: When, then_nothing_happened: Then
) -> None:
    user = given(*steps, LONG_AFTER)
    assert expire(when, user) is False
    then_nothing_happened()


@pytest.mark.parametrize("again", [resent, given_a_new_code])
@pytest.mark.parametrize("before", [[], [link_expired]], ids=["in time", "after it had expired"])
def test_expiry_planned_for_a_void_link_has_no_effect(
    before: list[Step], again: Step, given: Given, when: When, then_nothing_happened: Then
) -> None:
    planned = given(a_user(), *before).link.generation
    given(again, LONG_AFTER)
    assert when(User.expire_link, planned) is False
    then_nothing_happened()


@pytest.mark.parametrize("again", [resent, given_a_new_code])
def test_the_next_link_expires_too(again: Step, given: Given, when: When, then: Then) -> None:
    user = given(a_user(), link_expired, again, LONG_AFTER)
    assert expire(when, user) is True
    then(User.ActivationLinkExpired)


@pytest.mark.parametrize("away", [-1, 1])
def test_expiry_is_recorded_only_for_the_generation_it_was_planned_for(
    away: int, given: Given, when: When, then_nothing_happened: Then
) -> None:
    user = given(a_user(), LONG_AFTER)
    assert expire(when, user, away) is False
    then_nothing_happened()
