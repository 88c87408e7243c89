"""Every question, answered from the read tables, or from the log where it is about another moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import and_, case, false, or_, select, tuple_

from brugerbog.application.actors import role_for
from brugerbog.application.errors import CursorInvalid, LimitOutOfRange, OrganisationUnknown, UserUnknown
from brugerbog.domain.danish import search_words
from brugerbog.domain.days import Period, danish_day
from brugerbog.domain.instants import instant
from brugerbog.domain.user import Status, User, status_at
from brugerbog.projections.activity_history import activity_history
from brugerbog.projections.projection import Recorded
from brugerbog.projections.user_list import UserList, user_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Select

    from brugerbog.application.actors import Actor
    from brugerbog.application.ports import Clock, Cursors, EventLog, Projector, ReadStore
    from brugerbog.domain.organisation import Organisation
    from brugerbog.projections.projection import Row

DELETED_USER: Final = "Slettet bruger"
"""What stands for the name of somebody whose personal data has been erased."""

LARGEST_PAGE: Final = 1000
_MOST_WORDS: Final = 8
_RANK: Final = {
    Status.IMPORTED: 1,
    Status.PENDING: 2,
    Status.ACTIVE: 3,
    Status.DEACTIVATED: 4,
    Status.DELETED: 5,
}


class Sort(StrEnum):
    """How a list of users is ordered; equal ones by id."""

    NAME = "name"
    STATUS = "status"
    CREATED = "created"


class HistorySort(StrEnum):
    """How a history is ordered (guide, Se brugerens aktivitetshistorik)."""

    TIME = "time"
    TRANSACTION = "transaction"
    PROVIDER = "provider"
    TYPE = "type"


@dataclass(frozen=True, slots=True, repr=False)
class UserView:
    """A user as a list shows him. Dates are Copenhagen days; an ended deactivation isn't shown."""

    id: UUID
    status: Status
    first_name: str
    surname: str
    email: str | None
    phone: str | None
    anonymous: bool
    p_number: str | None
    se_number: str | None
    ean: str | None
    reference_text: str | None
    target_ial: str
    means: list[str]
    created_at: datetime
    cpr_masked: str | None
    date_of_birth: str | None
    deactivated_from: str | None
    deactivated_to: str | None


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of users and the key of the next one, if there is more."""

    users: list[UserView]
    next: str | None


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of a user's activity history."""

    occurred_at: datetime
    transaction: str
    service_provider: str
    service_type: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UserQuestion:
    """Which users, in which order, as of when. `at` may lie in the past or the future (timezone-aware)."""

    search: str | None = None
    status: Status | None = None
    imported: bool = False
    p_number: str | None = None
    se_number: str | None = None
    sort: Sort = Sort.NAME
    limit: int = 100
    after: str | None = None
    at: datetime | None = None


