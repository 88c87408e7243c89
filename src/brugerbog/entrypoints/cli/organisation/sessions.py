"""`brugerbog sessions`: who is logged in to the pages, and logging somebody out."""

from __future__ import annotations

import typer

from brugerbog.entrypoints.cli.arguments import Id
from brugerbog.entrypoints.cli.context import Call, subcommand
from brugerbog.entrypoints.cli.output import print_json, table, write

app = typer.Typer(help="See who is logged in to the pages, and log users out.", no_args_is_help=True)


@subcommand(app, "list")
def list_(call: Call) -> None:
    """List who is logged in, since when, and when each was last seen."""
    with call.acting() as (service, actor):
        sessions = service.queries.sessions(actor)
    if call.as_json:
        print_json({"sessions": sessions})
        return
    rows = [(one.user_id, one.begun_at, one.seen_at) for one in sessions]
    write(table(("Bruger", "Logget på", "Sidst set"), rows))
    if not rows:
        call.say("Ingen er logget på.")


@subcommand(app, "end")
def end(call: Call, user_id: Id) -> None:
    """Log a user out in every browser; it is recorded."""
    with call.acting() as (service, actor):
        service.administration.end_sessions(actor, user_id, command_id=call.command_id)
    if call.as_json:
        print_json({"id": user_id, "ended": True})
        return
    call.say("Brugeren er logget af overalt.")
