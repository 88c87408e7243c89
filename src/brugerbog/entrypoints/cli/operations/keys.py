"""`brugerbog keys`: how the installation's keys stand, and changing them. No key is ever shown."""

from __future__ import annotations

import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Annotated

import typer

from brugerbog.entrypoints.cli.context import Call, subcommand
from brugerbog.entrypoints.cli.output import print_json, say, table, write
from brugerbog.entrypoints.cli.values import Misuse

if TYPE_CHECKING:
    from brugerbog.infrastructure.keys.signing_keys import SigningKey

app = typer.Typer(help="See how the keys stand, and change them.", no_args_is_help=True)
rotating = typer.Typer(help="Change a key.", no_args_is_help=True)
app.add_typer(rotating, name="rotate")


KeepOld = Annotated[
    bool, typer.Option("--keep-old", help="Leave the old key in its file, to open older backups with.")
]


@subcommand(app, "status")
def status(call: Call) -> None:
    """Show where the master key comes from, and the ids of all keys."""
    with call.operating(needs_read_tables=False) as service:
        standing = service.keys.status()
    if call.as_json:
        print_json(standing)
        return
    say(f"Hovednøgle: {standing.place}")
    masters = (
        (one.id, "ja" if one.at_place else "nej", "ja" if one.wraps else "nej", one.wrapped)
        for one in standing.masters
    )
    write(table(("Hovednøgle", "Er på stedet", "Lukker nye", "Lukkede nøgler"), masters))
    write(table(("Nøgle til opslag",), [(standing.index,)]))
    write(table(("Nøgle til adgang",), [(standing.tokens,)]))
    signing = ((one.public_key, one.since_size, one.retired_at_size) for one in standing.signing)
    write(table(("Offentlig nøgle til underskrift", "Fra størrelse", "Til størrelse"), signing))


@subcommand(app, "erase-unreadable")
def erase_unreadable(
    call: Call,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Their keys are lost: record them as erased.")] = False,
) -> None:
    """Record users as erased whose keys are lost for good, so that a store with older keys opens again."""
    from brugerbog.bootstrap import open_service  # noqa: PLC0415 - help must be quick

    call.must_operate()
    if not yes:
        raise Misuse("Sig med --yes, at nøglerne er tabt. De brugere, der mangler en, slettes for altid.")
    with open_service(call.store, create=False, erase_unreadable=True) as service:
        left = len(service.unreadable())
    if call.as_json:
        print_json({"unreadable": left})
    call.say("Brugere, hvis nøgler er tabt, er registreret som slettet.")


@subcommand(rotating, "master")
def master(call: Call, *, keep_old: KeepOld = False) -> None:
    """Change the master key, or go on with a change: all keys are wrapped anew, the log isn't touched."""
    with call.operating(needs_read_tables=False) as service:
        done = service.keys.rotate_master(keep_old=keep_old)
        place = service.keys.status().place
    if call.as_json:
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
    say("Et påbegyndt skift af hovednøglen er gjort færdigt." if done.resumed else "Hovednøglen er skiftet.")
    say(f"{done.rewrapped} nøgler er lukket på ny. Gem en kopi af den nye hovednøgle et andet sted: {place}")
    if done.old_keys_kept:
        say(f"Den gamle nøgle står stadig i {place}, efter den nye. Fjern den, når ingen har brug for den.")
    say("Nøglen til adgang er skiftet med. Alle er logget af, og systemer skal hente et nyt token.")
    say("Sikkerhedskopier fra før skiftet kan kun åbnes med den gamle nøgle.")
    sys.stdout.write(f"{done.master.hex()}\n")


@subcommand(rotating, "index")
def index(call: Call) -> None:
    """Change the key by which people are found: their digests are made anew."""
    with call.operating(needs_read_tables=False) as service:
        done = service.keys.rotate_index()
    if call.as_json:
        print_json({"index": done.index.hex(), "claims": done.claims})
        return
    say(f"Nøglen til opslag er skiftet, og {done.claims} opslag er lavet på ny.")
    sys.stdout.write(f"{done.index.hex()}\n")


@subcommand(rotating, "tokens")
def tokens(call: Call) -> None:
    """Change the key of access tokens and log-ins: those from before are refused at once."""
    with call.operating(needs_read_tables=False) as service:
        done = service.keys.rotate_tokens().hex()
    if call.as_json:
        print_json({"tokens": done})
        return
    say("Nøglen til adgang er skiftet. Alle er logget af, og systemer skal hente et nyt token.")
    say("Links i sendte mails og klienternes hemmeligheder gælder stadig.")
    sys.stdout.write(f"{done}\n")


@subcommand(rotating, "signing")
def signing(call: Call) -> None:
    """Change the key that signs checkpoints, or go on with a change."""
    with call.operating(needs_read_tables=False) as service:
        old, new = service.keys.rotate_signing(service.checkpoint_signer.sign_with_both)
    shown = {"public_key": _shown(new), "retired": old and _shown(old)}
    if call.as_json:
        print_json(shown)
        return
    say("Nøglen til underskrift er skiftet. Giv den nye offentlige nøgle til dem, der kontrollerer loggen:")
    sys.stdout.write(f"{shown['public_key']}\n")
    if old is None:
        say("Den gamle nøgle var gået tabt, så skiftet er ikke underskrevet med den.")


def _shown(key: SigningKey) -> str:
    return b64encode(key.public_key).decode()
