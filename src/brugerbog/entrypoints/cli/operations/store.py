"""`brugerbog store`: making an empty store ready, and bringing an older one to this version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from brugerbog.entrypoints.cli.context import Call, subcommand, tell_new_key
from brugerbog.entrypoints.cli.output import print_json
from brugerbog.entrypoints.cli.values import Misuse

if TYPE_CHECKING:
    from brugerbog.infrastructure.migrations.migration import Migration

app = typer.Typer(help="See to the store as a whole.", no_args_is_help=True)

_WORD_NEEDED: Final = (
    "Sig med --nobody-erased-since, at ingen er slettet, som loggen ikke ved er slettet. Har lageret været "
    "lagt tilbage fra en backup, så brug den nyeste kopi af listen i stedet."
)
_READ_TABLES: Final = "Læsetabeller, der har ændret sig, bygges igen af sig selv, når lageret åbnes."
_ROLES: Final = "Giv databasens roller adgang til de nye tabeller: kør deploy/postgresql-roles.sql igen."


@subcommand(app, "prepare")
def prepare(call: Call) -> None:
    """Make the tables and keys of an empty store; one that has them is left as it is."""
    from brugerbog.maintenance import prepare as make  # noqa: PLC0415 - help must be quick

    call.must_operate()
    prepared = make(call.store, on_new_key=tell_new_key)
    if call.as_json:
        print_json({"made": prepared.is_new, "schema": prepared.schema})
    call.say("Lageret er gjort klart." if prepared.is_new else "Lageret var klar. Intet er ændret.")


@subcommand(app, "renew-erase-list")
def renew_erase_list(
    call: Call,
    *,
    nobody_erased_since: Annotated[
        bool,
        typer.Option(
            "--nobody-erased-since",
            help="The list is lost, and nobody was erased whom the log doesn't know as erased.",
        ),
    ] = False,
) -> None:
    """Make a list of the erased that was lost anew from the log of a store in its place."""
    from brugerbog.maintenance import renew_erase_list as make_anew  # noqa: PLC0415 - help must be quick

    call.must_operate()
    if not nobody_erased_since:
        raise Misuse(_WORD_NEEDED)
    place = make_anew(call.store)
    if call.as_json:
        print_json({"place": str(place)})
    call.say(f"Listen over slettede er lavet på ny: {place}")


@subcommand(app, "upgrade")
def upgrade(call: Call) -> None:
    """Bring a store of an earlier version to this one; cut off, the same command goes on."""
    from brugerbog.maintenance import upgrade as bring_up  # noqa: PLC0415 - help must be quick

    def tell(step: Migration) -> None:
        call.say(f"Skema {step.number} er på plads.")

    call.must_operate()
    upgraded = bring_up(call.store, each=tell)
    if call.as_json:
        steps = [{"schema": one.number, "what": one.what} for one in upgraded.steps]
        print_json({"before": upgraded.before, "schema": upgraded.schema, "steps": steps})
    if upgraded.steps:
        call.say(f"Lageret er opgraderet fra skema {upgraded.before} til {upgraded.schema}.")
        call.say(_READ_TABLES)
        if upgraded.on_server:
            call.say(_ROLES)
    else:
        call.say(f"Lageret har allerede skema {upgraded.schema}. Intet er ændret.")
