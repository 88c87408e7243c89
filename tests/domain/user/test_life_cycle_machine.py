"""State machine of users' life cycles, compared with an independent calendar and wall clock."""

from calendar import SUNDAY, monthcalendar
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user import refusals
from brugerbog.domain.user.activation_code import CodeVoid, NoCodeNeeded
from brugerbog.domain.user.links import LinkExpired, LinkPurpose, LinkUsed, LinkVoided
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from tests.given import CPR, PERMISSIVE_SETTINGS, context, details, proved_identity

FOREVER = date(2029, 12, 31)
LATEST = datetime(2028, 12, 31, tzinfo=UTC)
ONE_DAY = timedelta(1)
MICROSECOND = timedelta(microseconds=1)
UNDELETED = {Status.IMPORTED, Status.PENDING, Status.ACTIVE}

MIN_HISTORY_TO_ACTIVATE = 4
MIN_HISTORY_TO_DELETE = 6
RETENTION = 30
CPRS = st.sampled_from([None, CPR])
MIGRATIONS = st.sampled_from(
    ["import", *["create", "import, send"] * 2, *["create, activate", "import, send, activate"] * 4]
)
INSTANTS = st.sampled_from(
    [
        datetime(2026, 2, 27, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 27, 22, 59, tzinfo=UTC),
        datetime(2026, 7, 1, 10, tzinfo=UTC),
        datetime(2026, 9, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 23, 21, 59, 59, 999_999, tzinfo=UTC),
        datetime(2027, 3, 26, 23, tzinfo=UTC),
        datetime(2027, 10, 29, 12, 30, tzinfo=UTC),
    ]
)


def clock_change(year: int, month: int) -> datetime:
    """01:00 UTC on the last Sunday of the month (Directive 2000/84/EC)."""
    return datetime(year, month, max(week[SUNDAY] for week in monthcalendar(year, month)), 1, tzinfo=UTC)


def danish_clock(instant: datetime) -> datetime:
    """Return the wall-clock time in Copenhagen."""
    summer = clock_change(instant.year, 3) <= instant < clock_change(instant.year, 10)
    return (instant + timedelta(hours=2 if summer else 1)).replace(tzinfo=None)


def midnight(day: date) -> datetime:
    """Return the instant at which a day begins in Copenhagen."""
    for offset in (2, 1):
        instant = datetime.combine(day, time(), UTC) - timedelta(hours=offset)
        if danish_clock(instant) == datetime.combine(day, time()):
            return instant
    raise AssertionError(day)


def shown_at(wall: datetime) -> list[datetime]:
    """Return the instants with this wall-clock time in Copenhagen: one, two, or none if it is skipped."""
    instants = [wall.replace(tzinfo=UTC) - timedelta(hours=offset) for offset in (2, 1)]
    return [instant for instant in instants if danish_clock(instant) == wall]


def end_of_link(issued: datetime) -> datetime:
    """Return the same wall-clock time 30 days later: the later of two; an hour later if it is skipped."""
    wall = danish_clock(issued) + timedelta(days=30)
    return (shown_at(wall) or shown_at(wall + timedelta(hours=1)))[-1]


def next_clock_change(instant: datetime) -> datetime:
    """Return the next clock change at which a link issued now or later can expire."""
    years = (instant.year, instant.year + 1)
    changes = [clock_change(year, month) for year in years for month in (3, 10)]
    return next(change for change in changes if change - timedelta(29) > instant)


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(away) for away in range((last - first).days + 1)]


KINDS = st.sampled_from(["", "", "link", "period", "erasure"])
"""Kinds of due work; "" is the kind that can become due in the current phase."""
SCHEDULED: dict[str, tuple[str, type[Event]]] = {
    "link": ("expire_link", User.ActivationLinkExpired),
    "period": ("end_period", User.Reactivated),
    "erasure": ("erase", User.PersonalDataErased),
}


class Planned(NamedTuple):
    """Due work as planned: its time and generation."""

    generation: int
    due_at: datetime


