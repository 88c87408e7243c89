"""`brugerbog report`: tables of numbers, for people, for spreadsheets, and for programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from brugerbog.domain.means import DANISH_NAMES, Means
from brugerbog.domain.status import DANISH_STATUS
from brugerbog.entrypoints.cli.answers import print_json, spreadsheet, table, write
from brugerbog.entrypoints.cli.arguments import At
from brugerbog.entrypoints.cli.call import Call, subcommand
from brugerbog.entrypoints.cli.choices import ReportName
from brugerbog.entrypoints.cli.values import Misuse
from brugerbog.entrypoints.words import LINK_EXPIRED, danish_time, kroner, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from brugerbog.application.reports import Report

_HEADINGS: Final = {
    "status": "Status",
    "users": "Brugere",
    "p_number": "P-nummer",
    "se_number": "SE-nummer",
    "ean": "EAN",
    "means": "Identifikationsmiddel",
    "assigned": "Tildelt",
    "ordered": "Bestilt",
    "active": "I brug",
    "user_id": "UUID",
    "pending_since": "Afventer siden",
    "days": "Dage",
    "link_expires_at": "Link udløber",
    "link_expired": "Link udløbet",
    "month": "Måned",
    "kind": "Art",
    "count": "Antal",
    "amount": "Kroner ekskl. moms",
}
_WAITING: Final[dict[str, str]] = {**DANISH_STATUS, "link_expired": f"Afventer aktivering · {LINK_EXPIRED}"}


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    subcommand(app, "report")(report)


def report(
    call: Call,
    name: Annotated[ReportName, typer.Argument(metavar="NAME", help="Which report.")],
    *,
    at: At = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Answer with a CSV file for a Danish spreadsheet on stdout.")
    ] = False,
) -> None:
    """Report status, means, cost, pending or placement; names nobody."""
    if as_csv and call.as_json:
        raise Misuse("Vælg enten --csv eller --json.")
    with call.acting() as (service, actor):
        ask: Callable[..., Report] = getattr(service.queries, f"report_{name.value}")
        made = ask(actor, at=at)
    if call.as_json:
        print_json({"report": made.name, "at": at, "rows": made.as_dicts()})
    elif as_csv:
        sys.stdout.buffer.write(spreadsheet(_headings(made), _rows(made, thousands="")))
    else:
        write(table(_headings(made), _rows(made)))
        if name is ReportName.cost:
            total = sum(row["amount"] for row in made.as_dicts())
            call.say(f"I alt {kroner(total)} kr. ekskl. moms.")


def _headings(made: Report) -> list[str]:
    return [_HEADINGS[column] for column in made.columns]


def _rows(made: Report, *, thousands: str = ".") -> Iterator[list[object]]:
    for row in made.as_dicts():
        yield [_in_words(column, value, thousands) for column, value in row.items()]


def _in_words(column: str, value: Any, thousands: str) -> object:  # noqa: ANN401 - any cell
    if value is None:
        return ""
    if column == "status":
        return _WAITING[value]
    if column == "amount":
        return kroner(value, thousands=thousands)
    if column == "link_expired":
        return yes_or_no(value)
    if column in ("means", "kind"):
        return "bruger" if value == "user" else DANISH_NAMES[Means(value)]
    return danish_time(value) if column in ("pending_since", "link_expires_at") else value
