"""Conversion of instants to their stored form: whole microseconds since 1970-01-01 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_EARLIEST: Final = datetime(1, 1, 3, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)


def clamp_to_calendar(instant: datetime) -> datetime:
    """Return the instant, clamped to the range that has a date in every time zone."""
    return min(max(instant, _EARLIEST), _LATEST)


def microseconds(instant: datetime) -> int:
    """Return whole microseconds since 1970-01-01 UTC of a timezone-aware instant."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(us: int) -> datetime:
    """Return the instant in UTC; the inverse of `microseconds`."""
    return _EPOCH + timedelta(microseconds=us)


MAX_CLOCK_SKEW: Final = timedelta(minutes=1)
"""The largest difference allowed between the clocks of two machines that serve one store."""


def is_reached(at: datetime, now: datetime) -> bool:
    """Whether a stored instant is past, allowing for clock skew; of a later one no age can be computed."""
    return at <= now + MAX_CLOCK_SKEW
