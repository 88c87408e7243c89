"""The list of users: its filter and order, its rows, and the SQL for both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import and_, case, false, literal, or_, select, tuple_

from brugerbog.domain.danish.collation import search_words
from brugerbog.domain.kernel.days import Period, danish_day
from brugerbog.domain.kernel.instants import instant, microseconds
from brugerbog.domain.values.characters import comparison_form
from brugerbog.domain.values.personal_data import MAX_EMAIL_LENGTH
from brugerbog.domain.values.status import Status, status_at
from brugerbog.projections.user_list.table import LINE_BREAK, is_current, user_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Select

    from brugerbog.projections.projection import Row

DELETED_USER: Final = "Slettet bruger"
"""The text shown instead of an erased user's name."""

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
    """The order of a list of users; users that compare equal are ordered by id."""

    NAME = "name"
    STATUS = "status"
    CREATED = "created"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UserQuery:
    """A filter of users with order, page and instant. `at` may be past or future (timezone-aware).

    A page begins after the cursor `after`, or after the user `after_user`. With `link_expired`, only users
    whose activation link has expired match. `account` is the user name set by the organisation's directory,
    or the e-mail address of a user without one; `external_id` is the directory's own id. `skip` leaves out
    the first users of now, for protocols that page by number; it costs nearly as much as reading them.
    """

    search: str | None = None
    status: Status | None = None
    imported: bool = False
    link_expired: bool = False
    p_number: str | None = None
    se_number: str | None = None
    account: str | None = None
    external_id: str | None = None
    sort: Sort = Sort.NAME
    descending: bool = False
    limit: int = 100
    after: str | None = None
    after_user: UUID | None = None
    skip: int = 0
    at: datetime | None = None

    @property
    def order(self) -> str:
        """The order and direction, which a cursor has to match."""
        return f"-{self.sort.value}" if self.descending else self.sort.value


@dataclass(frozen=True, slots=True, repr=False)
class UserView:
    """A user as shown in lists. Dates are Copenhagen days; an ended deactivation isn't shown."""

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
    active_means: list[str]
    ordered_means: list[str]
    rights: list[str]
    can_sign: bool
    sealing_profiles: list[str]
    asks_for_anonymity: bool
    link_expires_at: datetime | None
    link_has_expired: bool
    created_at: datetime
    cpr_masked: str | None
    date_of_birth: str | None
    deactivated_from: str | None
    deactivated_to: str | None
    user_name: str | None
    external_id: str | None
    version: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of users and the cursor of the next page, if there is one.

    With `is_stale` the page may lack recorded events: its read table has stopped or lags behind.
    """

    users: list[UserView]
    next: str | None
    is_stale: bool = False


def view_of(row: Row, at: datetime) -> UserView:
    """Return the view of a row, with status and expiry evaluated at an instant."""
    period = _period(row)
    status = status_at(Status(row["phase"]), period, at)
    if period is not None and (status is Status.DELETED or period.is_over_by(danish_day(at))):
        period = None
    erased = row["first_name"] is None
    expiry = row["link_expires_at"] if row["phase"] == Status.PENDING else None
    return UserView(
        id=row["user_id"],
        status=status,
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
        means=_parts(row["means"], ","),
        active_means=_parts(row["active_means"], ","),
        ordered_means=_parts(row["ordered_means"], ","),
        rights=_parts(row["rights"], LINE_BREAK),
        can_sign=row["can_sign"],
        sealing_profiles=_parts(row["sealing_profiles"], LINE_BREAK),
        asks_for_anonymity=row["asks_for_anonymity"],
        link_expires_at=None if expiry is None else instant(expiry),
        link_has_expired=expiry is not None and microseconds(at) >= expiry,
        created_at=instant(row["created_at"]),
        cpr_masked=row["cpr_masked"],
        date_of_birth=row["date_of_birth"],
        deactivated_from=_iso(period.from_date) if period else None,
        deactivated_to=_iso(period.to_date) if period else None,
        user_name=row["user_name"],
        external_id=row["external_id"],
        version=row["version"],
        changed_at=instant(row["since"]),
    )


def _parts(joined: str, separator: str) -> list[str]:
    return [part for part in joined.split(separator) if part] if joined else []


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _period(row: Row) -> Period | None:
    if row["deactivated_from"] is None:
        return None
    from_date, to_date = row["deactivated_from"], row["deactivated_to"]
    return Period.of(
        from_date and date.fromisoformat(from_date), date.fromisoformat(to_date) if to_date else None
    )


def status_of(row: Row, at: datetime) -> Status:
    """Return a user's status at an instant, from a row with the phase and the dates of deactivation."""
    return status_at(Status(row["phase"]), _period(row), at)