class Queries:
    """The questions. Embedded, each answers from read tables that have caught up with the log.

    All raise `NotAllowed` and `OrganisationUnknown` besides what they name.
    """

    def __init__(
        self, log: EventLog, read: ReadStore, projector: Projector, clock: Clock, cursors: Cursors
    ) -> None:
        self._log = log
        self._read = read
        self._projector = projector
        self._clock = clock
        self._cursors = cursors

    def now(self) -> datetime:
        """The service's time (UTC)."""
        return self._clock.now()

    def organisation(self, actor: Actor) -> Organisation:
        """The organisation with its settings."""
        return self._may("see_organisation", actor)

    def users(self, actor: Actor, question: UserQuestion | None = None) -> UserPage:
        """A page of the organisation's living users, imported ones among them.

        Every word searched for begins a word of the name or the e-mail address, or the text is a user's id;
        case and accents don't matter. Raises: LimitOutOfRange, CursorInvalid.
        """
        self._may("see_users", actor)
        question = question or UserQuestion()
        if not 1 <= question.limit <= LARGEST_PAGE:
            raise LimitOutOfRange(question.limit)
        scope = _organisation_of(actor)
        place = self._place(scope, question)
        if question.at is None:
            now = self._clock.now()
            rows = self._rows_now(scope, question, place, now)
        else:
            now = question.at
            rows = self._rows_then(scope, question, place, now)
        page, more = rows[: question.limit], len(rows) > question.limit
        following = None
        if more:
            key = _sort_key(page[-1], question.sort, now)
            following = self._cursors.seal(scope, [question.sort.value, *key[:-1], str(key[-1])])
        return UserPage([view_of(row, now) for row in page], following)

    def user(self, actor: Actor, user_id: UUID, *, at: datetime | None = None) -> UserView:
        """One user, deleted ones too: then without what has been erased. Raises: UserUnknown."""
        self._may("see_users", actor)
        scope = _organisation_of(actor)
        if at is None:
            self._projector.catch_up()
            with self._read.connect() as connection:
                found = connection.execute(
                    select(user_list).where(
                        user_list.c.user_id == user_id, user_list.c.organisation_id == scope
                    )
                ).mappings()
                row = found.one_or_none()
            if row is not None:
                return view_of(dict(row), self._clock.now())
        then = at or self._clock.now()
        last: Row | None = None
        for row_then in self._lives(scope, then, user_id=user_id).values():
            last = row_then
        if last is None:
            raise UserUnknown(user_id)
        return view_of(last, then)

    def history(
        self,
        actor: Actor,
        user_id: UUID,
        *,
        from_date: date | None = None,
        to_date: date | None = None,
        words: str | None = None,
        sort: HistorySort = HistorySort.TIME,
        descending: bool = False,
    ) -> list[Activity]:
        """The user's latest 200 activities, or those of them within the days and with the words.

        Raises: UserUnknown.
        """
        if self.user(actor, user_id).status is Status.DELETED:
            raise UserUnknown(user_id)
        with self._read.connect() as connection:
            rows = connection.execute(
                select(activity_history)
                .where(activity_history.c.user_id == user_id)
                .order_by(activity_history.c.occurred_at, activity_history.c.position)
            ).all()
        found = [
            Activity(instant(row.occurred_at), row.transaction, row.service_provider, row.service_type)
            for row in rows
        ]
        wanted = [one for one in found if _within(one, from_date, to_date) and _has_words(one, words or "")]
        return sorted(wanted, key=_BY[sort], reverse=descending)

    # Now and then

    def _rows_now(
        self, scope: UUID, question: UserQuestion, place: Sequence[Any] | None, now: datetime
    ) -> list[Row]:
        self._projector.catch_up()
        query = select(user_list).where(user_list.c.organisation_id == scope, *_conditions(question, now))
        query = _ordered(query, question.sort, place, now).limit(question.limit + 1)
        with self._read.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _rows_then(
        self, scope: UUID, question: UserQuestion, place: Sequence[Any] | None, then: datetime
    ) -> list[Row]:
        rows = [
            row
            for row in self._lives(scope, then).values()
            if row["phase"] != Status.DELETED and _matches(row, question, then)
        ]
        rows.sort(key=lambda row: _sort_key(row, question.sort, then))
        if place is not None:
            rows = [row for row in rows if _sort_key(row, question.sort, then) > tuple(place)]
        return rows[: question.limit + 1]

    def _lives(self, scope: UUID, then: datetime, *, user_id: UUID | None = None) -> dict[UUID, Row]:
        """The rows of all users from the events recorded up to an instant; deleted ones keep their last.

        Should clocks have disagreed, a stream is followed up to its first gap.
        """
        lives: dict[UUID, Row] = {}
        versions: dict[UUID, int] = {}
        projection = UserList()
        for position, event in self._log.events_until(scope, then, user_id=user_id):
            stream_id = event.originator_id
            if event.originator_version != versions.get(stream_id, 0) + 1:
                continue
            versions[stream_id] = event.originator_version
            known = [lives[stream_id]] if stream_id in lives else []
            if isinstance(event, User.Deleted):
                lives[stream_id] |= {"phase": Status.DELETED}
            elif rows := projection.apply(known, Recorded(position, event)):
                lives[stream_id] = rows[0]
        return lives

    def _may(self, question: str, actor: Actor) -> Organisation:
        organisation = self._log.organisation(_organisation_of(actor))
        role_for(question, actor, organisation)
        if organisation is None:
            raise OrganisationUnknown
        return organisation

    def _place(self, scope: UUID, question: UserQuestion) -> list[Any] | None:
        if question.after is None:
            return None
        sort, *key, last = self._cursors.open(scope, question.after)
        if sort != question.sort:
            raise CursorInvalid
        return [*key, UUID(str(last))]


