"""`brugerbog users cpr`: what is masked elsewhere, whole, and recorded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from brugerbog.entrypoints.cli.arguments import Id
from brugerbog.entrypoints.cli.context import Call, subcommand
from brugerbog.entrypoints.cli.output import print_json, say

if TYPE_CHECKING:
    import typer


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    subcommand(app, "cpr")(show_cpr)


def show_cpr(call: Call, user_id: Id) -> None:
    """Show a user's whole CPR number; that it was shown, and to whom, is recorded."""
    with call.acting() as (service, actor):
        answer = service.administration.show_cpr(actor, user_id, command_id=call.command_id)
    if call.as_json:
        print_json({"id": user_id, "cpr": answer.cpr, "cpr_already_shown": answer.cpr_already_shown})
    elif answer.cpr is None:
        say("CPR-nummeret er vist under dette kommando-id. Vis det igen uden --command-id.")
    else:
        sys.stdout.write(f"{answer.cpr}\n")
        say("CPR-nummer vist. Det fremgår af loggen og af brugerens aktivitetshistorik.")
