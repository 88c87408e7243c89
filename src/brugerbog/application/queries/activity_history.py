"""One line of a user's activity history, and how a history is narrowed and ordered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.kernel.days import danish_day

if TYPE_CHECKING:
    from collections.abc import Callable


LATEST: Final = 200
"""So many activities of a user are shown (guide)."""


class HistorySort(StrEnum):
    """How a history is ordered (guide, Se brugerens aktivitetshistorik)."""

    TIME = "time"
    TRANSACTION = "transaction"
    PROVIDER = "provider"
    TYPE = "type"


@dataclass(frozen=True, slots=True, repr=False)
class Activity:
    """One line of a user's activity history."""

    occurred_at: datetime
    transaction: str
    service_provider: str
    service_type: str


def within(activity: Activity, from_date: date | None, to_date: date | None) -> bool:
    """Whether it happened on one of these Copenhagen days."""
    day = danish_day(activity.occurred_at)
    return (from_date is None or from_date <= day) and (to_date is None or day <= to_date)


def has_words(activity: Activity, words: str) -> bool:
    """Whether it holds all of the words, whatever their case."""
    text = f"{activity.transaction} {activity.service_provider} {activity.service_type}".casefold()
    return all(word in text for word in words.casefold().split())


BY: Final[dict[HistorySort, Callable[[Activity], Any]]] = {
    HistorySort.TIME: lambda one: one.occurred_at,
    HistorySort.TRANSACTION: lambda one: (one.transaction.casefold(), one.occurred_at),
    HistorySort.PROVIDER: lambda one: (one.service_provider.casefold(), one.occurred_at),
    HistorySort.TYPE: lambda one: (one.service_type, one.occurred_at),
}
