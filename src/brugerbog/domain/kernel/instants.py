"""Instants as whole microseconds since 1970-01-01 UTC, the form in which they are stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_EARLIEST: Final = datetime(1, 1, 3, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)


def clamp_to_calendar(instant: datetime) -> datetime:
    """An instant, or the nearest one that has a day in every time zone: the calendar ends sooner in some."""
    return min(max(instant, _EARLIEST), _LATEST)


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970-01-01 UTC of a timezone-aware instant."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(us: int) -> datetime:
    """The inverse of `microseconds`, in UTC."""
    return _EPOCH + timedelta(microseconds=us)


MAX_CLOCK_SKEW: Final = timedelta(minutes=1)
"""So much the clocks of two machines that serve one store may differ."""


def is_reached(at: datetime, now: datetime) -> bool:
    """Whether a stored instant has come, as far as clocks agree; one that hasn't tells nothing of an age."""
    return at <= now + MAX_CLOCK_SKEW
