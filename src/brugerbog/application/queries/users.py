"""Every question, answered from the read tables, or from the log where it is about another moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import func, select, union_all

from brugerbog.application.queries.activity_history import (
    BY,
    LATEST,
    Activity,
    HistorySort,
    has_words,
    within,
)
from brugerbog.application.queries.audit.exports import Exports
from brugerbog.application.queries.audit.log import AuditLog
from brugerbog.application.queries.audit.past_state import AuditPast
from brugerbog.application.queries.changes import Changes
from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.application.queries.mail import MailQueries
from brugerbog.application.queries.menu import Menus
from brugerbog.application.queries.notices import Notices
from brugerbog.application.queries.previews.effects import Consequences
from brugerbog.application.queries.previews.refusals import Foresight
from brugerbog.application.queries.reports import Reports
from brugerbog.application.queries.user_list import (
    LARGEST_PAGE,
    Sort,
    UserPage,
    UserQuestion,
    UserView,
    conditions,
    current_rows,
    ordered,
    place_of,
    view_of,
)
from brugerbog.application.refusals.requests import CursorInvalid, LimitOutOfRange, UserUnknown
from brugerbog.domain.kernel.instants import instant, microseconds
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.status import Status
from brugerbog.projections.activity_history.table import activity_history
from brugerbog.projections.user_list.projection import UserListProjection
from brugerbog.projections.user_list.table import is_current, user_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, CompoundSelect, Select

    from brugerbog.application.actors import Actor
    from brugerbog.application.queries.sessions import OpenSession
    from brugerbog.domain.organisation.clients import Client
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.projections.projection import Row

__all__ = ["Activity", "HistorySort", "Queries", "Sort", "UserPage", "UserQuestion", "UserView"]

_END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, repr=False)
class Myself:
    """A user as he sees himself."""

    user: UserView
    roles: list[Role]


class UserQuestions(QueryExecution):
    """Who they are, what became of them, and what was reported of them."""

    @question("see_organisation")
    def organisation(self, actor: Actor) -> Organisation:
        """The organisation with its settings and roles."""
        return self._may("see_organisation", actor)

    @question("see_oneself", user_list)
    def myself(self, actor: Actor) -> Myself:
        """What somebody may know of himself: his user, and the roles he holds (guide, Stamdata)."""
        organisation = self._may("see_oneself", actor)
        return Myself(self._user(organisation.id, actor.id, None), sorted(organisation.roles_of(actor.id)))

    @question("see_replaced")
    def replaced_by(self, actor: Actor, user_id: UUID) -> UUID | None:
        """Whom an anonymous user has taken the place of, if anybody; None once he is erased too.

        Raises: UserUnknown.
        """
        organisation = self._may("see_replaced", actor)
        user = self._log.user(user_id)
        if user is None or user.organisation_id != organisation.id:
            raise UserUnknown(user_id)
        return user.replaced if isinstance(user.replaced, UUID) else None

    @question("see_organisation")
    def roles(self, actor: Actor) -> list[tuple[UUID, Role]]:
        """Who holds which role, in the order they were given their first one."""
        organisation = self._may("see_organisation", actor)
        return [(user_id, role) for user_id, held in organisation.roles.items() for role in sorted(held)]

    @question("see_clients")
    def clients(self, actor: Actor) -> list[Client]:
        """The systems that act for the organisation, revoked ones too, in the order they were created."""
        return list(self._may("see_clients", actor).clients.values())

    @question("see_sessions")
    def sessions(self, actor: Actor) -> list[OpenSession]:
        """Who is logged in to the pages, the latest first."""
        return self._open_sessions(self._may("see_sessions", actor))

    @question("see_oneself")
    def own_sessions(self, actor: Actor) -> list[OpenSession]:
        """The browsers that the user who asks is logged in with, the latest first."""
        organisation = self._may("see_oneself", actor)
        return [one for one in self._open_sessions(organisation) if one.user_id == actor.id]

    def _open_sessions(self, organisation: Organisation) -> list[OpenSession]:
        return [
            one
            for one in self._sessions.of_organisation(organisation.id)
            if not organisation.has_ended(one.user_id, one.begun_at)
        ]

    @question("see_users", user_list)
    def users(self, actor: Actor, question: UserQuestion | None = None) -> UserPage:
        """A page of the organisation's living users, imported ones among them.

        Every word searched for begins a word of the name or the e-mail address, or the text is a user's id;
        case and accents don't matter. Raises: LimitOutOfRange, CursorInvalid.
        """
        scope = self._may("see_users", actor).id
        question = question or UserQuestion()
        if not 1 <= question.limit <= LARGEST_PAGE:
            raise LimitOutOfRange(question.limit)
        now = question.at or self._clock.now()
        place = self._place(scope, question, now)
        if question.at is None:
            rows = self._rows_now(scope, question, place, now)
        else:
            rows = self._rows_then(scope, question, place, now)
        page, more = rows[: question.limit], len(rows) > question.limit
        following = None
        if more:
            key = place_of(page[-1], question.sort, now)
            following = self._cursors.seal(scope, [question.order, *key[:-1], str(key[-1])])
        is_stale = bool(self._stale({user_list.name}))
        return UserPage([view_of(row, now) for row in page], following, is_stale)

    @question("see_users", user_list)
    def how_many(self, actor: Actor, question: UserQuestion) -> int:
        """How many living users there are of those asked for, on all pages."""
        scope, now = self._may("see_users", actor).id, self._clock.now()
        asked = conditions(question, now)
        self._projector.catch_up()
        with self._read.connect() as connection:
            counted = select(func.count()).where(user_list.c.organisation_id == scope, is_current, *asked)
            return connection.execute(counted).scalar_one()

    @question("see_users", user_list)
    def user(self, actor: Actor, user_id: UUID, *, at: datetime | None = None) -> UserView:
        """One user, deleted ones too: then without what has been erased. Raises: UserUnknown."""
        return self._user(self._may("see_users", actor).id, user_id, at)

    @question("see_users")
    def user_with_version(self, actor: Actor, user_id: UUID) -> tuple[UserView, int]:
        """One user as of now, straight from the log, and the version told of: that `only_if` takes.

        Raises: UserUnknown.
        """
        scope = self._may("see_users", actor).id
        lives, versions = self._followed(UserListProjection(), scope, _END_OF_TIME, user_id=user_id)
        if user_id not in lives:
            raise UserUnknown(user_id)
        return view_of(lives[user_id], self._clock.now()), versions[user_id]

    def _user(self, scope: UUID, user_id: UUID, at: datetime | None) -> UserView:
        if at is None:
            self._projector.catch_up()
            with self._read.connect() as connection:
                row = connection.execute(current_rows([user_id])).mappings().one_or_none()
            if row is not None and row["organisation_id"] == scope:
                return view_of(dict(row), self._clock.now())
        then = at or self._clock.now()
        last: Row | None = None
        for row_then in self._lives(UserListProjection(), scope, then, user_id=user_id).values():
            last = row_then
        if last is None:
            raise UserUnknown(user_id)
        return view_of(last, then)

    @question("see_history", user_list, activity_history)
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
        if self._user(self._may("see_history", actor).id, user_id, None).status is Status.DELETED:
            raise UserUnknown(user_id)
        with self._read.connect() as connection:
            rows = connection.execute(
                select(
                    activity_history.c.occurred_at,
                    activity_history.c.transaction,
                    activity_history.c.service_provider,
                    activity_history.c.service_type,
                )
                .where(activity_history.c.user_id == user_id)
                .order_by(activity_history.c.occurred_at.desc(), activity_history.c.position.desc())
                .limit(LATEST)
            ).all()
        found = [Activity(instant(occurred_at), *told) for occurred_at, *told in reversed(rows)]
        wanted = [one for one in found if within(one, from_date, to_date) and has_words(one, words or "")]
        ordered_up = sorted(wanted, key=BY[sort])
        return ordered_up[::-1] if descending else ordered_up

    # Now and then

    def _rows_now(
        self, scope: UUID, question: UserQuestion, place: Sequence[Any] | None, now: datetime
    ) -> list[Row]:
        return self._rows(_asked(scope, question, place, now, is_current).offset(question.skip or None))

    def _rows_then(
        self, scope: UUID, question: UserQuestion, place: Sequence[Any] | None, then: datetime
    ) -> list[Row]:
        """Of the rows that stand still, and of those that stood until later: either has its own index."""
        known, rows = microseconds(then), user_list.c
        parts = [
            _asked(scope, question, place, then, still, rows.since <= known).subquery()
            for still in (is_current, rows.until > known)
        ]
        found = self._rows(union_all(*map(select, parts)))
        found.sort(key=lambda row: place_of(row, question.sort, then), reverse=question.descending)
        return found[: question.limit + 1]

    def _rows(self, query: Select[Any] | CompoundSelect[Any]) -> list[Row]:
        self._projector.catch_up()
        with self._read.connect() as connection:
            found = connection.execute(query)
            names = tuple(found.keys())
            return [dict(zip(names, row, strict=True)) for row in found]

    def _place(self, scope: UUID, question: UserQuestion, now: datetime) -> Sequence[Any] | None:
        if question.after_user is not None:
            return self._place_of(scope, question.after_user, question.sort, now)
        if question.after is None:
            return None
        order, *key, last = self._cursors.open(scope, question.after)
        if order != question.order:
            raise CursorInvalid
        return [*key, UUID(str(last))]

    def _place_of(self, scope: UUID, user_id: UUID, sort: Sort, now: datetime) -> Sequence[Any]:
        """Where a user stands, or stood last. Raises: CursorInvalid, also when that is forgotten."""
        rows = user_list.c
        query = select(user_list).where(rows.user_id == user_id)
        found = self._rows(query.order_by(rows.since.desc()).limit(1))
        if not found or found[0]["organisation_id"] != scope or found[0]["first_name"] is None:
            raise CursorInvalid
        return place_of(found[0], sort, now)


def _asked(
    scope: UUID,
    question: UserQuestion,
    place: Sequence[Any] | None,
    at: datetime,
    *standing: ColumnElement[bool],
) -> Select[Any]:
    """A page of the rows that stand like this, and one more."""
    query = select(user_list).where(
        user_list.c.organisation_id == scope, *standing, *conditions(question, at)
    )
    return ordered(query, question, place, at).limit(question.limit + 1)


class Queries(
    UserQuestions,
    Menus,
    Reports,
    Notices,
    Consequences,
    Foresight,
    MailQueries,
    AuditLog,
    AuditPast,
    Exports,
    Changes,
):
    """The questions. Embedded, each answers from read tables that have caught up with the log.

    All raise `NotAllowed` and `OrganisationUnknown` besides what they name.
    """
