"""`brugerbog keys`: the status of the installation's keys, and key rotation. No key is ever shown."""

from __future__ import annotations

import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Annotated

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, print_message, table
from brugerbog.entrypoints.cli.values import InvalidUsage

if TYPE_CHECKING:
    from brugerbog.infrastructure.keys.signing_keys import SigningKey

app = typer.Typer(help="Show and rotate keys.", no_args_is_help=True)
rotating = typer.Typer(help="Rotate a key.", no_args_is_help=True)
app.add_typer(rotating, name="rotate")


KeepOld = Annotated[bool, typer.Option("--keep-old", help="Keep the old key in its file, for older backups.")]


@subcommand(app, "status")
def status(context: CliContext) -> None:
    """Show the source of the master key, and the ids of all keys."""
    with context.as_operator(needs_read_tables=False) as service:
        key_status = service.keys.status()
    if context.as_json:
        print_json(key_status)
        return
    print_message(f"Hovednøgle: {key_status.place}")
    master_keys = (
        (one.id, "ja" if one.at_place else "nej", "ja" if one.wraps else "nej", one.wrapped)
        for one in key_status.masters
    )
    print_data(table(("Hovednøgle", "Er på stedet", "Lukker nye", "Lukkede nøgler"), master_keys))
    print_data(table(("Nøgle til opslag",), [(key_status.index,)]))
    print_data(table(("Nøgle til adgang",), [(key_status.tokens,)]))
    signing = ((one.public_key, one.since_size, one.retired_at_size) for one in key_status.signing)
    print_data(table(("Offentlig nøgle til underskrift", "Fra størrelse", "Til størrelse"), signing))


@subcommand(app, "erase-unreadable")
def erase_unreadable(
    context: CliContext,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm that the keys are lost.")] = False,
) -> None:
    """Record users whose keys are lost as erased, so that a store with older keys opens again."""
    from brugerbog.bootstrap import open_service  # noqa: PLC0415 - help must be quick

    context.require_operator()
    if not yes:
        raise InvalidUsage(
            "Sig med --yes, at nøglerne er tabt. De brugere, der mangler en, slettes for altid."
        )
    with open_service(context.store, create=False, erase_unreadable=True) as service:
        left = len(service.unreadable())
    if context.as_json:
        print_json({"unreadable": left})
    context.print_message("Brugere, hvis nøgler er tabt, er registreret som slettet.")


@subcommand(rotating, "master")
def master(context: CliContext, *, keep_old: KeepOld = False) -> None:
    """Rotate the master key, or resume a rotation: all keys are rewrapped, the log stays unchanged."""
    with context.as_operator(needs_read_tables=False) as service:
        done = service.keys.rotate_master(keep_old=keep_old)
        place = service.keys.status().place
    if context.as_json:
        print_json(
            {
                "master": done.master.hex(),
                "retired": [one.hex() for one in done.retired],
                "rewrapped": done.rewrapped,
                "went_on": done.resumed,
                "left_at_place": done.old_keys_kept,
            }
        )
        return
    print_message(
        "Et påbegyndt skift af hovednøglen er gjort færdigt." if done.resumed else "Hovednøglen er skiftet."
    )
    print_message(
        f"{done.rewrapped} nøgler er lukket på ny. Gem en kopi af den nye hovednøgle et andet sted: {place}"
    )
    if done.old_keys_kept:
        print_message(
            f"Den gamle nøgle står stadig i {place}, efter den nye. Fjern den, når ingen har brug for den."
        )
    print_message("Nøglen til adgang er skiftet med. Alle er logget af, og systemer skal hente et nyt token.")
    print_message("Sikkerhedskopier fra før skiftet kan kun åbnes med den gamle nøgle.")
    sys.stdout.write(f"{done.master.hex()}\n")


@subcommand(rotating, "index")
def index(context: CliContext) -> None:
    """Rotate the key of identity lookups: their digests are recomputed."""
    with context.as_operator(needs_read_tables=False) as service:
        done = service.keys.rotate_index()
    if context.as_json:
        print_json({"index": done.index.hex(), "claims": done.reservations})
        return
    print_message(f"Nøglen til opslag er skiftet, og {done.reservations} opslag er lavet på ny.")
    sys.stdout.write(f"{done.index.hex()}\n")


@subcommand(rotating, "tokens")
def tokens(context: CliContext) -> None:
    """Rotate the key of access tokens and sessions: existing ones are refused at once."""
    with context.as_operator(needs_read_tables=False) as service:
        done = service.keys.rotate_tokens().hex()
    if context.as_json:
        print_json({"tokens": done})
        return
    print_message("Nøglen til adgang er skiftet. Alle er logget af, og systemer skal hente et nyt token.")
    print_message("Links i sendte mails og klienternes hemmeligheder gælder stadig.")
    sys.stdout.write(f"{done}\n")


@subcommand(rotating, "signing")
def signing(context: CliContext) -> None:
    """Rotate the key that signs checkpoints, or resume a rotation."""
    with context.as_operator(needs_read_tables=False) as service:
        old, new = service.keys.rotate_signing(service.checkpoint_signer.sign_with_both)
    shown = {"public_key": _public_key_text(new), "retired": old and _public_key_text(old)}
    if context.as_json:
        print_json(shown)
        return
    print_message(
        "Nøglen til underskrift er skiftet. Giv den nye offentlige nøgle til dem, der kontrollerer loggen:"
    )
    sys.stdout.write(f"{shown['public_key']}\n")
    if old is None:
        print_message("Den gamle nøgle var gået tabt, så skiftet er ikke underskrevet med den.")


def _public_key_text(key: SigningKey) -> str:
    return b64encode(key.public_key).decode()
