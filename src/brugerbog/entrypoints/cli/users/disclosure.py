"""`brugerbog users cpr`: the whole CPR number, which is masked elsewhere; the disclosure is recorded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from brugerbog.entrypoints.cli.arguments import Id
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_json, print_message

if TYPE_CHECKING:
    import typer


def add_to(app: typer.Typer) -> None:
    """Add this command to `brugerbog users`."""
    subcommand(app, "cpr")(show_cpr)


def show_cpr(context: CliContext, user_id: Id) -> None:
    """Show a user's whole CPR number; the disclosure, and to whom, is recorded."""
    with context.as_actor() as (service, actor):
        result = service.administration.show_cpr(actor, user_id, command_id=context.command_id)
    if context.as_json:
        print_json({"id": user_id, "cpr": result.cpr, "cpr_already_shown": result.cpr_already_shown})
    elif result.cpr is None:
        print_message("CPR-nummeret er vist under dette kommando-id. Vis det igen uden --command-id.")
    else:
        sys.stdout.write(f"{result.cpr}\n")
        print_message("CPR-nummer vist. Det fremgår af loggen og af brugerens aktivitetshistorik.")
