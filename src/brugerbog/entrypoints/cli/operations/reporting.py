"""`brugerbog store reporting`: views for reporting tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_json

if TYPE_CHECKING:
    import typer


def add_to(app: typer.Typer) -> None:
    """Add this command to `brugerbog store`."""
    subcommand(app, "reporting")(reporting)


def reporting(context: CliContext) -> None:
    """Create the views for reporting tools on PostgreSQL, or renew them after an upgrade."""
    with context.as_operator() as service:
        service.make_views()
    if context.as_json:
        print_json({"schema": "reporting"})
    context.print_message("Visningerne i skemaet reporting er lavet. De er beskrevet i docs/reporting.md.")