def view_of(row: Row, at: datetime) -> UserView:
    """A user as a list shows him, evaluated at an instant."""
    period = _period(row)
    if period is not None and period.is_over_by(danish_day(at)):
        period = None
    erased = row["first_name"] is None
    return UserView(
        id=row["user_id"],
        status=_status(row, at),
        first_name=DELETED_USER if erased else row["first_name"],
        surname="" if erased else row["surname"],
        email=row["email"],
        phone=row["phone"],
        anonymous=row["anonymous"],
        p_number=row["p_number"],
        se_number=row["se_number"],
        ean=row["ean"],
        reference_text=row["reference_text"],
        target_ial=row["target_ial"],
        means=[one for one in row["means"].split(",") if one],
        created_at=instant(row["created_at"]),
        cpr_masked=row["cpr_masked"],
        date_of_birth=row["date_of_birth"],
        deactivated_from=_iso(period.from_date) if period else None,
        deactivated_to=_iso(period.to_date) if period else None,
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _organisation_of(actor: Actor) -> UUID:
    if actor.organisation_id is None:
        raise OrganisationUnknown
    return actor.organisation_id


def _period(row: Row) -> Period | None:
    from_date, to_date = row["deactivated_from"], row["deactivated_to"]
    return Period.of(
        from_date and date.fromisoformat(from_date), date.fromisoformat(to_date) if to_date else None
    )


def _status(row: Row, at: datetime) -> Status:
    return status_at(Status(row["phase"]), _period(row), at)


def _sort_key(row: Row, sort: Sort, at: datetime) -> tuple[Any, ...]:
    if sort is Sort.CREATED:
        return row["created_at"], row["user_id"]
    if sort is Sort.STATUS:
        return _RANK[_status(row, at)], row["sort_key"], row["user_id"]
    return row["sort_key"], row["user_id"]


def _is_deactivated(at: datetime) -> ColumnElement[bool]:
    today, rows = danish_day(at).isoformat(), user_list.c
    return and_(
        rows.phase == Status.ACTIVE.value,
        rows.deactivated_from.is_not(None),
        rows.deactivated_from <= today,
        or_(rows.deactivated_to.is_(None), rows.deactivated_to >= today),
    )


def _ordered(query: Select[Any], sort: Sort, place: Sequence[Any] | None, now: datetime) -> Select[Any]:
    rows = user_list.c
    order: list[ColumnElement[Any]] = [rows.sort_key, rows.user_id]
    if sort is Sort.CREATED:
        order = [rows.created_at, rows.user_id]
    elif sort is Sort.STATUS:
        plain = {status.value: rank for status, rank in _RANK.items()}
        rank = case(
            (_is_deactivated(now), _RANK[Status.DEACTIVATED]), else_=case(plain, value=rows.phase, else_=0)
        )
        order = [rank, *order]
    if place is not None:
        query = query.where(tuple_(*order) > tuple_(*place))
    return query.order_by(*order)


def _conditions(question: UserQuestion, now: datetime) -> list[ColumnElement[bool]]:
    rows = user_list.c
    found: list[ColumnElement[bool]] = []
    if question.imported:
        found.append(rows.phase == Status.IMPORTED.value)
    if question.status is Status.DEACTIVATED:
        found.append(_is_deactivated(now))
    elif question.status is Status.ACTIVE:
        found.append(and_(rows.phase == Status.ACTIVE.value, ~_is_deactivated(now).self_group()))
    elif question.status is not None:
        found.append(rows.phase == question.status.value)
    if question.p_number is not None:
        found.append(rows.p_number == question.p_number)
    if question.se_number is not None:
        found.append(rows.se_number == question.se_number)
    if question.search is not None and question.search.strip():
        words = [rows.search_text.contains(f" {word}", autoescape=True) for word in _words(question.search)]
        found.append(or_(rows.user_id == _as_id(question.search), and_(*words) if words else false()))
    return found


def _matches(row: Row, question: UserQuestion, at: datetime) -> bool:
    """The same as `_conditions`, for a row in memory."""
    wanted = (
        (not question.imported or row["phase"] == Status.IMPORTED)
        and question.status in (None, _status(row, at))
        and question.p_number in (None, row["p_number"])
        and question.se_number in (None, row["se_number"])
    )
    if not wanted or question.search is None or not question.search.strip():
        return wanted
    words = _words(question.search)
    by_words = bool(words) and all(f" {word}" in row["search_text"] for word in words)
    return by_words or _as_id(question.search) == row["user_id"]


def _words(search: str) -> list[str]:
    return search_words(search)[:_MOST_WORDS]


def _as_id(search: str) -> UUID | None:
    try:
        return UUID(search.strip())
    except ValueError:
        return None


def _within(activity: Activity, from_date: date | None, to_date: date | None) -> bool:
    day = danish_day(activity.occurred_at)
    return (from_date is None or from_date <= day) and (to_date is None or day <= to_date)


def _has_words(activity: Activity, words: str) -> bool:
    text = f"{activity.transaction} {activity.service_provider} {activity.service_type}".casefold()
    return all(word in text for word in words.casefold().split())


_BY: Final[dict[HistorySort, Callable[[Activity], Any]]] = {
    HistorySort.TIME: lambda one: one.occurred_at,
    HistorySort.TRANSACTION: lambda one: (one.transaction.casefold(), one.occurred_at),
    HistorySort.PROVIDER: lambda one: (one.service_provider.casefold(), one.occurred_at),
    HistorySort.TYPE: lambda one: (one.service_type, one.occurred_at),
}
