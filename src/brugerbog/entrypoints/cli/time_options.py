"""Days and instants as options name them: a day is a Danish one, and as an end it is included."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from brugerbog.entrypoints.cli.values import read_date, read_instant


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