def sort_key_of(row: Row, sort: Sort, at: datetime) -> tuple[Any, ...]:
    """Return the sort key of a row; its last part is the user's id."""
    if sort is Sort.CREATED:
        return row["created_at"], row["user_id"]
    if sort is Sort.STATUS:
        return _RANK[status_of(row, at)], row["sort_key"], row["user_id"]
    return row["sort_key"], row["user_id"]


def _is_deactivated(at: datetime) -> ColumnElement[bool]:
    today, rows = danish_day(at).isoformat(), user_list.c
    return and_(
        rows.phase == Status.ACTIVE.value,
        rows.deactivated_from.is_not(None),
        rows.deactivated_from <= today,
        or_(rows.deactivated_to.is_(None), rows.deactivated_to >= today),
    )


def ordered(
    query: Select[Any], question: UserQuery, after: Sequence[Any] | None, now: datetime
) -> Select[Any]:
    """Order a statement as the query asks, beginning after a sort key if one is given."""
    rows, sort = user_list.c, question.sort
    name: ColumnElement[Any] = rows.sort_key
    created: ColumnElement[Any] = rows.created_at
    if question.account is not None or question.external_id is not None:
        # These filters match few users. To avoid a sort, SQLite would scan all users by an ordered index;
        # no index has these expressions.
        name, created = rows.sort_key + "", rows.created_at + 0
    order = [name, rows.user_id]
    if sort is Sort.CREATED:
        order = [created, rows.user_id]
    elif sort is Sort.STATUS:
        plain = {status.value: rank for status, rank in _RANK.items()}
        rank = case(
            (_is_deactivated(now), _RANK[Status.DEACTIVATED]), else_=case(plain, value=rows.phase, else_=0)
        )
        order = [rank, *order]
    if after is not None:
        reached = tuple_(*(literal(value, part.type) for part, value in zip(order, after, strict=True)))
        query = query.where(tuple_(*order) < reached if question.descending else tuple_(*order) > reached)
    return query.order_by(*(part.desc() if question.descending else part for part in order))


def current_rows(user_ids: Sequence[UUID], *columns: ColumnElement[Any]) -> Select[Any]:
    """Select current rows by user ids, all columns unless some are given, with `organisation_id` in any case.

    The caller drops rows of other organisations. With the organisation as a condition in SQL, SQLite, which
    has no statistics, would scan the organisation by the list's index instead of looking the ids up.
    """
    wanted = (user_list.c.organisation_id, *columns) if columns else (user_list,)
    ids = user_list.c.user_id
    # One id is the most common case, and SQLAlchemy is slower with a list of one.
    return select(*wanted).where(ids == user_ids[0] if len(user_ids) == 1 else ids.in_(user_ids), is_current)


def conditions(question: UserQuery, now: datetime) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of a query."""
    rows = user_list.c
    matches: list[ColumnElement[bool]] = []
    if question.imported:
        matches.append(rows.phase == Status.IMPORTED.value)
    if question.link_expired:
        matches += [rows.phase == Status.PENDING.value, rows.link_expires_at <= microseconds(now)]
    if question.status is Status.DEACTIVATED:
        matches.append(_is_deactivated(now))
    elif question.status is Status.ACTIVE:
        matches.append(and_(rows.phase == Status.ACTIVE.value, ~_is_deactivated(now).self_group()))
    elif question.status is not None:
        matches.append(rows.phase == question.status.value)
    for column, number in ((rows.p_number, question.p_number), (rows.se_number, question.se_number)):
        if number is not None:
            matches.append(column == number if number.isascii() and number.isdecimal() else false())
    matches += _in_directory(question)
    if question.search is not None and question.search.strip():
        words = [rows.search_text.contains(f" {word}", autoescape=True) for word in _words(question.search)]
        matches.append(or_(rows.user_id == _as_id(question.search), and_(*words) if words else false()))
    return matches


def _in_directory(question: UserQuery) -> Iterator[ColumnElement[bool]]:
    if question.account is not None:
        yield user_list.c.account_key == comparison_form(question.account)
    if question.external_id is not None:
        yield user_list.c.external_id == question.external_id


def _words(search: str) -> list[str]:
    """Return the search words; none, so that no user matches, when a word is longer than any stored word."""
    words = search_words(search)[:_MOST_WORDS]
    return [] if any(len(word) > MAX_EMAIL_LENGTH for word in words) else words


def _as_id(search: str) -> UUID | None:
    try:
        return UUID(search.strip())
    except ValueError:
        return None
