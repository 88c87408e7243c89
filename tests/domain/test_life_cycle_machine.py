"""Lives of users, told command by command and held against a calendar kept by hand."""

from calendar import SUNDAY, monthcalendar
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from brugerbog.domain import errors
from brugerbog.domain.errors import Refusal
from brugerbog.domain.events import Event
from brugerbog.domain.links import LinkExpired, LinkPurpose
from brugerbog.domain.status import Status
from brugerbog.domain.user import User
from tests.given import OPEN_HANDED, act, details

FOREVER = date(2029, 12, 31)
ONE_DAY = timedelta(1)
MICROSECOND = timedelta(microseconds=1)
LIFE = {Status.IMPORTED, Status.PENDING, Status.ACTIVE}

LIVED = 6
STEPS = st.sampled_from(["import", "create", *["create, activate", "import, send, activate"] * 4])
INSTANTS = st.sampled_from(
    [
        datetime(2026, 3, 27, 22, 59, tzinfo=UTC),
        datetime(2026, 7, 1, 10, tzinfo=UTC),
        datetime(2026, 10, 23, 21, 59, 59, 999_999, tzinfo=UTC),
        datetime(2027, 3, 26, 23, tzinfo=UTC),
        datetime(2027, 10, 29, 12, 30, tzinfo=UTC),
        # Thirty days before an hour that is skipped, and before one that comes twice.
        datetime(2026, 2, 27, 1, 30, tzinfo=UTC),
        datetime(2026, 9, 25, 0, 30, tzinfo=UTC),
    ]
)


def clock_change(year: int, month: int) -> datetime:
    """01:00 UTC on the last Sunday of the month (Directive 2000/84/EC)."""
    return datetime(year, month, max(week[SUNDAY] for week in monthcalendar(year, month)), 1, tzinfo=UTC)


def danish_clock(instant: datetime) -> datetime:
    """What a clock on a wall in Copenhagen shows."""
    summer = clock_change(instant.year, 3) <= instant < clock_change(instant.year, 10)
    return (instant + timedelta(hours=2 if summer else 1)).replace(tzinfo=None)


def midnight(day: date) -> datetime:
    """When a day begins in Copenhagen."""
    for offset in (2, 1):
        instant = datetime.combine(day, time(), UTC) - timedelta(hours=offset)
        if danish_clock(instant) == datetime.combine(day, time()):
            return instant
    raise AssertionError(day)


def thirty_days_later(instant: datetime) -> datetime:
    """When that clock shows the same time 30 days later: the second time, or an hour on if it skips it."""
    shown = danish_clock(instant) + timedelta(30)
    winter, summer = (shown.replace(tzinfo=UTC) - timedelta(hours=offset) for offset in (1, 2))
    shows = [one for one in (winter, summer) if danish_clock(one) == shown]
    return max(shows, default=winter)


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(away) for away in range((last - first).days + 1)]


