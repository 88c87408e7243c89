"""`brugerbog sessions`: open sessions of the web pages, and ending them."""

from __future__ import annotations

import typer

from brugerbog.entrypoints.cli.arguments import Id
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, table

app = typer.Typer(help="List and end web sessions.", no_args_is_help=True)


@subcommand(app, "list")
def list_(context: CliContext) -> None:
    """List open sessions, with the times of login and of the latest page view."""
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
    """End all web sessions of a user; it is recorded."""
    with context.as_actor() as (service, actor):
        service.administration.end_sessions(actor, user_id, command_id=context.command_id)
    if context.as_json:
        print_json({"id": user_id, "ended": True})
        return
    context.print_message("Brugeren er logget af overalt.")
