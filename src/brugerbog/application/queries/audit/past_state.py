"""An organisation's state at an instant, and the difference between two instants."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from brugerbog.application.queries.audit.audited_queries import READ_LOG, AuditedQueries
from brugerbog.application.queries.audit.wording import (
    AttributeChange,
    changes,
    danish_text,
    describe,
    organisation_from,
)
from brugerbog.application.queries.execution import question
from brugerbog.application.queries.user_list import DELETED_USER, UserView, status_of, view_of
from brugerbog.domain.danish.collation import sort_key
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.organisation.log_reading import LogReadingKind
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from brugerbog.projections.user_list.table import user_list, valid_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brugerbog.application.actors import Actor
    from brugerbog.domain.kernel.roles import Role
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.projections.projection import Row

_COUNTED = (Status.IMPORTED, Status.PENDING, Status.ACTIVE, Status.DEACTIVATED)


@dataclass(frozen=True, slots=True, repr=False)
class PastState:
    """An organisation at an instant. `position` is that of its last event recorded up to then.

    `users` is the number of users by status; `everybody` lists the users in order of name, if requested.
    Neither has deleted users.
    """

    at: datetime
    position: int
    organisation_id: UUID
    cvr: str
    name: str
    settings: dict[str, Any]
    roles: list[tuple[UUID, Role]]
    users: dict[str, int]
    everybody: list[UserView] | None


@dataclass(frozen=True, slots=True, repr=False)
class PastUser:
    """A user with the name at that time; an erased user has the text for deleted users."""

    user_id: UUID
    name: str


@dataclass(frozen=True, slots=True, repr=False)
class ChangedUser(PastUser):
    """A user who existed at both instants, with the changes in between."""

    changes: list[AttributeChange]


@dataclass(frozen=True, slots=True, repr=False)
class StateDifference:
    """The difference between two instants: of the organisation, and of its users who weren't deleted."""

    earlier: datetime
    later: datetime
    organisation: list[AttributeChange]
    came: list[PastUser]
    left: list[PastUser]
    changed: list[ChangedUser]


