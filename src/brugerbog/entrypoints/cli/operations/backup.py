"""`brugerbog backup`, `restore` and `copy`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_json

if TYPE_CHECKING:
    from brugerbog.infrastructure.transparency_log.log_verifier import Head


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    subcommand(app, "backup")(backup)
    subcommand(app, "restore")(restore)
    subcommand(app, "copy")(copy)


def backup(
    context: CliContext,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")],
) -> None:
    """Back up a SQLite store, which may be in use, to a folder, and check the copy."""
    from brugerbog.maintenance import back_up  # noqa: PLC0415 - help must be quick

    context.require_operator()
    head = back_up(folder, context.store)
    _print_head(context, head)
    context.print_message(f"Backup lavet og kontrolleret: {head.size} hændelser i {folder}.")
    context.print_message("Hovednøglen og listen over slettede er ikke med. Gem dem et andet sted.")


def restore(
    context: CliContext,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder made by backup.")],
    *,
    erase_list: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The newest erase list, if it isn't found automatically."),
    ] = None,
    nobody_erased_since: Annotated[
        bool,
        typer.Option(
            "--nobody-erased-since", help="The list is lost, and no user was erased since the backup."
        ),
    ] = False,
) -> None:
    """Restore a SQLite store from a backup; users erased since then are erased again first."""
    from brugerbog.maintenance import restore as make_of  # noqa: PLC0415 - help must be quick

    context.require_operator()
    made = make_of(folder, context.store, erase_list=erase_list, nobody_erased_since=nobody_erased_since)
    _print_head(context, made.head)
    context.print_message(f"Lageret er lavet af backuppen og kontrolleret: {made.head.size} hændelser.")
    if made.erased_again:
        context.print_message(
            f"Personer, der var slettet siden, er slettet igen ({made.erased_again} hændelser)."
        )


def copy(
    context: CliContext,
    source: Annotated[str, typer.Argument(metavar="FROM", help="The store to copy, as for --store.")],
    target: Annotated[
        str, typer.Argument(metavar="TO", help="The target: an empty store, or an interrupted copy.")
    ],
    *,
    source_key: Annotated[
        Path | None, typer.Option("--from-key", metavar="FILE", help="The master key file of FROM.")
    ] = None,
    target_key: Annotated[
        Path | None,
        typer.Option("--to-key", metavar="FILE", help="The master key file of TO; created if missing."),
    ] = None,
) -> None:
    """Copy a store to another engine or place and check both; an interrupted copy is resumed."""
    from brugerbog.entrypoints.cli.output import progress_bar  # noqa: PLC0415 - help must be quick
    from brugerbog.maintenance import copy as copy_store  # noqa: PLC0415 - as above

    context.require_operator()
    with progress_bar("Kopierer") as progress:
        head = copy_store(
            source, target, source_key_file=source_key, target_key_file=target_key, progress=progress
        )
    _print_head(context, head)
    context.print_message(f"Kopien er lavet og kontrolleret: {head.size} hændelser.")
    context.print_message("Begge lagre kan nu bruges. Brug kun det ene: de ved ikke af hinanden.")


def _print_head(context: CliContext, head: Head) -> None:
    if context.as_json:
        print_json({"log_id": head.log_id, "size": head.size, "root": head.root.hex()})
