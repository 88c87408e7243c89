"""Where a Danish day begins and ends, for whoever names one as an end of a span: the last day is included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_EARLIEST = date(1, 1, 3)
"""A day that has begun everywhere in the calendar."""


def begin(when: datetime | date | None) -> datetime | None:
    """The first moment of a day, or the instant itself."""
    from brugerbog.domain.kernel.days import first_moment  # noqa: PLC0415 - help must be quick

    if when is None or isinstance(when, datetime):
        return when
    return first_moment(max(when, _EARLIEST))


def end(when: datetime | date | None) -> datetime | None:
    """The first moment after a day, or the instant itself."""
    if when is None or isinstance(when, datetime):
        return when
    return datetime.max.replace(tzinfo=UTC) if when == date.max else begin(when + timedelta(days=1))
