"""`brugerbog projections`: the status of the read tables, verification and rebuild."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.operations.projection_comparison import compare_all_tables, print_comparisons
from brugerbog.entrypoints.cli.output import print_data, print_json, print_message, table
from brugerbog.entrypoints.cli.values import InvalidUsage

app = typer.Typer(help="Check and rebuild the read tables.", no_args_is_help=True)

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="One projection; default: all.")]


@subcommand(app, "status")
def status(context: CliContext) -> None:
    """Show the position, lag and state of each projection."""
    with context.as_operator() as service:
        statuses = service.runner.status()
    if context.as_json:
        print_json({"projections": statuses})
        return
    rows = ((one.name, one.position, one.lag, one.state, one.failed_at, one.failure) for one in statuses)
    print_data(table(("Projektion", "Position", "Bagud", "Tilstand", "Standset ved", "Fejl"), rows))


@subcommand(app, "verify")
def verify(context: CliContext) -> None:
    """Compare every live table with one rebuilt from the log; exit code 1 if any differs."""
    with context.as_operator() as service:
        found = compare_all_tables(service)
    print_comparisons(context, found)


@subcommand(app, "rebuild")
def rebuild(context: CliContext, name: Name = None) -> None:
    """Rebuild a projection, or all, from the log; queries are answered meanwhile."""
    with context.as_operator() as service:
        known = [one.name for one in service.runner.status()]
        if name is not None and name not in known:
            raise InvalidUsage(f"Der er ingen projektion {name}. Vælg en af: {', '.join(known)}.")
        chosen = known if name is None else [name]
        for one in chosen:
            service.runner.rebuild(one, progress=_print_progress if sys.stderr.isatty() else None)
        statuses = [one for one in service.runner.status() if one.name in chosen]
    if context.as_json:
        print_json({"projections": statuses})
    else:
        print_message(f"Bygget igen: {', '.join(chosen)}.")


def _print_progress(position: int) -> None:
    sys.stderr.write(f"\r{position} hændelser \r")
