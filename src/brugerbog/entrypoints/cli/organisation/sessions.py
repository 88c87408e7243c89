"""`brugerbog sessions`: who is logged in to the pages, and logging somebody out."""

from __future__ import annotations

import typer

from brugerbog.entrypoints.cli.arguments import Id
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, table

app = typer.Typer(help="See who is logged in to the pages, and log users out.", no_args_is_help=True)


@subcommand(app, "list")
def list_(context: CliContext) -> None:
    """List who is logged in, since when, and when each was last seen."""
    with context.as_actor() as (service, actor):
        sessions = service.queries.sessions(actor)
    if context.as_json:
        print_json({"sessions": sessions})
        return
    rows = [(one.user_id, one.begun_at, one.seen_at) for one in sessions]
    print_data(table(("Bruger", "Logget på", "Sidst set"), rows))
    if not rows:
        context.print_message("Ingen er logget på.")


@subcommand(app, "end")
def end(context: CliContext, user_id: Id) -> None:
    """Log a user out in every browser; it is recorded."""
    with context.as_actor() as (service, actor):
        service.administration.end_sessions(actor, user_id, command_id=context.command_id)
    if context.as_json:
        print_json({"id": user_id, "ended": True})
        return
    context.print_message("Brugeren er logget af overalt.")
