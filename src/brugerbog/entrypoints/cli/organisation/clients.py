"""`brugerbog clients`: other systems that act for the organisation, with credentials and roles."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

import typer

from brugerbog.entrypoints.cli.arguments import ClientId, parse_client_role
from brugerbog.entrypoints.cli.choices import ClientRole
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, table
from brugerbog.entrypoints.cli.values import parse_date
from brugerbog.entrypoints.presentation.words import role_name

_KEEP_IT: Final = "Hemmeligheden vises kun denne ene gang. Gem den, hvor systemet kan hente den."
_SHOWN_BEFORE: Final = "Hemmeligheden er allerede vist. Er den tabt, så spær klienten, og opret en ny."
_IN_USE: Final = "i brug"
_REVOKED: Final = "spærret"
_EXPIRED: Final = "udløbet"

app = typer.Typer(help="Manage clients of the HTTP API and SCIM.", no_args_is_help=True)


@subcommand(app, "create")
def create(
    context: CliContext,
    *,
    name: Annotated[str, typer.Option(help="The system's name in lists and in the log.")],
    role: Annotated[
        list[str],
        typer.Option(
            parser=parse_client_role, metavar="ROLE", help=f"May be repeated; one of {', '.join(ClientRole)}."
        ),
    ],
    expires: Annotated[
        date | None,
        typer.Option(
            parser=parse_date,
            metavar="YYYY-MM-DD",
            help="The last day on which the secret is valid.",
        ),
    ] = None,
) -> None:
    """Create a client; its secret is shown only once."""
    from brugerbog.application.client_authentication import public_id_of  # noqa: PLC0415 - help must be quick
    from brugerbog.domain.kernel.roles import Role  # noqa: PLC0415 - as above

    with context.as_actor() as (service, actor):
        roles = [Role(one) for one in role]
        result = service.administration.create_client(
            actor, name, roles, expires_on=expires, command_id=context.command_id
        )
        assert result.subject is not None  # noqa: S101 - a client was created
        cvr = service.queries.organisation(actor).cvr
    public_id, secret = public_id_of(cvr, result.subject), result.secret and result.secret.reveal()
    if context.as_json:
        print_json(
            {
                "id": result.subject,
                "client_id": public_id,
                "client_secret": secret,
                "secret_already_shown": result.secret_already_shown,
                "scim_token": secret and f"{public_id}.{secret}",
            }
        )
        return
    rows = [("client_id", public_id), ("client_secret", secret)]
    if secret:
        rows.append(("SCIM-token", f"{public_id}.{secret}"))
    print_data(table(("", name.strip()), rows))
    context.print_message(_KEEP_IT if secret else _SHOWN_BEFORE)


@subcommand(app, "list")
def list_(context: CliContext) -> None:
    """List the clients, including revoked ones."""
    with context.as_actor() as (service, actor):
        clients, now = service.queries.clients(actor), service.queries.now()
    if context.as_json:
        document = [
            {
                "id": one.id,
                "name": one.name,
                "roles": sorted(one.roles),
                "created_at": one.created_at,
                "revoked": one.is_revoked,
                "expires_on": one.expires_on,
            }
            for one in clients
        ]
        print_json({"clients": document})
        return
    rows = []
    for one in clients:
        roles = map(role_name, sorted(one.roles))
        state = _REVOKED if one.is_revoked else _EXPIRED if one.is_expired_at(now) else _IN_USE
        until = "" if one.expires_on is None else f"{one.expires_on:%d.%m.%Y}"
        rows.append((one.id, one.name, ", ".join(roles), state, until))
    print_data(table(("UUID", "Navn", "Roller", "Tilstand", "Sidste dag"), rows))
    if not clients:
        context.print_message("Ingen systemer har adgang.")


@subcommand(app, "revoke")
def revoke(context: CliContext, client_id: ClientId) -> None:
    """Revoke a client's access at once."""
    with context.as_actor() as (service, actor):
        service.administration.revoke_client(actor, client_id, command_id=context.command_id)
    if context.as_json:
        print_json({"id": client_id, "revoked": True})
        return
    context.print_message("Klienten er spærret.")
