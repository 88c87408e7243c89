"""`brugerbog template` and `brugerbog import`: users from a CSV file."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, print_message, progress_bar, table
from brugerbog.entrypoints.cli.values import InvalidUsage

if TYPE_CHECKING:
    from brugerbog.application.commands.imports.receipt import ImportReceipt

_SOME_REFUSED = 3
_MOST_SHOWN = 50


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    subcommand(app, "template")(template)
    subcommand(app, "import")(import_file)


def template(
    context: CliContext,
    out: Annotated[
        Path | None, typer.Argument(metavar="OUT.csv", help="The file to write; default: stdout.")
    ] = None,
) -> None:
    """Write the CSV template: 15 columns and one example row for each kind of action."""
    from brugerbog.application.commands.imports.columns import COLUMNS  # noqa: PLC0415 - help must be quick
    from brugerbog.application.commands.imports.template import template as made  # noqa: PLC0415 - as above

    if out is not None:
        _write(out, made())
        print_message(f"Skabelonen er skrevet til {out}.")
    if context.as_json:
        print_json({"columns": COLUMNS, "file": out, "content": made().decode("utf-8-sig")})
    elif out is None:
        sys.stdout.buffer.write(made())


def import_file(
    context: CliContext,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A semicolon-separated CSV file of 15 columns.")
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the receipt, and change nothing.")] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="A refused row prevents all changes.")
    ] = False,
    receipt: Annotated[
        Path | None, typer.Option(metavar="OUT.csv", help="Also write the receipt as CSV.")
    ] = None,
) -> None:
    """Create, edit and delete users by a CSV file; exit code 3 if at least one row was refused."""
    if receipt is not None:
        _must_be_writable(receipt, file)
    with context.as_actor() as (service, actor), progress_bar("Importerer") as progress:
        made = service.administration.import_users(
            actor,
            file,
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            progress=progress,
            command_id=context.command_id,
        )
    if receipt is not None:
        _write_receipt(receipt, made)
    if context.as_json:
        print_json(made)
    else:
        print_receipt(made, dry_run=dry_run)
    if made.refused:
        raise typer.Exit(_SOME_REFUSED)


def print_receipt(receipt: ImportReceipt, *, dry_run: bool = False) -> None:
    """Print a receipt for people: the counts, and the first reasons of refused rows."""
    print_data(summary(receipt, dry_run=dry_run))
    refused = [one for one in receipt.outcomes if one.outcome == "refused"]
    errors = [(one.row, error.column, error.message) for one in refused for error in one.errors]
    held_back = sum(bool(one.errors) for one in receipt.outcomes) - len(refused)
    if errors:
        print_data(table(("Række", "Kolonne", "Hvorfor, og hvad der skal gøres"), errors[:_MOST_SHOWN]))
    if held_back:
        print_message(
            f"{held_back} rækker er i orden, men intet er gennemført, fordi andre rækker blev afvist."
        )
    if len(errors) > _MOST_SHOWN:
        print_message(f"… og {len(errors) - _MOST_SHOWN} fejl mere. Få dem alle med --receipt eller --json.")


def summary(receipt: ImportReceipt, *, dry_run: bool = False) -> str:
    """Return the counts of a receipt on one line."""
    encoding = "Windows-1252" if receipt.encoding == "windows-1252" else receipt.encoding.upper()
    tense = "Prøvekørsel, intet er ændret" if dry_run else "Kvittering"
    return (
        f"{tense}: {receipt.rows} rækker ({encoding}) · {receipt.created} oprettet · "
        f"{receipt.updated} redigeret · {receipt.deleted} slettet · {receipt.unchanged} uændret · "
        f"{receipt.refused} afvist"
    )


def _must_be_writable(receipt: Path, file: Path) -> None:
    """Raise InvalidUsage if the receipt can't be written, or would overwrite the imported file."""
    if receipt.exists() and file.exists() and receipt.samefile(file):
        raise InvalidUsage("Kvitteringen kan ikke skrives oven i den fil, der importeres.")
    try:
        receipt.open("a").close()
    except OSError:
        raise InvalidUsage(f"Kvitteringen kan ikke skrives til {receipt}.") from None


def _write_receipt(path: Path, receipt: ImportReceipt) -> None:
    from brugerbog.application.commands.imports.receipt import write_receipt  # noqa: PLC0415 - help must be quick
    from brugerbog.infrastructure.durable_files import private_file  # noqa: PLC0415 - as above

    with TextIOWrapper(private_file(path), encoding="utf-8-sig", newline="") as out:
        write_receipt(receipt, out)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError:
        raise InvalidUsage(f"Filen {path} kan ikke skrives.") from None
