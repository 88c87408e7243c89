"""`brugerbog backup` and `restore`: a copy of the whole store, and a store from such a copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brugerbog.entrypoints.cli.answers import print_json
from brugerbog.entrypoints.cli.call import Call, subcommand

if TYPE_CHECKING:
    from brugerbog.infrastructure.store.derivation import Head


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    subcommand(app, "backup")(backup)
    subcommand(app, "restore")(restore)


def backup(
    call: Call, folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")]
) -> None:
    """Copy a SQLite store, which may be in use, into a folder, and check the copy."""
    from brugerbog.upkeep import back_up  # noqa: PLC0415 - help must be quick

    call.must_operate()
    head = back_up(folder, call.store)
    _tell(call, head)
    call.say(f"Backup lavet og kontrolleret: {head.size} hændelser i {folder}.")
    call.say("Hovednøglen og listen over slettede er ikke med. Gem dem et andet sted.")


def restore(
    call: Call, folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder made by backup.")]
) -> None:
    """Make a SQLite store from a backup; people erased since then are erased again before it serves."""
    from brugerbog.upkeep import restore as make_of  # noqa: PLC0415 - help must be quick

    call.must_operate()
    head = make_of(folder, call.store)
    with call.operating() as service:
        size = service.log.recorder.max_notification_id() or 0
    _tell(call, head)
    call.say(f"Lageret er lavet af backuppen og kontrolleret: {head.size} hændelser.")
    if size > head.size:
        call.say(f"Personer, der var slettet siden, er slettet igen ({size - head.size} hændelser).")


def _tell(call: Call, head: Head) -> None:
    if call.as_json:
        print_json({"log_id": head.log_id, "size": head.size, "root": head.root.hex()})
