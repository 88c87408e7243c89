from datetime import date, timedelta

import pytest

from brugerbog.domain.user.refusals import (
    AlreadyDeleted,
    CannotDeactivateOneself,
    FromDateInThePast,
    NeverActivated,
    NotDeactivated,
    ToDateBeforeFromDate,
)
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from tests.domain.conftest import Given, Then, When
from tests.given import (
    NOON,
    USER,
    Scenario,
    Step,
    a_user,
    activated,
    an_imported_user,
    deactivated,
    deleted,
    moment,
    now,
    reactivated,
    today,
)

TODAY = date(2026, 3, 20)
YESTERDAY, TOMORROW = TODAY - timedelta(1), TODAY + timedelta(1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def active(given: Given) -> User:
    user: User = given(a_user(), activated)
    return user


@pytest.mark.usefixtures("active")
def test_a_user_is_deactivated_from_one_day_to_another(when: When, then: Then) -> None:
    when(User.deactivate, from_date=TODAY, to_date=TOMORROW)
    then((User.Deactivated, {"from_date": TODAY, "to_date": TOMORROW, "replaced_from_date": None}))


def test_a_user_deactivated_from_today_is_inactive_at_once(given: Given) -> None:
    user = given(a_user(), activated, deactivated("2026-03-20"))
    assert user.status_at(NOON) is Status.DEACTIVATED


def test_a_user_deactivated_from_tomorrow_is_active_until_then(given: Given) -> None:
    user = given(a_user(), activated, deactivated("2026-03-21"))
    midnight = moment("2026-03-21T00:00:00+01:00")
    assert user.status_at(midnight - MICROSECOND) is Status.ACTIVE
    assert user.status_at(midnight) is Status.DEACTIVATED


def test_a_deactivated_user_is_active_again_the_day_after_to_date(given: Given) -> None:
    user = given(a_user(), activated, deactivated("2026-03-20", "2026-03-22"))
    midnight = moment("2026-03-23T00:00:00+01:00")
    assert user.status_at(midnight - MICROSECOND) is Status.DEACTIVATED
    assert user.status_at(midnight) is Status.ACTIVE


def test_a_user_can_be_inactive_for_one_day_only(given: Given) -> None:
    user = given(a_user(), activated, deactivated("2026-03-21", "2026-03-21"))
    days = [user.status_at(moment(f"2026-03-{day}T12:00:00+01:00")) for day in (20, 21, 22)]
    assert days == [Status.ACTIVE, Status.DEACTIVATED, Status.ACTIVE]


def test_a_deactivation_without_to_date_lasts_until_further_notice(given: Given) -> None:
    user = given(a_user(), activated, deactivated("2026-03-20"))
    assert user.status_at(moment("2126-03-20T00:00:00+01:00")) is Status.DEACTIVATED


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-03-28", "2026-03-28T00:00:00+01:00", "2026-03-28T23:59:59.999999+01:00"),
        ("2026-03-29", "2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59.999999+02:00"),
        ("2026-03-30", "2026-03-30T00:00:00+02:00", "2026-03-30T23:59:59.999999+02:00"),
        ("2026-10-24", "2026-10-24T00:00:00+02:00", "2026-10-24T23:59:59.999999+02:00"),
        ("2026-10-25", "2026-10-25T00:00:00+02:00", "2026-10-25T23:59:59.999999+01:00"),
        ("2026-10-26", "2026-10-26T00:00:00+01:00", "2026-10-26T23:59:59.999999+01:00"),
    ],
)
def test_a_day_of_deactivation_lasts_from_midnight_to_midnight_in_copenhagen(
    day: str, first: str, last: str, given: Given
) -> None:
    user = given(a_user(), activated, deactivated(day, day))
    begins, ends = moment(first), moment(last)
    assert user.status_at(begins - MICROSECOND) is Status.ACTIVE
    assert user.status_at(begins) is user.status_at(ends) is Status.DEACTIVATED
    assert user.status_at(ends + MICROSECOND) is Status.ACTIVE


@pytest.mark.parametrize("hour", ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"])
def test_the_hour_repeated_in_october_is_inactive_both_times(hour: str, given: Given) -> None:
    user = given(a_user(), activated, deactivated("2026-10-25", "2026-10-25"))
    assert user.status_at(moment(hour)) is Status.DEACTIVATED


@pytest.mark.usefixtures("active")
def test_a_deactivation_cannot_begin_in_the_past(when: When, then_refused: Then) -> None:
    when(User.deactivate, from_date=YESTERDAY, to_date=None)
    then_refused(FromDateInThePast, from_date=YESTERDAY)


@pytest.mark.parametrize(
    ("instant", "past", "present"),
    [
        ("2026-03-29T00:00:00+01:00", "2026-03-28", "2026-03-29"),
        ("2026-03-29T23:59:59.999999+02:00", "2026-03-28", "2026-03-29"),
        ("2026-10-25T00:00:00+02:00", "2026-10-24", "2026-10-25"),
        ("2026-10-25T23:59:59.999999+01:00", "2026-10-24", "2026-10-25"),
        ("2026-06-30T22:00:00+00:00", "2026-06-30", "2026-07-01"),
    ],
)
def test_today_is_the_day_in_copenhagen(  # noqa: PLR0917 - a table of cases
    instant: str, past: str, present: str, given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), activated, now(instant), deactivated(present))
    when(User.deactivate, from_date=date.fromisoformat(past), to_date=None)
    then_refused(FromDateInThePast)


