"""Days and instants as options name them: a day is a Danish one, and as an end it is included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from brugerbog.entrypoints.cli.values import read_date, read_instant

_EARLIEST = date(1, 1, 3)
"""A day that has begun everywhere in the calendar."""


def read_moment(text: str) -> datetime | date:
    """A Danish day, or an instant with offset."""
    if not isinstance(text, str):
        return text
    return read_date(text) if len(text) == len("YYYY-MM-DD") else read_instant(text)


From = Annotated[
    datetime | None,
    typer.Option("--from", parser=read_moment, metavar="WHEN", help="From this day or instant."),
]
To = Annotated[
    datetime | None,
    typer.Option(
        "--to", parser=read_moment, metavar="WHEN", help="To this day, included, or up to an instant."
    ),
]


def begin(when: datetime | date | None) -> datetime | None:
    """The first moment of a day, or the instant itself."""
    from brugerbog.domain.days import first_moment  # noqa: PLC0415 - help must be quick

    if when is None or isinstance(when, datetime):
        return when
    return first_moment(max(when, _EARLIEST))


def end(when: datetime | date | None) -> datetime | None:
    """The first moment after a day, or the instant itself."""
    if when is None or isinstance(when, datetime):
        return when
    return datetime.max.replace(tzinfo=UTC) if when == date.max else begin(when + timedelta(days=1))
