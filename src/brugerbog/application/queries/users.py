"""Queries about users: the list of users, one user, and the user that asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import func, select, union_all

from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.application.queries.user_list import (
    LARGEST_PAGE,
    Sort,
    UserPage,
    UserQuery,
    UserView,
    conditions,
    current_rows,
    ordered,
    sort_key_of,
    view_of,
)
from brugerbog.application.refusals.requests import CursorInvalid, LimitOutOfRange, UserUnknown
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.roles import Role
from brugerbog.projections.user_list.projection import UserListProjection
from brugerbog.projections.user_list.table import is_current, user_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, CompoundSelect, Select

    from brugerbog.application.actors import Actor
    from brugerbog.projections.projection import Row

_END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, repr=False)
class OwnProfile:
    """The acting user's own data."""

    user: UserView
    roles: list[Role]


class UserQueries(QueryExecution):
    """Queries about users."""

    @question("see_oneself", user_list)
    def myself(self, actor: Actor) -> OwnProfile:
        """Return the acting user's own data and roles (guide, Stamdata)."""
        organisation = self._authorized_organisation("see_oneself", actor)
        return OwnProfile(
            self._user(organisation.id, actor.id, None), sorted(organisation.roles_of(actor.id))
        )

    @question("see_replaced")
    def replaced_by(self, actor: Actor, user_id: UUID) -> UUID | None:
        """Return the user whom an anonymous user replaced, if any; None once the replaced user is erased.

        Raises: UserUnknown.
        """
        organisation = self._authorized_organisation("see_replaced", actor)
        user = self._log.user(user_id)
        if user is None or user.organisation_id != organisation.id:
            raise UserUnknown(user_id)
        return user.replaced if isinstance(user.replaced, UUID) else None

    @question("see_users", user_list)
    def users(self, actor: Actor, question: UserQuery | None = None) -> UserPage:
        """Return a page of the organisation's users, without deleted and with imported users.

        Each search word has to begin a word of the name or the e-mail address, or the whole text is a user's
        id; case and accents make no difference. Raises: LimitOutOfRange, CursorInvalid.
        """
        scope = self._authorized_organisation("see_users", actor).id
        question = question or UserQuery()
        if not 1 <= question.limit <= LARGEST_PAGE:
            raise LimitOutOfRange(question.limit)
        now = question.at or self._clock.now()
        after = self._cursor_key(scope, question, now)
        if question.at is None:
            rows = self._rows_now(scope, question, after, now)
        else:
            rows = self._rows_at(scope, question, after, now)
        page, more = rows[: question.limit], len(rows) > question.limit
        next_cursor = None
        if more:
            key = sort_key_of(page[-1], question.sort, now)
            next_cursor = self._cursors.seal(scope, [question.order, *key[:-1], str(key[-1])])
        is_stale = bool(self._stale({user_list.name}))
        return UserPage([view_of(row, now) for row in page], next_cursor, is_stale)

    @question("see_users", user_list)
    def how_many(self, actor: Actor, question: UserQuery) -> int:
        """Return the number of users that match the query, on all pages; deleted users don't count."""
        scope, now = self._authorized_organisation("see_users", actor).id, self._clock.now()
        matches = conditions(question, now)
        self._projector.catch_up()
        with self._read.connect() as connection:
            counted = select(func.count()).where(user_list.c.organisation_id == scope, is_current, *matches)
            return connection.execute(counted).scalar_one()

    @question("see_users", user_list)
    def user(self, actor: Actor, user_id: UUID, *, at: datetime | None = None) -> UserView:
        """Return one user; a deleted user too, without erased personal data. Raises: UserUnknown."""
        return self._user(self._authorized_organisation("see_users", actor).id, user_id, at)

    @question("see_users")
    def user_with_version(self, actor: Actor, user_id: UUID) -> tuple[UserView, int]:
        """Return one user as of now, read from the log, and the version that `only_if` takes.

        Raises: UserUnknown.
        """
        scope = self._authorized_organisation("see_users", actor).id
        rows, versions = self._user_rows_and_versions(
            UserListProjection(), scope, _END_OF_TIME, user_id=user_id
        )
        if user_id not in rows:
            raise UserUnknown(user_id)
        return view_of(rows[user_id], self._clock.now()), versions[user_id]

    def _user(self, scope: UUID, user_id: UUID, at: datetime | None) -> UserView:
        if at is None:
            self._projector.catch_up()
            with self._read.connect() as connection:
                row = connection.execute(current_rows([user_id])).mappings().one_or_none()
            if row is not None and row["organisation_id"] == scope:
                return view_of(dict(row), self._clock.now())
        then = at or self._clock.now()
        last: Row | None = None
        for row_then in self._user_rows(UserListProjection(), scope, then, user_id=user_id).values():
            last = row_then
        if last is None:
            raise UserUnknown(user_id)
        return view_of(last, then)

    def _rows_now(
        self, scope: UUID, question: UserQuery, after: Sequence[Any] | None, now: datetime
    ) -> list[Row]:
        return self._rows(_page_of(scope, question, after, now, is_current).offset(question.skip or None))

    def _rows_at(
        self, scope: UUID, question: UserQuery, after: Sequence[Any] | None, then: datetime
    ) -> list[Row]:
        """Return the rows valid at an instant.

        Current rows and rows that ended later are selected apart, as each of the two has its own index.
        """
        known, rows = microseconds(then), user_list.c
        parts = [
            _page_of(scope, question, after, then, some, rows.since <= known).subquery()
            for some in (is_current, rows.until > known)
        ]
        found = self._rows(union_all(*map(select, parts)))
        found.sort(key=lambda row: sort_key_of(row, question.sort, then), reverse=question.descending)
        return found[: question.limit + 1]

    def _rows(self, query: Select[Any] | CompoundSelect[Any]) -> list[Row]:
        self._projector.catch_up()
        with self._read.connect() as connection:
            found = connection.execute(query)
            names = tuple(found.keys())
            return [dict(zip(names, row, strict=True)) for row in found]

    def _cursor_key(self, scope: UUID, question: UserQuery, now: datetime) -> Sequence[Any] | None:
        """Return the sort key after which the page begins; None for the first page. Raises: CursorInvalid."""
        if question.after_user is not None:
            return self._sort_key_of_user(scope, question.after_user, question.sort, now)
        if question.after is None:
            return None
        order, *key, last = self._cursors.open(scope, question.after)
        if order != question.order:
            raise CursorInvalid
        return [*key, UUID(str(last))]

    def _sort_key_of_user(self, scope: UUID, user_id: UUID, sort: Sort, now: datetime) -> Sequence[Any]:
        """Return the sort key of a user's latest row. Raises: CursorInvalid, also for an erased user."""
        rows = user_list.c
        query = select(user_list).where(rows.user_id == user_id)
        found = self._rows(query.order_by(rows.since.desc()).limit(1))
        if not found or found[0]["organisation_id"] != scope or found[0]["first_name"] is None:
            raise CursorInvalid
        return sort_key_of(found[0], sort, now)


def _page_of(
    scope: UUID,
    question: UserQuery,
    after: Sequence[Any] | None,
    at: datetime,
    *validity: ColumnElement[bool],
) -> Select[Any]:
    """Select a page of rows and one more row, by which a next page shows."""
    query = select(user_list).where(
        user_list.c.organisation_id == scope, *validity, *conditions(question, at)
    )
    return ordered(query, question, after, at).limit(question.limit + 1)
