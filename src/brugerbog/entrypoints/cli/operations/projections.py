"""`brugerbog projections`: how the read tables stand, whether they are right, and building them anew."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from brugerbog.entrypoints.cli.context import Call, subcommand
from brugerbog.entrypoints.cli.operations.projection_comparison import compare_all, tell
from brugerbog.entrypoints.cli.output import print_json, say, table, write
from brugerbog.entrypoints.cli.values import Misuse

app = typer.Typer(help="Check the read tables and build them anew.", no_args_is_help=True)

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="One projection; all unless given.")]


@subcommand(app, "status")
def status(call: Call) -> None:
    """Show how far each projection has come."""
    with call.operating() as service:
        standing = service.runner.status()
    if call.as_json:
        print_json({"projections": standing})
        return
    rows = ((one.name, one.position, one.lag, one.state, one.failed_at, one.failure) for one in standing)
    write(table(("Projektion", "Position", "Bagud", "Tilstand", "Standset ved", "Fejl"), rows))


@subcommand(app, "verify")
def verify(call: Call) -> None:
    """Compare every live table with one built anew from the log; exits with 1 if any differs."""
    with call.operating() as service:
        found = compare_all(service)
    tell(call, found)


@subcommand(app, "rebuild")
def rebuild(call: Call, name: Name = None) -> None:
    """Build a projection, or all, anew from the log; questions are answered meanwhile."""
    with call.operating() as service:
        known = [one.name for one in service.runner.status()]
        if name is not None and name not in known:
            raise Misuse(f"Der er ingen projektion {name}. Vælg en af: {', '.join(known)}.")
        chosen = known if name is None else [name]
        for one in chosen:
            service.runner.rebuild(one, progress=_tell if sys.stderr.isatty() else None)
        standing = [one for one in service.runner.status() if one.name in chosen]
    if call.as_json:
        print_json({"projections": standing})
    else:
        say(f"Bygget igen: {', '.join(chosen)}.")


def _tell(position: int) -> None:
    sys.stderr.write(f"\r{position} hændelser \r")
