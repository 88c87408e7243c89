"""The query for a user's activity history (guide, Se brugerens aktivitetshistorik)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from brugerbog.application.queries.execution import question
from brugerbog.application.queries.users import UserQueries
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.instants import instant
from brugerbog.domain.values.status import Status
from brugerbog.projections.activity_history.table import activity_history
from brugerbog.projections.user_list.table import user_list

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from brugerbog.application.actors import Actor


MOST_ACTIVITIES: Final = 200
"""The number of latest activities of a user that can be seen (guide)."""


class HistorySort(StrEnum):
    """The order of an activity history (guide, Se brugerens aktivitetshistorik)."""

    TIME = "time"
    TRANSACTION = "transaction"
    PROVIDER = "provider"
    TYPE = "type"


@dataclass(frozen=True, slots=True, repr=False)
class Activity:
    """One entry of a user's activity history."""

    occurred_at: datetime
    transaction: str
    service_provider: str
    service_type: str


class ActivityHistoryQueries(UserQueries):
    """The query for a user's activity history."""

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
        """Return the user's latest 200 activities, or those among them of some days and with some words.

        The dates are Copenhagen days, both included. Raises: UserUnknown.
        """
        scope = self._authorized_organisation("see_history", actor).id
        if self._user(scope, user_id, None).status is Status.DELETED:
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
                .limit(MOST_ACTIVITIES)
            ).all()
        latest = [Activity(instant(occurred_at), *texts) for occurred_at, *texts in reversed(rows)]
        matching = [one for one in latest if _is_within(one, from_date, to_date) and _contains(one, words)]
        ascending = sorted(matching, key=_SORT_KEYS[sort])
        return ascending[::-1] if descending else ascending


def _is_within(activity: Activity, from_date: date | None, to_date: date | None) -> bool:
    day = danish_day(activity.occurred_at)
    return (from_date is None or from_date <= day) and (to_date is None or day <= to_date)


def _contains(activity: Activity, words: str | None) -> bool:
    """Return whether the entry contains all of the words, in any case."""
    text = f"{activity.transaction} {activity.service_provider} {activity.service_type}".casefold()
    return all(word in text for word in (words or "").casefold().split())


_SORT_KEYS: Final[dict[HistorySort, Callable[[Activity], Any]]] = {
    HistorySort.TIME: lambda activity: activity.occurred_at,
    HistorySort.TRANSACTION: lambda activity: (activity.transaction.casefold(), activity.occurred_at),
    HistorySort.PROVIDER: lambda activity: (activity.service_provider.casefold(), activity.occurred_at),
    HistorySort.TYPE: lambda activity: (activity.service_type, activity.occurred_at),
}
