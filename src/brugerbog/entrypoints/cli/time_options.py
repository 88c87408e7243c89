"""Options for the ends of a period: Danish days, the last one included, or instants."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from brugerbog.entrypoints.cli.values import parse_date, parse_instant


def parse_moment(text: str) -> datetime | date:
    """Parse a Danish day, or an instant with offset."""
    if not isinstance(text, str):
        return text
    return parse_date(text) if len(text) == len("YYYY-MM-DD") else parse_instant(text)


From = Annotated[
    datetime | None,
    typer.Option("--from", parser=parse_moment, metavar="WHEN", help="From this day or instant."),
]
To = Annotated[
    datetime | None,
    typer.Option(
        "--to", parser=parse_moment, metavar="WHEN", help="To this day, included, or up to an instant."
    ),
]
