"""`brugerbog erase`: destroy what is due to be destroyed, and let no file keep a copy."""

from __future__ import annotations

from typing import Annotated

import typer

from brugerbog.entrypoints.cli.context import Call, subcommand
from brugerbog.entrypoints.cli.output import print_json


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    subcommand(app, "erase")(erase)


def erase(
    call: Call,
    *,
    scrub: Annotated[
        bool,
        typer.Option(
            "--scrub", help="Write anew the files that may still hold what is deleted; others wait meanwhile."
        ),
    ] = False,
) -> None:
    """Erase deleted people whose day has come, and finish erasures that were cut off."""
    with call.operating(needs_read_tables=not scrub) as service:
        recorded = service.erase(scrub=scrub)
        done_by_owner = not service.log.backend.may_touch_read_tables
    if call.as_json:
        print_json({"recorded": recorded, "scrubbed": scrub})
        return
    if done_by_owner:
        call.say("Hvad der er forfaldet, registreres af den rolle, der kører Brugerbog til daglig.")
    else:
        call.say(f"{recorded} forfaldne ting registreret. Intet venter på at blive slettet.")
    if scrub:
        call.say("Lagerets filer er skrevet om. Gamle kopier kan stadig ligge i databasens log og i backup.")