class LifeCycle(RuleBasedStateMachine):
    """One user after the other; `inactive` lists every day he is inactive on, up to `FOREVER`.

    `link_ends` is when the link that he was last sent is good no more, `erase_on` when what is kept goes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 7, 1, 10, tzinfo=UTC)
        self.phase = Status.DELETED
        self.inactive: list[date] = []
        self.told: list[tuple[datetime, Status, list[date]]] = []
        self.users = 0
        self.link_ends = self.now
        self.expiry_is_told = False
        self.erase_on: date | None = None

    @initialize(now=INSTANTS, steps=STEPS)
    def begin(self, now: datetime, steps: str) -> None:
        self.now = now
        self.enter(steps)

    @precondition(lambda self: self.phase is Status.DELETED)
    @rule(steps=STEPS)
    def enter(self, steps: str) -> None:
        """A person is entered (anew), and mostly activated, since most of a life comes after that."""
        self.users += 1
        imported = steps.startswith("import")
        enter = User.import_ if imported else User.create
        self.user = enter(act(self.now), UUID(int=self.users), details(), OPEN_HANDED)
        self.phase, self.inactive, self.told = Status.IMPORTED if imported else Status.PENDING, [], []
        self.erase_on = None
        if not imported:
            self.a_link_is_issued()
        self.remember()
        if "send" in steps:
            self.send()
        if "activate" in steps:
            self.activate()

    @precondition(lambda self: self.phase is Status.IMPORTED)
    @rule()
    def send(self) -> None:
        self.phase = Status.PENDING
        asked = (User.SentToActivation, User.ActivationMailIssued, User.ActivationCodeIssued)
        self.succeeds(self.user.send_to_activation, *asked, settings=OPEN_HANDED)
        self.a_link_is_issued()

    @precondition(lambda self: self.phase is Status.PENDING)
    @rule(with_code=st.booleans())
    def ask_again(self, with_code: bool) -> None:  # noqa: FBT001 - as it is drawn
        if with_code:
            self.succeeds(self.user.issue_code, User.ActivationCodeIssued, User.ActivationMailIssued)
        else:
            self.succeeds(self.user.resend_activation_mail, User.ActivationMailIssued)
        self.a_link_is_issued()

    def a_link_is_issued(self) -> None:
        self.link_ends, self.expiry_is_told = thirty_days_later(self.now), False

    @rule(stale=st.booleans(), times=st.integers(1, 2))
    def the_schedule_comes_by(self, stale: bool, times: int) -> None:  # noqa: FBT001 - as it is drawn
        """Whatever was planned, each thing is recorded once, when it is due, for what planned it."""
        for turn in range(times):
            first = turn == 0 and not stale
            link = self.user.link.generation if self.user.link else 0
            expired = first and self.phase is Status.PENDING and self.now >= self.link_ends
            self.records(self.user.expire_link, link - stale, once=expired and not self.expiry_is_told)
            self.expiry_is_told |= expired
            back = self.phase is Status.ACTIVE and bool(self.inactive) and not self.stands
            self.records(self.user.end_period, self.user.period_generation - stale, once=first and back)
            if first and back:
                self.inactive = []
            gone = self.erase_on is not None and self.today >= self.erase_on
            self.records(self.user.erase, self.user.deletion - stale, once=first and gone)
            if first and gone:
                self.erase_on = None
        self.remember()

    def records(self, command: Callable[..., Any], generation: int, *, once: bool) -> None:
        before = len(self.user.pending_events)
        assert command(act(self.now), generation) is once
        assert len(self.user.pending_events) - before == once

    @rule(before=st.sampled_from([timedelta(0), MICROSECOND]))
    def time_goes_on_to_the_end_of_the_link(self, before: timedelta) -> None:
        self.now = max(self.now, self.link_ends - before)

    @precondition(lambda self: self.phase is Status.PENDING)
    @invariant()
    def the_link_is_good_up_to_its_end_and_no_longer(self) -> None:
        generation = self.user.link.generation
        for instant, good in (
            (self.now, self.now < self.link_ends),
            (self.link_ends - MICROSECOND, True),
            (self.link_ends, False),
        ):
            try:
                self.user.check_link(LinkPurpose.ACTIVATION, generation, instant)
            except LinkExpired:
                assert not good
            else:
                assert good

    @precondition(lambda self: self.phase is Status.PENDING)
    @rule()
    def activate(self) -> None:
        self.phase = Status.ACTIVE
        self.succeeds(self.user.activate, User.Activated)

    @rule()
    def do_what_is_done_or_cannot_be_done_yet(self) -> None:
        if self.phase is not Status.IMPORTED:
            self.fails(self.user.send_to_activation, errors.NotImported, settings=OPEN_HANDED)
        if self.phase is not Status.PENDING:
            self.fails(self.user.activate, errors.NotPending)
        if self.phase is Status.DELETED:
            self.fails(self.user.delete, errors.AlreadyDeleted, retention_days=0)

    @rule(start=st.integers(-2, 30), length=st.none() | st.integers(-1, 30))
    def deactivate(self, start: int, length: int | None) -> None:
        first = self.today + timedelta(start)
        self.deactivate_for(first, None if length is None else first + timedelta(length))

    @precondition(lambda self: self.inactive)
    @rule()
    def deactivate_for_the_same_days(self) -> None:
        self.deactivate_for(self.inactive[0], self.last_day)

    @precondition(lambda self: self.inactive)
    @rule(start=st.integers(0, 3), longer=st.none() | st.integers(-3, 3))
    def deactivate_for_nearly_the_same_days(self, start: int, longer: int | None) -> None:
        last = None if longer is None else min(self.inactive[-1], self.today) + timedelta(longer)
        self.deactivate_for(max(self.inactive[0], self.today) + timedelta(start), last)

    def deactivate_for(self, first: date, last: date | None) -> None:
        wanted = days_of(first, last or FOREVER)
        refusal: type[Refusal] | None = None
        if self.phase is not Status.ACTIVE:
            refusal = errors.NeverActivated
        elif self.stands and wanted == self.inactive:
            return self.succeeds(self.user.deactivate, from_date=first, to_date=last)
        elif not wanted:
            refusal = errors.ToDateBeforeFromDate
        elif wanted[0] < self.today:
            refusal = errors.FromDateInThePast
        if refusal:
            return self.fails(self.user.deactivate, refusal, from_date=first, to_date=last)
        before = (self.inactive[0], self.last_day) if self.stands else (None, None)
        self.inactive = wanted
        self.succeeds(self.user.deactivate, User.Deactivated, from_date=first, to_date=last)
        event = self.user.pending_events[-1]
        assert (event.replaced_from_date, event.replaced_to_date) == before
        return None

    @rule()
    def reactivate(self) -> None:
        if self.phase is Status.ACTIVE and self.stands:
            self.inactive = []
            self.succeeds(self.user.reactivate, User.Reactivated)
        else:
            self.fails(self.user.reactivate, errors.NotDeactivated)

    @precondition(lambda self: self.phase in LIFE and len(self.told) > LIVED)
    @rule(retention_days=st.sampled_from([0, 30]))
    def delete(self, retention_days: int) -> None:
        self.phase = Status.DELETED
        self.erase_on = self.today + timedelta(retention_days) if retention_days else None
        expected = (User.Deleted,) if retention_days else (User.Deleted, User.PersonalDataErased)
        self.succeeds(self.user.delete, *expected, retention_days=retention_days)

    @rule(days=st.integers(0, 40), hours=st.integers(0, 30))
    def time_goes_on(self, days: int, hours: int) -> None:
        self.now += timedelta(days, hours=hours)

    @rule(before_midnight=st.sampled_from([timedelta(0), MICROSECOND]))
    def time_goes_on_to_midnight(self, before_midnight: timedelta) -> None:
        self.now = max(self.now, midnight(self.today + ONE_DAY) - before_midnight)

    @invariant()
    def the_coming_days_are_as_the_calendar_says(self) -> None:
        days = {self.today, *days_of(self.today, self.today + timedelta(3)), FOREVER}
        if self.inactive:
            ends = (
                self.inactive[0] - ONE_DAY,
                self.inactive[0],
                self.inactive[-1],
                self.inactive[-1] + ONE_DAY,
            )
            days |= {day for day in ends if self.today <= day <= FOREVER}
        for day in days:
            noon, last = midnight(day) + timedelta(hours=12), midnight(day + ONE_DAY) - MICROSECOND
            for instant in (midnight(day), noon, last):
                assert self.user.status_at(instant) is self.expected(self.phase, self.inactive, instant)

    @rule(back=st.floats(0, 1), at_midnight=st.booleans())
    def a_past_moment_is_as_it_was_then(self, back: float, at_midnight: bool) -> None:  # noqa: FBT001
        """As of T means: the events recorded up to T, evaluated at T."""
        instant = self.now - back * (self.now - self.told[0][0])
        if at_midnight:
            instant = max(self.told[0][0], midnight(danish_clock(instant).date()))
        _, phase, inactive = next(past for past in reversed(self.told) if past[0] <= instant)
        then = None
        for event in self.user.pending_events:
            if event.timestamp <= instant:
                then = event.mutate(then)
        assert then.status_at(instant) is self.expected(phase, inactive, instant)

    @property
    def today(self) -> date:
        return danish_clock(self.now).date()

    @property
    def stands(self) -> bool:
        return any(day >= self.today for day in self.inactive)

    @property
    def last_day(self) -> date | None:
        return None if self.inactive[-1] == FOREVER else self.inactive[-1]

    def expected(self, phase: Status, inactive: list[date], instant: datetime) -> Status:
        listed = danish_clock(instant).date() in inactive
        return Status.DEACTIVATED if phase is Status.ACTIVE and listed else phase

    def succeeds(self, command: Callable[..., Any], *expected: type[Event], **said: object) -> None:
        before = len(self.user.pending_events)
        command(act(self.now), **said)
        assert tuple(type(event) for event in self.user.pending_events[before:]) == expected
        self.remember()

    def fails(self, command: Callable[..., Any], refusal: type[Refusal], **said: object) -> None:
        before = len(self.user.pending_events)
        expected = refusal if self.phase in LIFE else errors.AlreadyDeleted
        try:
            command(act(self.now), **said)
        except expected:
            assert len(self.user.pending_events) == before
        else:
            raise AssertionError(f"{expected.__name__} expected")

    def remember(self) -> None:
        self.told.append((self.now, self.phase, self.inactive))


TestLifeCycle = LifeCycle.TestCase
TestLifeCycle.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
