"""Dates in Copenhagen, and periods of whole days."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from typing import Self

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")


def danish_day(instant: datetime) -> date:
    """Return the date in Copenhagen at an instant (timezone-aware)."""
    return instant.astimezone(COPENHAGEN).date()


def first_moment(day: date) -> datetime:
    """Return the instant (UTC) at which a date begins in Copenhagen; its clocks never change at midnight."""
    return datetime.combine(day, time(), COPENHAGEN).astimezone(UTC)


def same_time_after(instant: datetime, days: int) -> datetime:
    """Return the instant (UTC) with the same wall-clock time in Copenhagen, `days` days later.

    A skipped time counts as one hour later; of a repeated time the second is taken. So a deadline never comes
    earlier than announced.
    """
    later = instant.astimezone(COPENHAGEN) + timedelta(days)
    return max(later.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def months_before(day: date, months: int) -> date:
    """Return the same day `months` calendar months earlier, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from `from_date` to `to_date`, both included; open-ended when `to_date` is None.

    The user is inactive from the first moment of `from_date` to the last moment of `to_date`, Copenhagen time
    (guide, Deaktivér bruger; without the fault described there, by which it lasts a day longer).
    """

    from_date: date
    to_date: date | None

    def covers(self, day: date) -> bool:
        return self.from_date <= day and not self.is_over_by(day)

    def is_over_by(self, day: date) -> bool:
        """Whether `day` comes after the last day."""
        return self.to_date is not None and self.to_date < day

    def overlaps(self, other: Period) -> bool:
        """Whether the two periods share a day."""
        return not (self.is_over_by(other.from_date) or other.is_over_by(self.from_date))

    @property
    def day_of_return(self) -> date | None:
        """The day after the last; None if open-ended, or if `to_date` is the last day of the calendar."""
        return None if self.to_date in (None, date.max) else self.to_date + timedelta(days=1)

    @classmethod
    def of(cls, from_date: date | None, to_date: date | None) -> Self | None:
        return None if from_date is None else cls(from_date, to_date)
