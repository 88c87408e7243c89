"""Requests to become anonymous: `brugerbog notices`, and commands of `brugerbog users` that answer them."""

from __future__ import annotations

from typing import Annotated

import typer

from brugerbog.entrypoints.cli.arguments import Id
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, table
from brugerbog.entrypoints.cli.standard_input import prompt_or_read_line, read_line
from brugerbog.entrypoints.cli.users.results import print_result, print_result_with_code
from brugerbog.entrypoints.cli.values import InvalidUsage
from brugerbog.entrypoints.presentation.words import danish_time

notices = typer.Typer(help="Requests that await an administrator.", no_args_is_help=True)


def add_to(users: typer.Typer) -> None:
    """Add these commands to `brugerbog users`."""
    subcommand(users, "approve-anonymity")(approve_anonymity)
    subcommand(users, "decline-anonymity")(decline_anonymity)


@subcommand(notices, "list")
def list_notices(context: CliContext) -> None:
    """List the unanswered requests to become anonymous, oldest first."""
    with context.as_actor() as (service, actor):
        found = service.queries.notices(actor)
    if context.as_json:
        print_json({"notices": found})
        return
    rows = ((one.user_id, f"{one.first_name} {one.surname}", danish_time(one.asked_at)) for one in found)
    print_data(table(("UUID", "Ønsker at være anonym", "Anmodet"), rows))
    if not found:
        context.print_message("Ingen notifikationer.")


def approve_anonymity(context: CliContext, user_id: Id) -> None:
    """Replace a user with a new, anonymous one, with a new id and no rights; the old one is deleted."""
    with context.as_actor() as (service, actor):
        result = service.administration.approve_anonymity(actor, user_id, command_id=context.command_id)
        outcome = "er oprettet på ny som anonym bruger, uden rettigheder"
        print_result_with_code(context, service, actor, result, outcome)
    context.print_message(f"Den tidligere bruger {user_id} er slettet.")


def decline_anonymity(
    context: CliContext,
    user_id: Id,
    *,
    reason: Annotated[str | None, typer.Option(help="The reason; the user gets it by mail.")] = None,
    reason_stdin: Annotated[
        bool, typer.Option("--reason-stdin", help="Read the reason from standard input.")
    ] = False,
) -> None:
    """Decline a request; the user gets the reason by mail. Prompts for the reason unless given."""
    if reason is not None and reason_stdin:
        raise InvalidUsage("Angiv enten --reason eller --reason-stdin.")
    with context.as_actor() as (service, actor):
        if reason_stdin:
            reason = read_line("begrundelse")
        elif reason is None:
            reason = prompt_or_read_line("begrundelse", hidden=False)
        service.administration.decline_anonymity(actor, user_id, reason, command_id=context.command_id)
        print_result(context, service, actor, user_id, "får at vide, at anmodningen er afvist")
