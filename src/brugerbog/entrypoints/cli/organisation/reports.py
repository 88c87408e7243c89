"""`brugerbog report`: reports as a table, CSV or JSON."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from brugerbog.entrypoints.cli.arguments import At
from brugerbog.entrypoints.cli.choices import ReportName
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, table
from brugerbog.entrypoints.cli.values import InvalidUsage
from brugerbog.entrypoints.presentation.reports import headings, rows
from brugerbog.entrypoints.presentation.spreadsheets import spreadsheet
from brugerbog.entrypoints.presentation.words import kroner

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.application.queries.reports import Report


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    subcommand(app, "report")(report)


def report(
    context: CliContext,
    name: Annotated[ReportName, typer.Argument(metavar="NAME", help="The report.")],
    *,
    at: At = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV for a Danish spreadsheet.")] = False,
) -> None:
    """Show a report (status, means, cost, pending or placement) without personal data."""
    if as_csv and context.as_json:
        raise InvalidUsage("Vælg enten --csv eller --json.")
    with context.as_actor() as (service, actor):
        query: Callable[..., Report] = getattr(service.queries, f"report_{name.value}")
        result = query(actor, at=at)
    if context.as_json:
        print_json({"report": result.name, "at": at, "rows": result.as_dicts()})
    elif as_csv:
        sys.stdout.buffer.write(spreadsheet(headings(result), rows(result, thousands="")))
    else:
        print_data(table(headings(result), rows(result)))
        if name is ReportName.cost:
            total = sum(row["amount"] for row in result.as_dicts())
            context.print_message(f"I alt {kroner(total)} kr. ekskl. moms.")
