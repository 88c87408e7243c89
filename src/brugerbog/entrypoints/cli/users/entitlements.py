"""`brugerbog users …`: commands on rights, signing, sealing and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from brugerbog.entrypoints.cli.arguments import Id, parse_role
from brugerbog.entrypoints.cli.choices import GivenRole
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.users.results import print_result
from brugerbog.entrypoints.presentation.words import role_name

if TYPE_CHECKING:
    from brugerbog.application.actors import Actor
    from brugerbog.service import Service

Rights = Annotated[list[str], typer.Argument(metavar="RIGHT", help="Rights, by id in the settings.")]
RoleArgument = Annotated[
    str, typer.Argument(parser=parse_role, metavar="ROLE", help=f"One of {', '.join(GivenRole)}.")
]


def add_to(users: typer.Typer) -> None:
    """Add these commands to `brugerbog users`."""
    subcommand(users, "grant-rights")(grant_rights)
    subcommand(users, "revoke-rights")(revoke_rights)
    subcommand(users, "allow-signing")(allow_signing)
    subcommand(users, "withdraw-signing")(withdraw_signing)
    subcommand(users, "assign-sealing-profiles")(assign_sealing_profiles)
    subcommand(users, "give-role")(give_role)
    subcommand(users, "take-role")(take_role)


def grant_rights(context: CliContext, user_id: Id, rights: Rights) -> None:
    """Grant rights of the organisation's catalogue to a user."""
    with context.as_actor() as (service, actor):
        service.administration.grant_rights(actor, user_id, rights, command_id=context.command_id)
        print_result(
            context, service, actor, user_id, f"har rettigheder til: {_held(service, actor, user_id)}"
        )


def revoke_rights(context: CliContext, user_id: Id, rights: Rights) -> None:
    """Revoke rights of a user."""
    with context.as_actor() as (service, actor):
        service.administration.revoke_rights(actor, user_id, rights, command_id=context.command_id)
        print_result(
            context, service, actor, user_id, f"har rettigheder til: {_held(service, actor, user_id)}"
        )


def allow_signing(context: CliContext, user_id: Id) -> None:
    """Allow a user to sign for the organisation."""
    with context.as_actor() as (service, actor):
        service.administration.allow_signing(actor, user_id, command_id=context.command_id)
        print_result(context, service, actor, user_id, "kan underskrive for organisationen")


def withdraw_signing(context: CliContext, user_id: Id) -> None:
    """Withdraw a user's permission to sign for the organisation."""
    with context.as_actor() as (service, actor):
        service.administration.withdraw_signing(actor, user_id, command_id=context.command_id)
        print_result(context, service, actor, user_id, "kan ikke længere underskrive for organisationen")


def assign_sealing_profiles(
    context: CliContext,
    user_id: Id,
    profiles: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROFILE", help="Certificate profiles; without any, all are removed."),
    ] = None,
) -> None:
    """Replace the certificate profiles with which a user may seal."""
    with context.as_actor() as (service, actor):
        service.administration.assign_sealing_profiles(
            actor, user_id, profiles or [], command_id=context.command_id
        )
        user = service.queries.user(actor, user_id)
        held = ", ".join(user.sealing_profiles) or "ingen"
        print_result(context, service, actor, user_id, f"har certifikatprofiler til segldannelse: {held}")


def give_role(context: CliContext, user_id: Id, role: RoleArgument) -> None:
    """Give a user a role in the organisation; the user gets a mail."""
    from brugerbog.domain.kernel.roles import Role  # noqa: PLC0415 - help must be quick

    with context.as_actor() as (service, actor):
        service.administration.give_role(actor, user_id, Role(role), command_id=context.command_id)
        print_result(context, service, actor, user_id, f"har rollen {role_name(role)}")


def take_role(context: CliContext, user_id: Id, role: RoleArgument) -> None:
    """Take a role from a user; the user gets a mail."""
    from brugerbog.domain.kernel.roles import Role  # noqa: PLC0415 - help must be quick

    with context.as_actor() as (service, actor):
        service.administration.take_role(actor, user_id, Role(role), command_id=context.command_id)
        print_result(context, service, actor, user_id, f"har ikke rollen {role_name(role)}")


def _held(service: Service, actor: Actor, user_id: UUID) -> str:
    names = {one.id: one.name for one in service.queries.organisation(actor).settings.rights}
    user = service.queries.user(actor, user_id)
    return ", ".join(names.get(one, one) for one in user.rights) or "intet"
