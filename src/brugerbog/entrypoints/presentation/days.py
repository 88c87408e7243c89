"""The instants at which a period of Danish days begins and ends; the last day is included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_EARLIEST = date(1, 1, 3)
"""The first day that has begun in every time zone within the calendar's range."""


def begin(when: datetime | date | None) -> datetime | None:
    """Return the first instant of a day, or the instant itself."""
    from brugerbog.domain.kernel.days import first_moment  # noqa: PLC0415 - help must be quick

    if when is None or isinstance(when, datetime):
        return when
    return first_moment(max(when, _EARLIEST))


def end(when: datetime | date | None) -> datetime | None:
    """Return the first instant after a day, or the instant itself."""
    if when is None or isinstance(when, datetime):
        return when
    return datetime.max.replace(tzinfo=UTC) if when == date.max else begin(when + timedelta(days=1))
