"""`brugerbog organisation`: register one, show it, change its settings, see who holds which role."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from brugerbog.entrypoints.cli.context import Call, subcommand
from brugerbog.entrypoints.cli.output import print_json, table, write
from brugerbog.entrypoints.presentation.words import kroner, name_of, role_name, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.actors import Actor
    from brugerbog.application.queries.previews.effects import Concern
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.service import Service

_NAMED: Final = 10

app = typer.Typer(help="Register an organisation and change its settings.", no_args_is_help=True)

SettingsPath = Annotated[Path, typer.Argument(metavar="FILE.toml", help="The settings that are to change.")]


@subcommand(app, "register")
def register(
    call: Call,
    *,
    cvr: Annotated[str, typer.Option(help="The CVR number: 8 digits; fictitious ones begin with 9.")],
    name: Annotated[str, typer.Option(help="The organisation's name.")],
    settings: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Its settings.")] = None,
) -> None:
    """Take in an organisation; prepares an empty store."""
    from brugerbog.application.actors import operator  # noqa: PLC0415 - help must be quick
    from brugerbog.bootstrap import check_registration  # noqa: PLC0415 - as above
    from brugerbog.domain.kernel.doors import Door  # noqa: PLC0415 - as above

    chosen = _read(settings) if settings else {}
    check_registration(cvr=cvr, name=name, settings=chosen)
    with call.operating(create=True) as service:
        answer = service.administration.register_organisation(
            operator(door=Door.CLI), cvr=cvr, name=name, settings=chosen, command_id=call.command_id
        )
        _show(call, service.queries.organisation(operator(answer.subject, Door.CLI)))


@subcommand(app, "show")
def show(call: Call) -> None:
    """Show the organisation and its settings."""
    with call.acting() as (service, actor):
        _show(call, service.queries.organisation(actor))


@subcommand(app, "settings")
def settings(
    call: Call,
    file: SettingsPath,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell whom the change would concern.")
    ] = False,
) -> None:
    """Change the settings that a TOML file names; tells who has what is allowed no more, and keeps it."""
    chosen = _read(file)
    with call.acting() as (service, actor):
        concerns = service.queries.concerned_by(actor, chosen)
        if dry_run:
            _tell_concerns(call, service, actor, concerns)
            return
        service.administration.change_settings(actor, chosen, command_id=call.command_id)
        organisation = service.queries.organisation(actor)
        if call.as_json:
            print_json(_document(organisation) | {"concerns": concerns})
            return
        _show(call, organisation)
        for one in concerns:
            call.say(_in_a_line(service, actor, one))


@subcommand(app, "roles")
def roles(call: Call) -> None:
    """Show who holds which role."""
    with call.acting() as (service, actor):
        held = service.queries.roles(actor)
        users = {user_id: service.queries.user(actor, user_id) for user_id in {one for one, _ in held}}
    if call.as_json:
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
    write(table(("UUID", "Navn", "Rolle"), rows))
    if not held:
        call.say("Ingen har fået en rolle.")


def _read(path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - help must be quick

    from brugerbog.application.refusals.requests import SettingsFileRefused  # noqa: PLC0415 - as above

    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        raise SettingsFileRefused(str(path)) from None


def _show(call: Call, organisation: Organisation) -> None:
    if call.as_json:
        print_json(_document(organisation))
        return
    title = f"{organisation.name} · CVR {organisation.cvr}"
    write(table(("Indstilling", "Værdi"), _rows(organisation.settings.as_json()), title=title))


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


def _tell_concerns(call: Call, service: Service, actor: Actor, concerns: list[Concern]) -> None:
    if call.as_json:
        print_json({"concerns": concerns})
        return
    rows = (
        (one.setting, one.value, user_id, name_of(service.queries.user(actor, user_id)))
        for one in concerns
        for user_id in one.users
    )
    write(table(("Indstilling", "Værdi", "UUID", "Navn"), rows))
    call.say(
        "Intet er ændret. "
        + ("Disse brugere beholder det, de har." if concerns else "Ændringen berører ingen brugere.")
    )


def _in_a_line(service: Service, actor: Actor, concern: Concern) -> str:
    what = concern.setting if concern.value is None else f"{concern.setting} {concern.value}"
    some = [name_of(service.queries.user(actor, one)) for one in concern.users[:_NAMED]]
    more = len(concern.users) - len(some)
    names = ", ".join(some) + (f" og {more} til" if more else "")
    return f"Bemærk: efter ændringen af {what} beholder disse brugere det, de har: {names}."
