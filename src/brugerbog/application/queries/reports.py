"""Reports: users by status and placement, means, invoiced amounts, and pending users."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, literal, select, true, tuple_

from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.application.queries.staleness import note_stale
from brugerbog.application.queries.user_list import status_of
from brugerbog.domain.kernel.days import COPENHAGEN, danish_day
from brugerbog.domain.kernel.instants import instant, microseconds
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from brugerbog.projections.charges.table import USER_CHARGE, charges
from brugerbog.projections.user_list.table import user_list, valid_at
from brugerbog.projections.user_status.table import user_status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.projections.projection import Row

_BATCH: Final = 1000
"""The most rows in memory at a time."""

LINK_EXPIRED: Final = "link_expired"
"""The status in reports of a pending user whose link has expired."""


@dataclass(frozen=True, slots=True)
class Report:
    """A table: column names, and rows of plain values (text, integers, instants, or None)."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return each row by column names."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class ReportQueries(QueryExecution):
    """Reports as of now, or as of an instant `at` (timezone-aware), past or future, without users' names."""

    @question("see_reports")
    def report_status(self, actor: Actor, *, at: datetime | None = None) -> Report:
        """Columns `status`, `users`: users by status; `link_expired` is a status of its own here."""
        as_of = at or self._clock.now()
        counted = Counter[str]()
        for row, users in self._status_counts(actor, ("phase", *_DATES, "link_expires_at"), at):
            counted[_status_or_link_expired(row, as_of)] += users
        order = [Status.IMPORTED, Status.PENDING, LINK_EXPIRED, Status.ACTIVE, Status.DEACTIVATED]
        return Report("status", ("status", "users"), [(str(status), counted[status]) for status in order])

    @question("see_reports")
    def report_placement(self, actor: Actor, *, at: datetime | None = None) -> Report:
        """Columns `p_number`, `se_number`, `ean`, `status`, `users`: users by placement and status."""
        as_of = at or self._clock.now()
        counted = Counter[tuple[str | None, ...]]()
        for row, users in self._status_counts(actor, (*_PLACEMENT, "phase", *_DATES), at):
            counted[(*(row[name] for name in _PLACEMENT), str(status_of(row, as_of)))] += users
        rows = [(*place, users) for place, users in counted.items()]
        rows.sort(key=lambda row: tuple((value is not None, value) for value in row[:-1]))
        return Report("placement", (*_PLACEMENT, "status", "users"), rows)

    @question("see_reports")
    def report_means(self, actor: Actor, *, at: datetime | None = None) -> Report:
        """Columns `means`, `assigned`, `ordered`, `active`: kinds of means; `ordered` aren't active yet."""
        columns = ("means", "ordered_means", "active_means")
        counted = {column: Counter[str]() for column in columns}
        for row, users in self._status_counts(actor, columns, at):
            for column in columns:
                for kind in filter(None, row[column].split(",")):
                    counted[column][kind] += users
        rows = [(str(kind), *(counted[column][kind] for column in columns)) for kind in Means]
        return Report("means", ("means", "assigned", "ordered", "active"), rows)

    @question("see_reports")
    def report_pending(self, actor: Actor, *, at: datetime | None = None) -> Report:
        """Pending users, the longest pending first.

        Columns `user_id`, `pending_since`, `days` (Copenhagen days since then), `link_expires_at`,
        `link_expired`.
        """
        as_of = at or self._clock.now()
        columns = ("user_id", "phase", "pending_since", "link_expires_at")
        rows = []
        for row, _ in self._status_counts(actor, columns, at):
            if row["phase"] == Status.PENDING:
                since, expiry = instant(row["pending_since"]), row["link_expires_at"]
                days = (danish_day(as_of) - danish_day(since)).days
                expired = expiry is not None and microseconds(as_of) >= expiry
                rows.append((row["user_id"], since, days, expiry and instant(expiry), expired))
        rows.sort(key=lambda row: (row[1], row[0]))
        names = ("user_id", "pending_since", "days", "link_expires_at", "link_expired")
        return Report("pending", names, rows)

    @question("see_reports", charges)
    def report_cost(self, actor: Actor, *, at: datetime | None = None) -> Report:
        """Columns `month` (YYYY-MM), `ean`, `kind`, `count`, `amount`: invoiced amounts in øre without VAT.

        A user is charged once: on creation, or when sent to activation if imported. The first users of the
        organisation are free; each later user costs the price at that time. Charges of deleted users are
        included.
        """
        organisation = self._authorized_organisation("see_reports", actor)
        as_of = at or self._clock.now()
        self._projector.catch_up()
        counts, amounts = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
        users = 0
        for row in self._charges(organisation.id, as_of):
            charged_at = instant(row.charged_at)
            price = row.price
            if row.kind == USER_CHARGE:
                users += 1
                prices = organisation.prices_at(charged_at)
                price = 0 if users <= prices.free_users else prices.user
            key = (f"{charged_at.astimezone(COPENHAGEN):%Y-%m}", row.ean or "", row.kind)
            counts[key] += 1
            amounts[key] += price
        found = [(month, ean or None, kind, counts[month, ean, kind], amounts[month, ean, kind])
                 for month, ean, kind in sorted(counts)]  # fmt: skip
        return Report("cost", ("month", "ean", "kind", "count", "amount"), found)

    def _charges(self, scope: UUID, until: datetime) -> Iterator[Any]:
        """Yield the charges up to an instant in log order, a batch at a time."""
        key = tuple_(charges.c.position, charges.c.number)
        query = select(charges).where(
            charges.c.organisation_id == scope, charges.c.charged_at <= microseconds(until)
        )
        last = (0, 0)
        while True:
            batch = (
                query.where(key > tuple_(*map(literal, last)))
                .order_by(charges.c.position, charges.c.number)
                .limit(_BATCH)
            )
            with self._read.connect() as connection:
                rows = connection.execute(batch).all()
            yield from rows
            if len(rows) < _BATCH:
                return
            last = (rows[-1].position, rows[-1].number)

    def _status_counts(
        self, actor: Actor, columns: Sequence[str], at: datetime | None
    ) -> Iterator[tuple[Row, int]]:
        """Yield each combination of values of these columns, with its number of users who aren't deleted.

        A past instant is read from the versioned rows of `user_list`, now or a future one from `user_status`.
        """
        scope = self._authorized_organisation("see_reports", actor).id
        self._projector.catch_up()
        if at is not None and at < self._clock.now():
            wanted, is_valid = [_PAST_COLUMNS[name] for name in columns], valid_at(at)
            of_organisation, table_name = user_list.c.organisation_id == scope, user_list.name
        else:
            wanted, is_valid = [user_status.c[name] for name in columns], true()
            of_organisation, table_name = user_status.c.organisation_id == scope, user_status.name
        note_stale(self._stale({table_name}))
        query = select(*wanted, func.count()).where(of_organisation, is_valid).group_by(*wanted)
        with self._read.connect() as connection:
            for row in connection.execute(query):
                yield dict(zip(columns, row[:-1], strict=True)), row[-1]


def _status_or_link_expired(row: Row, at: datetime) -> str:
    status, expiry = status_of(row, at), row["link_expires_at"]
    if status is Status.PENDING and expiry is not None and microseconds(at) >= expiry:
        return LINK_EXPIRED
    return status


_earlier_rows = user_list.alias()
_PAST_COLUMNS: Final[dict[str, Any]] = {
    **user_list.c,
    "pending_since": select(func.min(_earlier_rows.c.since))
    .where(_earlier_rows.c.user_id == user_list.c.user_id, _earlier_rows.c.phase == Status.PENDING)
    .scalar_subquery()
    .label("pending_since"),
}
"""The columns of `user_list` for a past instant. A user is pending only once, so `pending_since` is the start
of their first row in that phase."""

_PLACEMENT: Final = ("p_number", "se_number", "ean")
_DATES: Final = ("deactivated_from", "deactivated_to")