class LifeCycle(RuleBasedStateMachine):
    """The model of one user after another; `inactive` lists all inactive days, up to `FOREVER`.

    `planned` holds all due work ever planned for the user, the latest last; `open` the kinds not done yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 7, 1, 10, tzinfo=UTC)
        self.phase = Status.DELETED
        self.inactive: list[date] = []
        self.history: list[tuple[datetime, Status, list[date]]] = []
        self.planned: dict[str, list[Planned]] = {}
        self.open: set[str] = set()
        self.code_ends: datetime | None = None
        self.users = 0

    @initialize(now=INSTANTS, steps=MIGRATIONS, cpr=CPRS)
    def begin(self, now: datetime, steps: str, cpr: str | None) -> None:
        self.now = now
        self.enter(steps, cpr)

    @precondition(lambda self: self.phase is Status.DELETED)
    @rule(steps=MIGRATIONS, cpr=CPRS)
    def enter(self, steps: str, cpr: str | None) -> None:
        """Create or import a user, mostly activated, since most commands need an active user."""
        self.users += 1
        imported = steps.startswith("import")
        enter = User.import_ if imported else User.create
        self.user, self.cpr = (
            enter(context(self.now), UUID(int=self.users), details(cpr=cpr), PERMISSIVE_SETTINGS),
            cpr,
        )
        self.phase, self.inactive, self.history = Status.IMPORTED if imported else Status.PENDING, [], []
        self.planned, self.open = {"link": [], "period": [], "erasure": []}, set()
        self.code_ends = None
        if not imported:
            self.a_link_is_issued(with_code=cpr is None)
        self.remember()
        if "send" in steps:
            self.send()
        if "activate" in steps:
            self.activate()

    @precondition(lambda self: self.phase is Status.IMPORTED)
    @rule()
    def send(self) -> None:
        self.phase = Status.PENDING
        issued = (User.ActivationMailIssued, *self.code_if_needed)
        self.succeeds(
            self.user.send_to_activation, User.SentToActivation, *issued, settings=PERMISSIVE_SETTINGS
        )
        self.a_link_is_issued(with_code=self.cpr is None)

    @precondition(lambda self: self.phase is Status.PENDING and len(self.history) > MIN_HISTORY_TO_ACTIVATE)
    @rule()
    def activate(self) -> None:
        self.phase = Status.ACTIVE
        self.succeeds(self.user.activate, User.Activated)

    @precondition(lambda self: self.phase is Status.PENDING and len(self.history) > MIN_HISTORY_TO_ACTIVATE)
    @rule()
    def activate_by_link(self) -> None:
        """Open the latest link, confirm the identity, and enter the latest code if one is needed."""
        latest, confirm = self.planned["link"][-1].generation, self.user.confirm_identity
        arguments = {"purpose": LinkPurpose.ACTIVATION, "generation": latest, "proved": proved_identity()}
        if refusal := self.expected_answer(latest, self.now):
            return self.fails(confirm, refusal, **arguments)
        self.succeeds(confirm, User.IdentityConfirmed, **arguments)
        if self.cpr is None and self.now >= self.code_ends:
            return self.fails(self.user.enter_code, CodeVoid, generation=latest, matches=True)
        if self.cpr is None:
            enter = partial(self.user.enter_code, generation=latest, matches=True)
            self.succeeds(enter, User.ActivationCodeAccepted)
        self.phase = Status.ACTIVE
        chosen = {"generation": latest, "means": (), "consent": False, "new_id": UUID}
        return self.succeeds(self.user.complete_activation, User.Activated, **chosen)

    @rule(expired=st.booleans())
    def resend(self, expired: bool) -> None:  # noqa: FBT001 - drawn
        if self.phase is Status.PENDING:
            if expired:
                self.run_the_schedule("link", "in time", [0])
            self.succeeds(self.user.resend_activation_mail, User.ActivationMailIssued)
            self.a_link_is_issued(with_code=False)
        else:
            self.fails(self.user.resend_activation_mail, refusals.NotPending)

    @rule()
    def issue_a_new_code(self) -> None:
        if self.phase is not Status.PENDING:
            self.fails(self.user.issue_code, refusals.NotPending)
        elif self.cpr:
            self.fails(self.user.issue_code, NoCodeNeeded)
        else:
            self.succeeds(self.user.issue_code, User.ActivationCodeIssued, User.ActivationMailIssued)
            self.a_link_is_issued(with_code=True)

    def a_link_is_issued(self, *, with_code: bool) -> None:
        mail = next(one for one in self.latest_events if isinstance(one, User.ActivationMailIssued))
        self.plan("link", Planned(mail.originator_version, end_of_link(self.now)))
        if with_code:
            self.code_ends = end_of_link(self.now)

    def plan(self, kind: str, planned: Planned) -> None:
        self.planned[kind].append(planned)
        self.open.add(kind)

    @rule(
        kind=KINDS,
        when=st.sampled_from(["now", "too early", "in time", "in time", "late"]),
        generations_back=st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=2, max_size=4),
    )
    def run_the_schedule(self, kind: str, when: str, generations_back: list[int]) -> None:
        """Due work is recorded once; work of an earlier or unknown generation never."""
        kind = kind or self.current_kind
        self.time_goes_on_to_what_is_planned(kind, when)
        for earlier in generations_back:
            planned = self.planned[kind][-1 - earlier :][:1] if earlier < len(self.planned[kind]) else []
            generation = planned[0].generation if planned else self.user.version + 1
            due = bool(planned) and not earlier and self.is_due(kind)
            if due:
                self.open.discard(kind)
            command, fact = SCHEDULED[kind]
            kinds = (fact,) if due else ()
            assert self.succeeds(getattr(self.user, command), *kinds, generation=generation) is due

    def is_due(self, kind: str) -> bool:
        return kind in self.open and kind == self.current_kind and self.now >= self.planned[kind][-1].due_at

    @property
    def current_kind(self) -> str:
        """The kind of work that can become due in the current phase."""
        return {Status.ACTIVE: "period", Status.DELETED: "erasure"}.get(self.phase, "link")

    @rule()
    def repeat_or_anticipate_commands(self) -> None:
        if self.phase is not Status.IMPORTED:
            self.fails(self.user.send_to_activation, refusals.NotImported, settings=PERMISSIVE_SETTINGS)
        if self.phase is not Status.PENDING:
            self.fails(self.user.activate, refusals.NotPending)
        if self.phase is Status.DELETED:
            self.fails(self.user.delete, refusals.AlreadyDeleted, retention_days=0)

    @rule(start=st.integers(-2, 30), length=st.none() | st.integers(-1, 30))
    def deactivate(self, start: int, length: int | None) -> None:
        first = self.today + timedelta(start)
        self.deactivate_for(first, None if length is None else first + timedelta(length))

    @precondition(lambda self: self.phase is Status.ACTIVE)
    @rule(length=st.integers(0, 30), when=st.sampled_from(["too early", "in time", "late"]))
    def deactivate_until_the_schedule_runs(self, length: int, when: str) -> None:
        self.deactivate_for(self.today, self.today + timedelta(length))
        self.run_the_schedule("period", when, [1, 0, 0])

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
            refusal = refusals.NeverActivated
        elif self.has_open_period and wanted == self.inactive:
            return self.succeeds(self.user.deactivate, from_date=first, to_date=last)
        elif not wanted:
            refusal = refusals.ToDateBeforeFromDate
        elif wanted[0] < self.today:
            refusal = refusals.FromDateInThePast
        if refusal:
            return self.fails(self.user.deactivate, refusal, from_date=first, to_date=last)
        before = (self.inactive[0], self.last_day) if self.has_open_period else (None, None)
        self.inactive = wanted
        self.succeeds(self.user.deactivate, User.Deactivated, from_date=first, to_date=last)
        event = self.user.pending_events[-1]
        assert (event.replaced_from_date, event.replaced_to_date) == before
        returns = midnight((last or FOREVER) + ONE_DAY)
        self.plan("period", Planned(event.originator_version, returns))
        if last is None:
            self.open.discard("period")
        return None

    @rule()
    def reactivate(self) -> None:
        if self.phase is Status.ACTIVE and self.has_open_period:
            self.inactive = []
            self.open.discard("period")
            self.succeeds(self.user.reactivate, User.Reactivated)
        else:
            self.fails(self.user.reactivate, refusals.NotDeactivated)

    @precondition(lambda self: self.phase in UNDELETED and len(self.history) > MIN_HISTORY_TO_DELETE)
    @rule(retention_days=st.sampled_from([0, RETENTION, RETENTION]), kind=KINDS)
    def delete(self, retention_days: int, kind: str) -> None:
        """Delete the user, and run the schedule for whatever was planned."""
        self.phase = Status.DELETED
        expected = (User.Deleted,) if retention_days else (User.Deleted, User.PersonalDataErased)
        self.succeeds(self.user.delete, *expected, retention_days=retention_days)
        if retention_days:
            kept_until = midnight(self.today + timedelta(retention_days))
            self.plan("erasure", Planned(self.user.version, kept_until))
        self.run_the_schedule(kind, "in time", [1, 0, 0])

    @rule(days=st.integers(0, 40), hours=st.integers(0, 30))
    def time_goes_on(self, days: int, hours: int) -> None:
        self.now += timedelta(days, hours=hours)

    @rule(before_midnight=st.sampled_from([timedelta(0), MICROSECOND]))
    def time_goes_on_to_midnight(self, before_midnight: timedelta) -> None:
        self.now = max(self.now, midnight(self.today + ONE_DAY) - before_midnight)

    @rule(kind=KINDS, when=st.sampled_from(["too early", "in time"]))
    def time_goes_on_to_what_is_planned(self, kind: str, when: str) -> None:
        wait = {"too early": -MICROSECOND, "in time": timedelta(0), "late": timedelta(hours=30)}.get(when)
        planned = self.planned[kind or self.current_kind]
        if planned and wait is not None and planned[-1].due_at < LATEST:
            self.now = max(self.now, planned[-1].due_at + wait)

    @precondition(lambda self: self.phase is Status.PENDING and self.code_ends)
    @rule(wait=st.sampled_from([-MICROSECOND, timedelta(0)]))
    def the_code_is_tried_at_its_end(self, wait: timedelta) -> None:
        """Enter the code through a later link, if time allows."""
        self.resend(expired=False)
        self.now = max(self.now, self.code_ends + wait)
        self.activate_by_link()

    @precondition(lambda self: self.now < LATEST - timedelta(days=365))
    @rule(minutes=st.sampled_from([-60, -30, 0, 30, 60]))
    def time_goes_on_to_thirty_days_before_the_clocks_change(self, minutes: int) -> None:
        change = next_clock_change(self.now) + timedelta(minutes=minutes)
        self.now = max(self.now, *shown_at(danish_clock(change) - timedelta(days=30)))

    @invariant()
    def every_link_is_valid_by_the_wall_clock(self) -> None:
        for planned in (*self.planned["link"], Planned(self.user.version + 1, self.now)):
            for instant in (self.now, planned.due_at - MICROSECOND, planned.due_at):
                if instant >= self.now:
                    assert self.actual_answer(planned.generation, instant) is self.expected_answer(
                        planned.generation, instant
                    )

    def expected_answer(self, generation: int, instant: datetime) -> type[Refusal] | None:
        """Return the expected refusal of a link, None if it is valid."""
        if self.phase not in {Status.PENDING, Status.ACTIVE}:
            return LinkVoided
        if self.phase is Status.ACTIVE:
            return LinkUsed if self.planned["link"] else LinkVoided
        latest = self.planned["link"][-1]
        if generation != latest.generation:
            return LinkVoided
        return LinkExpired if instant >= latest.due_at else None

    def actual_answer(self, generation: int, instant: datetime) -> type[Refusal] | None:
        try:
            self.user.check_link(LinkPurpose.ACTIVATION, generation, instant)
        except Refusal as refusal:
            return type(refusal)
        return None

    @invariant()
    def the_status_follows_the_calendar(self) -> None:
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
    def a_past_status_is_as_it_was_then(self, back: float, at_midnight: bool) -> None:  # noqa: FBT001
        """The status as of T comes from the events recorded up to T, evaluated at T."""
        instant = self.now - back * (self.now - self.history[0][0])
        if at_midnight:
            instant = max(self.history[0][0], midnight(danish_clock(instant).date()))
        _, phase, inactive = next(past for past in reversed(self.history) if past[0] <= instant)
        then = None
        for event in self.user.pending_events:
            if event.timestamp <= instant:
                then = event.mutate(then)
        assert then.status_at(instant) is self.expected(phase, inactive, instant)

    @property
    def today(self) -> date:
        return danish_clock(self.now).date()

    @property
    def has_open_period(self) -> bool:
        return any(day >= self.today for day in self.inactive)

    @property
    def last_day(self) -> date | None:
        return None if self.inactive[-1] == FOREVER else self.inactive[-1]

    def expected(self, phase: Status, inactive: list[date], instant: datetime) -> Status:
        listed = danish_clock(instant).date() in inactive
        return Status.DEACTIVATED if phase is Status.ACTIVE and listed else phase

    @property
    def code_if_needed(self) -> list[type[Event]]:
        return [] if self.cpr else [User.ActivationCodeIssued]

    @property
    def latest_events(self) -> list[Event]:
        return self.user.pending_events[::-1]

    def succeeds(self, command: Callable[..., Any], *expected: type[Event], **arguments: object) -> Any:  # noqa: ANN401
        before = len(self.user.pending_events)
        result = command(context(self.now), **arguments)
        assert tuple(type(event) for event in self.user.pending_events[before:]) == expected
        if expected:
            self.remember()
        return result

    def fails(self, command: Callable[..., Any], refusal: type[Refusal], **arguments: object) -> None:
        before = len(self.user.pending_events)
        expected = refusal if self.phase in UNDELETED else refusals.AlreadyDeleted
        try:
            command(context(self.now), **arguments)
        except expected:
            assert len(self.user.pending_events) == before
        else:
            raise AssertionError(f"{expected.__name__} expected")

    def remember(self) -> None:
        self.history.append((self.now, self.phase, self.inactive))


TestLifeCycle = LifeCycle.TestCase
TestLifeCycle.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
