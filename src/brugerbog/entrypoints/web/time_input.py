"""Days and times of day as people write them, read as instants in Copenhagen's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from brugerbog.domain.kernel.days import COPENHAGEN
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.presentation.days import end

_CLOCK: Final = re.compile(r"(\d{1,2})(?:[.:]?(\d{2}))?", re.ASCII)
_FIRST, _LAST = date(1, 1, 3), date(9999, 12, 30)
"""The range of days that can be converted between all time zones."""


@dataclass(eq=False)
class ClockUnreadable(Refusal):
    """The text is no time of day; that is written hours, minutes."""

    code = "clock_unreadable"
    danish = "Klokkeslættet kan ikke læses. Skriv timer og minutter, for eksempel 14.30."
    english = "The time of day can't be read: write hours.minutes."


def read_clock(text: str) -> time | None:
    """Return the time of 14.30, 14:30, 1430 or 14; None of blanks. Raises: ClockUnreadable."""
    text = text.strip()
    if not text:
        return None
    if not (found := _CLOCK.fullmatch(text)):
        raise ClockUnreadable
    try:
        return time(int(found[1]), int(found[2] or 0))
    except ValueError:
        raise ClockUnreadable from None


def instant_of(day: date, clock: time) -> datetime:
    """Return the instant (UTC) of a day and time in Copenhagen; of a time that occurs twice, the second."""
    there = datetime.combine(_clamped(day), clock, COPENHAGEN)
    return max(there.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def last_moment(day: date) -> datetime:
    """Return the last instant (UTC) of a Danish day."""
    over = end(_clamped(day))
    assert over is not None  # noqa: S101 - a day has an end
    return over - timedelta(microseconds=1)


def _clamped(day: date) -> date:
    return min(max(day, _FIRST), _LAST)