class PastStateQueries(AuditedQueries):
    """Queries for past states."""

    @question(READ_LOG, user_list)
    def state_at(self, actor: Actor, at: datetime, *, everybody: bool = False) -> PastState:
        """Return the organisation's state at an instant; the reading is recorded.

        Raises: NotRegisteredYet.
        """
        self._organisation_at(self._authorized_organisation(READ_LOG, actor).id, at)
        scope = self._record_reading(actor, LogReadingKind.STATE, until=at).id
        then = self._organisation_at(scope, at)
        self._projector.catch_up()
        return PastState(
            at=at,
            position=self._audit_reader.last_position(scope, microseconds(at)) or 0,
            organisation_id=scope,
            cvr=then.cvr,
            name=then.name,
            settings=then.settings.as_json(),
            roles=[(user_id, role) for user_id, held in then.roles.items() for role in sorted(held)],
            users=self._count_by_status(scope, at),
            everybody=[view_of(row, at) for row in self._rows_of_all(scope, at)] if everybody else None,
        )

    @question(READ_LOG, user_list)
    def difference(self, actor: Actor, earlier: datetime, later: datetime) -> StateDifference:
        """Return new, deleted and changed users and other changes between two instants, and record that.

        Raises: NotRegisteredYet, InstantsReversed.
        """
        if earlier > later:
            raise InstantsReversed
        self._organisation_at(self._authorized_organisation(READ_LOG, actor).id, earlier)
        scope = self._record_reading(actor, LogReadingKind.DIFFERENCE, since=earlier, until=later).id
        before, after = (self._organisation_at(scope, one) for one in (earlier, later))
        self._projector.catch_up()
        rows_before, rows_after = self._differing_rows(scope, earlier, later)
        changed = []
        for user_id in rows_before.keys() & rows_after.keys():
            changed_attributes = changes(
                _describe(rows_before[user_id], earlier), _describe(rows_after[user_id], later)
            )
            if changed_attributes:
                changed.append(ChangedUser(user_id, _name(rows_after[user_id]), changed_attributes))
        return StateDifference(
            earlier=earlier,
            later=later,
            organisation=changes(describe(before), describe(after)),
            came=_by_name(
                PastUser(one, _name(row)) for one, row in rows_after.items() if one not in rows_before
            ),
            left=_by_name(
                PastUser(one, _name(row)) for one, row in rows_before.items() if one not in rows_after
            ),
            changed=_by_name(changed),
        )

    def _organisation_at(self, organisation_id: UUID, at: datetime) -> Organisation:
        """Raises: NotRegisteredYet."""
        events = self._log.events_until(organisation_id, at, user_id=organisation_id)
        organisation = organisation_from(event for _, event in events)
        if organisation is None:
            raise NotRegisteredYet
        return organisation

    def _count_by_status(self, scope: UUID, at: datetime) -> dict[str, int]:
        rows = user_list.c
        columns = (rows.phase, rows.deactivated_from, rows.deactivated_to)
        query = select(*columns, func.count().label("users")).where(
            rows.organisation_id == scope, valid_at(at)
        )
        counted = dict.fromkeys(map(str, _COUNTED), 0)
        with self._read.connect() as connection:
            for row in connection.execute(query.group_by(*columns)).mappings():
                counted[str(status_of(dict(row), at))] += row["users"]
        return counted

    def _rows_of_all(self, scope: UUID, at: datetime) -> list[Row]:
        rows = user_list.c
        query = select(user_list).where(rows.organisation_id == scope, valid_at(at))
        with self._read.connect() as connection:
            found = connection.execute(query.order_by(rows.sort_key, rows.user_id)).mappings()
            return [dict(row) for row in found]

    def _differing_rows(
        self, scope: UUID, earlier: datetime, later: datetime
    ) -> tuple[dict[UUID, Row], dict[UUID, Row]]:
        """Return the rows at each instant of new, deleted and changed users, and of rows with dates."""
        rows, valid = user_list.c, (valid_at(earlier), valid_at(later))
        not_valid_at_other = (~valid[1], ~valid[0])
        by_days = and_(*valid, or_(rows.deactivated_from.is_not(None), rows.link_expires_at.is_not(None)))
        found: list[dict[UUID, Row]] = []
        with self._read.connect() as connection:
            for at, not_then in zip(valid, not_valid_at_other, strict=True):
                query = select(user_list).where(rows.organisation_id == scope, at, or_(not_then, by_days))
                found.append({row["user_id"]: dict(row) for row in connection.execute(query).mappings()})
        return found[0], found[1]


def _describe(row: Row, at: datetime) -> dict[str, str | None]:
    seen = view_of(row, at)
    view = {name: getattr(seen, name) for name in _ATTRIBUTES}
    for name in ("means", "active_means", "ordered_means"):
        view[name] = tuple(Means(one) for one in view[name])
    for name in ("date_of_birth", "deactivated_from", "deactivated_to"):
        view[name] = view[name] and date.fromisoformat(view[name])
    view["target_ial"] = Ial(view["target_ial"])
    return {name: danish_text(value) for name, value in view.items()}


_ATTRIBUTES: Final = tuple(
    one.name for one in fields(UserView) if one.name not in ("id", "version", "changed_at")
)


def _name(row: Row) -> str:
    return DELETED_USER if row["first_name"] is None else f"{row['first_name']} {row['surname']}"


def _by_name(some: Iterable[Any]) -> list[Any]:
    return sorted(some, key=lambda one: (sort_key(one.name), one.user_id))


@dataclass(eq=False)
class NotRegisteredYet(Refusal):
    """The organisation was registered later than the instant."""

    code = "not_registered_yet"
    danish = "Organisationen var endnu ikke oprettet på det tidspunkt. Vælg et senere."
    english = "The organisation wasn't registered yet at that instant. Choose a later one."


@dataclass(eq=False)
class InstantsReversed(Refusal):
    """The first of two instants must be the earlier one."""

    code = "instants_reversed"
    danish = "Det første tidspunkt ligger efter det andet. Byt om på dem."
    english = "The first instant is later than the second. Swap them."
