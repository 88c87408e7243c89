"""`brugerbog me`: a user's own data and commands; --as names the user."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, table
from brugerbog.entrypoints.cli.users.tables import user_card
from brugerbog.entrypoints.cli.values import InvalidUsage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.actors import Actor
    from brugerbog.application.queries.notices import AnonymityTerms
    from brugerbog.service import Service

app = typer.Typer(help="The data and commands of the user in --as.", no_args_is_help=True)

_FAILED = 1


@subcommand(app, "show")
def show(context: CliContext) -> None:
    """Show the user in --as, with their roles."""
    with _as_named_user(context) as (service, actor):
        myself = service.queries.myself(actor)
        rights = {one.id: one.name for one in service.queries.anonymity_terms(actor).rights}
    if context.as_json:
        print_json(asdict(myself.user) | {"roles": myself.roles})
    else:
        print_data(user_card(myself.user, rights=rights, roles=myself.roles))


@subcommand(app, "request-anonymity")
def request_anonymity(
    context: CliContext,
    *,
    accept_losing_rights: Annotated[
        bool, typer.Option("--accept-losing-rights", help="Confirm that rights aren't carried over.")
    ] = False,
) -> None:
    """Request to become anonymous; without acceptance, only list the rights that would be lost."""
    from brugerbog.domain.user.anonymity import LossOfRightsNotAccepted  # noqa: PLC0415 - help must be quick

    with _as_named_user(context) as (service, actor):
        terms = service.queries.anonymity_terms(actor)
        try:
            service.administration.request_anonymity(
                actor, accepts_losing_rights=accept_losing_rights, command_id=context.command_id
            )
        except LossOfRightsNotAccepted as refusal:
            _print_rights(context, terms)
            if not context.as_json:
                raise
            error = {"code": refusal.code, "message": refusal.message}
            print_json({"rights": terms.rights, "error": error})
            raise typer.Exit(_FAILED) from None
        _print_answer(
            context, service, actor, "Din anmodning om at blive anonym er sendt til jeres administratorer."
        )


@subcommand(app, "withdraw-consent")
def withdraw_consent(context: CliContext) -> None:
    """Withdraw the consent to use the private MitID for the organisation."""
    with _as_named_user(context) as (service, actor):
        service.administration.withdraw_consent(actor, command_id=context.command_id)
        message = "Dit samtykke til at bruge dit private MitID for organisationen er trukket tilbage."
        _print_answer(context, service, actor, message)


@subcommand(app, "end-sessions")
def end_sessions(context: CliContext) -> None:
    """End all of the user's web sessions; it is recorded."""
    with _as_named_user(context) as (service, actor):
        service.administration.end_own_sessions(actor, command_id=context.command_id)
        _print_answer(context, service, actor, "Du er logget af i alle browsere.")


@contextmanager
def _as_named_user(context: CliContext) -> Iterator[tuple[Service, Actor]]:
    if context.as_user is None:
        raise InvalidUsage("Angiv med --as, hvilken bruger du er.")
    with context.as_actor() as as_actor:
        yield as_actor


def _print_answer(context: CliContext, service: Service, actor: Actor, message: str) -> None:
    if context.as_json:
        print_json(service.queries.myself(actor).user)
        return
    context.print_message(message)
    sys.stdout.write(f"{actor.id}\n")


def _print_rights(context: CliContext, terms: AnonymityTerms) -> None:
    if context.as_json:
        return
    rows = ((right.id, right.name, right.service_provider) for right in terms.rights)
    print_data(table(("Rettighed", "Navn", "Tjenesteudbyder"), rows, title="Rettigheder, du mister"))