@pytest.mark.usefixtures("active")
def test_the_last_day_cannot_come_before_the_first(when: When, then_refused: Then) -> None:
    when(User.deactivate, from_date=TOMORROW, to_date=TODAY)
    then_refused(ToDateBeforeFromDate, from_date=TOMORROW, to_date=TODAY)


@pytest.mark.parametrize("enter", [a_user, an_imported_user])
def test_a_user_who_was_never_activated_cannot_be_deactivated(
    enter: Given, given: Given, when: When, then_refused: Then
) -> None:
    given(enter())
    when(User.deactivate, from_date=TODAY, to_date=None)
    then_refused(NeverActivated, user_id=USER)


def test_users_cannot_deactivate_themselves(
    given: Given, when: When, then_refused: Then, scenario: Scenario
) -> None:
    given(a_user(), activated)
    scenario.actor = USER
    when(User.deactivate, from_date=TODAY, to_date=None)
    then_refused(CannotDeactivateOneself, user_id=USER)


def test_a_second_deactivation_replaces_the_first_and_records_its_days(
    given: Given, when: When, then: Then
) -> None:
    given(a_user(), activated, deactivated("2026-03-21", "2026-03-25"))
    when(User.deactivate, from_date=TODAY, to_date=None)
    first = {"replaced_from_date": date(2026, 3, 21), "replaced_to_date": date(2026, 3, 25)}
    then((User.Deactivated, {"from_date": TODAY, "to_date": None, **first}))


def test_a_replaced_deactivation_has_no_effect(given: Given) -> None:
    user = given(
        a_user(), activated, deactivated("2026-03-21", "2026-03-22"), deactivated("2026-04-01", "2026-04-02")
    )
    assert user.status_at(moment("2026-03-21T12:00:00+01:00")) is Status.ACTIVE
    assert user.status_at(moment("2026-04-01T12:00:00+02:00")) is Status.DEACTIVATED


def test_a_replaced_deactivation_without_to_date_is_recorded(given: Given, when: When, then: Then) -> None:
    given(a_user(), activated, deactivated("2026-03-20"))
    when(User.deactivate, from_date=TODAY, to_date=TOMORROW)
    then((User.Deactivated, {"replaced_from_date": TODAY, "replaced_to_date": None}))


def test_a_deactivation_that_is_over_is_not_replaced(given: Given, when: When, then: Then) -> None:
    given(a_user(), activated, deactivated("2026-03-20", "2026-03-20"), today("2026-03-21"))
    when(User.deactivate, from_date=TOMORROW, to_date=None)
    then((User.Deactivated, {"replaced_from_date": None, "replaced_to_date": None}))


@pytest.mark.parametrize("day", ["2026-03-20", "2026-03-25", "2026-03-31"])
def test_the_same_period_again_records_nothing(
    day: str, given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(a_user(), activated, deactivated("2026-03-20", "2026-03-31"), today(day))
    when(User.deactivate, from_date=TODAY, to_date=date(2026, 3, 31))
    then_nothing_happened()


def test_the_same_period_is_refused_once_it_is_over(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), activated, deactivated("2026-03-20", "2026-03-31"), today("2026-04-01"))
    when(User.deactivate, from_date=TODAY, to_date=date(2026, 3, 31))
    then_refused(FromDateInThePast)


def test_the_same_period_after_it_was_cancelled_is_a_new_one(given: Given, when: When, then: Then) -> None:
    given(a_user(), activated, deactivated("2026-03-21"), reactivated)
    when(User.deactivate, from_date=TOMORROW, to_date=None)
    then((User.Deactivated, {"replaced_from_date": None}))


@pytest.mark.parametrize(
    "steps",
    [
        [deactivated("2026-03-20")],
        [deactivated("2026-03-20", "2026-03-31")],
        [deactivated("2026-03-21", "2026-03-31")],
        [deactivated("2026-03-20", "2026-03-24"), today("2026-03-24")],
    ],
    ids=["open-ended", "running", "to come", "on its last day"],
)
def test_a_deactivation_can_be_ended_early_or_cancelled(
    steps: list[Step], given: Given, when: When, then: Then
) -> None:
    given(a_user(), activated, *steps)
    when(User.reactivate)
    user = then(User.Reactivated)
    assert {user.status_at(NOON + timedelta(days)) for days in range(30)} == {Status.ACTIVE}


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [activated],
        [activated, deactivated("2026-03-20"), reactivated],
        [activated, deactivated("2026-03-20", "2026-03-20"), today("2026-03-21")],
    ],
    ids=["pending", "active", "reactivated", "over"],
)
def test_a_user_who_is_not_deactivated_cannot_be_reactivated(
    steps: list[Step], given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), *steps)
    when(User.reactivate)
    then_refused(NotDeactivated, user_id=USER)


def test_a_deleted_user_is_neither_deactivated_nor_reactivated(
    given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), activated, deactivated("2026-03-20"), deleted())
    when(User.deactivate, from_date=TODAY, to_date=None)
    then_refused(AlreadyDeleted, user_id=USER)
    when(User.reactivate)
    then_refused(AlreadyDeleted, user_id=USER)
