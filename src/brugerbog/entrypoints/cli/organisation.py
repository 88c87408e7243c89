"""`brugerbog organisation`: register one, show it, change its settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from brugerbog.entrypoints.cli.answers import console, print_json, table
from brugerbog.entrypoints.cli.call import Call, subcommand

if TYPE_CHECKING:
    from brugerbog.domain.organisation import Organisation

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
    from brugerbog.domain.act import Door  # noqa: PLC0415 - as above

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
def settings(call: Call, file: SettingsPath) -> None:
    """Change the settings that a TOML file names; the others stay."""
    chosen = _read(file)
    with call.acting() as (service, actor):
        service.administration.change_settings(actor, chosen, command_id=call.command_id)
        _show(call, service.queries.organisation(actor))


def _read(path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - help must be quick

    from brugerbog.application.errors import SettingsFileRefused  # noqa: PLC0415 - as above

    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        raise SettingsFileRefused(str(path)) from None


def _show(call: Call, organisation: Organisation) -> None:
    settings = organisation.settings.as_json()
    if call.as_json:
        print_json(
            {"id": organisation.id, "cvr": organisation.cvr, "name": organisation.name, "settings": settings}
        )
        return
    console().print(
        table(
            ("Indstilling", "Værdi"),
            ((name, _in_words(value)) for name, value in settings.items()),
            title=f"{organisation.name} · CVR {organisation.cvr}",
        )
    )


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, list):
        return ", ".join(str(one.get("name")) if isinstance(one, dict) else str(one) for one in value)
    return str(value)
