"""The schedule records the end of a deactivation once, on the day after its last."""

import pytest

from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from tests.domain.conftest import Given, Then, When
from tests.given import (
    Scenario,
    Step,
    a_user,
    activated,
    deactivated,
    deleted,
    now,
    reactivated,
    today,
)

AWAY = deactivated("2026-03-20", "2026-03-28")
LONG_AFTER = today("2027-01-01")


def period_ended(scenario: Scenario) -> None:
    scenario.execute(User.end_period, scenario.aggregate.period_generation)


@pytest.mark.parametrize("instant", ["2026-03-29T00:00:00+01:00", "2027-01-01T12:00:00+01:00"])
def test_a_period_ends_on_the_day_after_its_last(
    instant: str, given: Given, when: When, then: Then, scenario: Scenario
) -> None:
    user = given(a_user(), activated, AWAY, now(instant))
    assert when(User.end_period, user.period_generation) is True
    assert then(User.Reactivated).status_at(scenario.now) is Status.ACTIVE


def test_a_period_does_not_end_on_its_last_day(given: Given, when: When, then_nothing_happened: Then) -> None:
    user = given(a_user(), activated, AWAY, now("2026-03-28T23:59:59.999999+01:00"))
    assert when(User.end_period, user.period_generation) is False
    then_nothing_happened()


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [AWAY, reactivated],
        [AWAY, LONG_AFTER, period_ended],
        [deactivated("2026-03-20")],
        [AWAY, deleted()],
        [AWAY, deleted(retention_days=30)],
    ],
    ids=["never away", "back early", "ended already", "open-ended", "deleted", "deleted and kept"],
)
def test_there_may_be_no_period_left_to_end(
    steps: list[Step], given: Given, when: When, then_nothing_happened: Then
) -> None:
    user = given(a_user(), activated, *steps, LONG_AFTER)
    assert when(User.end_period, user.period_generation) is False
    then_nothing_happened()


@pytest.mark.parametrize(
    "steps", [[], [reactivated], [today("2026-03-29"), period_ended]], ids=["replaced", "cancelled", "ended"]
)
def test_an_end_planned_for_an_earlier_period_has_no_effect(
    steps: list[Step], given: Given, when: When, then_nothing_happened: Then
) -> None:
    planned = given(a_user(), activated, AWAY).period_generation
    given(*steps, deactivated("2026-04-01", "2026-04-02"), LONG_AFTER)
    assert when(User.end_period, planned) is False
    then_nothing_happened()


def test_the_next_period_ends_too(given: Given, when: When, then: Then) -> None:
    after = (LONG_AFTER, period_ended, deactivated("2027-01-02", "2027-01-03"), today("2027-01-04"))
    user = given(a_user(), activated, AWAY, *after)
    assert when(User.end_period, user.period_generation) is True
    then(User.Reactivated)


@pytest.mark.parametrize("away", [-1, 1])
def test_the_end_is_recorded_only_for_the_generation_it_was_planned_for(
    away: int, given: Given, when: When, then_nothing_happened: Then
) -> None:
    user = given(a_user(), activated, AWAY, LONG_AFTER)
    assert when(User.end_period, user.period_generation + away) is False
    then_nothing_happened()
