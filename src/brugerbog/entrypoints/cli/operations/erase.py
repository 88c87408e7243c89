"""`brugerbog erase`: erase personal data that is due, and rewrite files that may still hold it."""

from __future__ import annotations

from typing import Annotated

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_json


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    subcommand(app, "erase")(erase)


def erase(
    context: CliContext,
    *,
    scrub: Annotated[
        bool,
        typer.Option(
            "--scrub", help="Rewrite files that may still hold deleted data; other processes wait meanwhile."
        ),
    ] = False,
) -> None:
    """Erase deleted users whose erasure is due, and finish interrupted erasures."""
    with context.as_operator(needs_read_tables=not scrub) as service:
        recorded = service.erase(scrub=scrub)
        done_by_owner = not service.log.backend.can_access_read_tables
    if context.as_json:
        print_json({"recorded": recorded, "scrubbed": scrub})
        return
    if done_by_owner:
        context.print_message(
            "Hvad der er forfaldet, registreres af den rolle, der kører Brugerbog til daglig."
        )
    else:
        context.print_message(f"{recorded} forfaldne ting registreret. Intet venter på at blive slettet.")
    if scrub:
        context.print_message(
            "Lagerets filer er skrevet om. Gamle kopier kan stadig ligge i databasens log og i backup."
        )
