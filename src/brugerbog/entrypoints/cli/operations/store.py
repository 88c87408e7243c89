"""`brugerbog store`: preparing an empty store, upgrading an older one, and renewing the erase list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from brugerbog.entrypoints.cli.context import CliContext, announce_new_key, subcommand
from brugerbog.entrypoints.cli.output import print_json
from brugerbog.entrypoints.cli.values import InvalidUsage

if TYPE_CHECKING:
    from brugerbog.infrastructure.migrations.migration import Migration

app = typer.Typer(help="Prepare and upgrade the store.", no_args_is_help=True)

_WORD_NEEDED: Final = (
    "Sig med --nobody-erased-since, at ingen er slettet, som loggen ikke ved er slettet. Har lageret været "
    "lagt tilbage fra en backup, så brug den nyeste kopi af listen i stedet."
)
_READ_TABLES: Final = "Læsetabeller, der har ændret sig, bygges igen af sig selv, når lageret åbnes."
_ROLES: Final = "Giv databasens roller adgang til de nye tabeller: kør deploy/postgresql-roles.sql igen."


@subcommand(app, "prepare")
def prepare(context: CliContext) -> None:
    """Create the tables and keys of an empty store; a prepared store stays unchanged."""
    from brugerbog.maintenance import prepare as make  # noqa: PLC0415 - help must be quick

    context.require_operator()
    prepared = make(context.store, on_new_key=announce_new_key)
    if context.as_json:
        print_json({"made": prepared.is_new, "schema": prepared.schema})
    context.print_message(
        "Lageret er gjort klart." if prepared.is_new else "Lageret var klar. Intet er ændret."
    )


@subcommand(app, "renew-erase-list")
def renew_erase_list(
    context: CliContext,
    *,
    nobody_erased_since: Annotated[
        bool,
        typer.Option(
            "--nobody-erased-since",
            help="Confirm that every erased user is recorded as erased in the log.",
        ),
    ] = False,
) -> None:
    """Recreate a lost erase list from the store's log."""
    from brugerbog.maintenance import renew_erase_list as make_anew  # noqa: PLC0415 - help must be quick

    context.require_operator()
    if not nobody_erased_since:
        raise InvalidUsage(_WORD_NEEDED)
    place = make_anew(context.store)
    if context.as_json:
        print_json({"place": str(place)})
    context.print_message(f"Listen over slettede er lavet på ny: {place}")


@subcommand(app, "upgrade")
def upgrade(context: CliContext) -> None:
    """Upgrade a store of an earlier version to this one; an interrupted upgrade is resumed."""
    from brugerbog.maintenance import upgrade as bring_up  # noqa: PLC0415 - help must be quick

    def print_step(step: Migration) -> None:
        context.print_message(f"Skema {step.number} er på plads.")

    context.require_operator()
    upgraded = bring_up(context.store, each=print_step)
    if context.as_json:
        steps = [{"schema": one.number, "what": one.what} for one in upgraded.steps]
        print_json({"before": upgraded.before, "schema": upgraded.schema, "steps": steps})
    if upgraded.steps:
        context.print_message(f"Lageret er opgraderet fra skema {upgraded.before} til {upgraded.schema}.")
        context.print_message(_READ_TABLES)
        if upgraded.on_server:
            context.print_message(_ROLES)
    else:
        context.print_message(f"Lageret har allerede skema {upgraded.schema}. Intet er ændret.")
