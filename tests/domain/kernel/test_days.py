from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.domain.kernel.days import COPENHAGEN, Period, danish_day, first_moment, same_time_after
from tests.given import moment

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
ONE_DAY, MICROSECOND = timedelta(1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (date(2026, 1, 15), "2026-01-14T23:00:00+00:00"),
        (date(2026, 3, 29), "2026-03-28T23:00:00+00:00"),
        (date(2026, 3, 30), "2026-03-29T22:00:00+00:00"),
        (date(2026, 10, 25), "2026-10-24T22:00:00+00:00"),
        (date(2026, 10, 26), "2026-10-25T23:00:00+00:00"),
    ],
)
def test_a_day_begins_at_midnight_in_copenhagen(day: date, begins: str) -> None:
    assert first_moment(day) == moment(begins)
    assert first_moment(day).tzinfo is UTC


def test_the_day_of_an_instant_does_not_depend_on_how_it_is_written() -> None:
    written = ["2026-06-30T22:00:00+00:00", "2026-07-01T00:00:00+02:00", "2026-06-30T12:00:00-10:00"]
    assert {danish_day(moment(text)) for text in written} == {date(2026, 7, 1)}


@given(DAYS)
def test_a_day_lasts_from_its_first_moment_until_the_next_day_s(day: date) -> None:
    begins, ends = first_moment(day), first_moment(day + ONE_DAY)
    assert danish_day(begins) == danish_day(ends - MICROSECOND) == day
    assert danish_day(begins - MICROSECOND) == day - ONE_DAY


def test_a_day_has_23_24_or_25_hours() -> None:
    days = (date(2026, 3, 29), date(2026, 7, 1), date(2026, 10, 25))
    hours = [(first_moment(day + ONE_DAY) - first_moment(day)) / timedelta(hours=1) for day in days]
    assert hours == [23, 24, 25]


# The same time on another day

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
NEAR_A_CHANGE = st.builds(
    lambda change, before, minutes: change - timedelta(before) + timedelta(minutes=minutes),
    st.sampled_from([moment("2026-03-29T01:00:00+00:00"), moment("2026-10-25T01:00:00+00:00")]),
    st.just(30),
    st.integers(-180, 180),
)


@pytest.mark.parametrize(
    ("instant", "after"),
    [
        ("2026-01-15T12:00:00+01:00", "2026-02-14T12:00:00+01:00"),
        ("2026-03-20T12:00:00+01:00", "2026-04-19T12:00:00+02:00"),
        ("2026-10-01T12:00:00+02:00", "2026-10-31T12:00:00+01:00"),
        ("2026-02-27T01:59:59.999999+01:00", "2026-03-29T01:59:59.999999+01:00"),
        ("2026-02-27T02:00:00+01:00", "2026-03-29T03:00:00+02:00"),
        ("2026-02-27T02:30:00+01:00", "2026-03-29T03:30:00+02:00"),
        ("2026-02-27T02:59:59.999999+01:00", "2026-03-29T03:59:59.999999+02:00"),
        ("2026-02-27T03:00:00+01:00", "2026-03-29T03:00:00+02:00"),
        ("2026-09-25T01:59:59.999999+02:00", "2026-10-25T01:59:59.999999+02:00"),
        ("2026-09-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"),
        ("2026-09-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
        ("2026-09-25T03:00:00+02:00", "2026-10-25T03:00:00+01:00"),
        ("2026-10-25T02:30:00+02:00", "2026-11-24T02:30:00+01:00"),
        ("2026-10-25T02:30:00+01:00", "2026-11-24T02:30:00+01:00"),
    ],
)
def test_thirty_days_later_the_clocks_of_copenhagen_show_the_same_time(instant: str, after: str) -> None:
    assert same_time_after(moment(instant), 30) == moment(after)
    assert same_time_after(moment(instant), 30).tzinfo is UTC


def test_how_an_instant_is_written_does_not_matter() -> None:
    written = ["2026-02-27T01:30:00+00:00", "2026-02-27T02:30:00+01:00", "2026-02-26T15:30:00-10:00"]
    assert len({same_time_after(datetime.fromisoformat(text), 30) for text in written}) == 1


def wall(instant: datetime) -> datetime:
    return instant.astimezone(COPENHAGEN).replace(tzinfo=None)


@given(INSTANTS | NEAR_A_CHANGE, st.just(30) | st.integers(0, 400))
def test_a_deadline_never_comes_earlier_than_announced(instant: datetime, days: int) -> None:
    promised, until = wall(instant) + timedelta(days), same_time_after(instant, days)
    assert wall(until) >= promised
    before, later = until - MICROSECOND, until + timedelta(hours=1)
    assert wall(before) < promised or wall(until) == promised + timedelta(hours=1)
    assert wall(later) > promised


@given(DAYS, st.integers(0, 40), st.integers(-45, 45))
def test_a_period_covers_both_its_first_and_its_last_day(start: date, length: int, away: int) -> None:
    period = Period(start, start + timedelta(length))
    assert period.covers(start + timedelta(away)) is (0 <= away <= length)
    assert period.is_over_by(start + timedelta(away)) is (away > length)


@given(DAYS, st.integers(-45, 45))
def test_an_open_ended_period_is_never_over(start: date, away: int) -> None:
    period = Period(start, None)
    assert period.covers(start + timedelta(away)) is (away >= 0)
    assert not period.is_over_by(start + timedelta(away))
    assert period.day_of_return is None


def test_one_returns_the_day_after_the_last() -> None:
    assert Period(date(2026, 12, 30), date(2026, 12, 31)).day_of_return == date(2027, 1, 1)


def test_a_period_to_the_last_day_of_the_calendar_has_no_day_of_return() -> None:
    assert Period(date(2026, 1, 2), date.max).day_of_return is None


def test_without_a_first_day_there_is_no_period() -> None:
    assert Period.of(None, None) is None
    assert Period.of(date(2026, 1, 2), None) == Period(date(2026, 1, 2), None)
