"""`brugerbog organisation`: register and show an organisation, change its settings, list roles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, table
from brugerbog.entrypoints.presentation.words import kroner, name_of, role_name, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.actors import Actor
    from brugerbog.application.queries.previews.effects import UsersAffected
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.service import Service

_NAMED: Final = 10

app = typer.Typer(help="Register an organisation and change its settings.", no_args_is_help=True)

SettingsPath = Annotated[Path, typer.Argument(metavar="FILE.toml", help="The settings to change.")]


@subcommand(app, "register")
def register(
    context: CliContext,
    *,
    cvr: Annotated[str, typer.Option(help="The CVR number: 8 digits; fictitious ones begin with 9.")],
    name: Annotated[str, typer.Option(help="The organisation's name.")],
    settings: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="The organisation's settings.")
    ] = None,
) -> None:
    """Register an organisation; an empty store is prepared first."""
    from brugerbog.application.actors import operator  # noqa: PLC0415 - help must be quick
    from brugerbog.bootstrap import check_registration  # noqa: PLC0415 - as above
    from brugerbog.domain.kernel.doors import Door  # noqa: PLC0415 - as above

    chosen = _read(settings) if settings else {}
    check_registration(cvr=cvr, name=name, settings=chosen)
    with context.as_operator(create=True) as service:
        result = service.administration.register_organisation(
            operator(door=Door.CLI), cvr=cvr, name=name, settings=chosen, command_id=context.command_id
        )
        _print_organisation(context, service.queries.organisation(operator(result.subject, Door.CLI)))


@subcommand(app, "show")
def show(context: CliContext) -> None:
    """Show the organisation and its settings."""
    with context.as_actor() as (service, actor):
        _print_organisation(context, service.queries.organisation(actor))


@subcommand(app, "settings")
def settings(
    context: CliContext,
    file: SettingsPath,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the affected users.")] = False,
) -> None:
    """Change the settings in a TOML file; users keep what is no longer allowed, and are listed."""
    chosen = _read(file)
    with context.as_actor() as (service, actor):
        concerns = service.queries.concerned_by(actor, chosen)
        if dry_run:
            _print_concerns(context, service, actor, concerns)
            return
        service.administration.change_settings(actor, chosen, command_id=context.command_id)
        organisation = service.queries.organisation(actor)
        if context.as_json:
            print_json(_document(organisation) | {"concerns": concerns})
            return
        _print_organisation(context, organisation)
        for one in concerns:
            context.print_message(_concern_line(service, actor, one))


@subcommand(app, "roles")
def roles(context: CliContext) -> None:
    """List the holders of roles."""
    with context.as_actor() as (service, actor):
        held = service.queries.roles(actor)
        users = {user_id: service.queries.user(actor, user_id) for user_id in {one for one, _ in held}}
    if context.as_json:
        document = [
            {
                "user_id": user_id,
                "first_name": users[user_id].first_name,
                "surname": users[user_id].surname,
                "role": role,
            }
            for user_id, role in held
        ]
        print_json({"roles": document})
        return
    rows = ((user_id, name_of(users[user_id]), role_name(role)) for user_id, role in held)
    print_data(table(("UUID", "Navn", "Rolle"), rows))
    if not held:
        context.print_message("Ingen har fået en rolle.")


def _read(path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - help must be quick

    from brugerbog.application.refusals.requests import SettingsFileRefused  # noqa: PLC0415 - as above

    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        raise SettingsFileRefused(str(path)) from None


def _print_organisation(context: CliContext, organisation: Organisation) -> None:
    if context.as_json:
        print_json(_document(organisation))
        return
    title = f"{organisation.name} · CVR {organisation.cvr}"
    print_data(table(("Indstilling", "Værdi"), _rows(organisation.settings.as_json()), title=title))


def _document(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.id,
        "cvr": organisation.cvr,
        "name": organisation.name,
        "settings": organisation.settings.as_json(),
    }


def _rows(settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if name == "prices":
            for what, price in value.items():
                text = str(price) if what == "free_users" else f"{kroner(price)} kr. ekskl. moms"
                yield f"prices.{what}", text
        else:
            yield name, _in_words(value)


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, list):
        return ", ".join(_right(one) if isinstance(one, dict) else str(one) for one in value)
    return str(value)


def _right(right: dict[str, str]) -> str:
    return f"{right['id']}: {right['name']} ({right['service_provider']})"


def _print_concerns(
    context: CliContext, service: Service, actor: Actor, concerns: list[UsersAffected]
) -> None:
    if context.as_json:
        print_json({"concerns": concerns})
        return
    rows = (
        (one.setting, one.value, user_id, name_of(service.queries.user(actor, user_id)))
        for one in concerns
        for user_id in one.users
    )
    print_data(table(("Indstilling", "Værdi", "UUID", "Navn"), rows))
    context.print_message(
        "Intet er ændret. "
        + ("Disse brugere beholder det, de har." if concerns else "Ændringen berører ingen brugere.")
    )


def _concern_line(service: Service, actor: Actor, concern: UsersAffected) -> str:
    what = concern.setting if concern.value is None else f"{concern.setting} {concern.value}"
    some = [name_of(service.queries.user(actor, one)) for one in concern.users[:_NAMED]]
    more = len(concern.users) - len(some)
    names = ", ".join(some) + (f" og {more} til" if more else "")
    return f"Bemærk: efter ændringen af {what} beholder disse brugere det, de har: {names}."
