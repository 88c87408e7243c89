"""`brugerbog audit verify`, `checkpoint` and `export`: the integrity of the log, and proofs for auditors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, print_message
from brugerbog.entrypoints.cli.time_options import From, To
from brugerbog.entrypoints.cli.values import InvalidUsage, parse_id
from brugerbog.entrypoints.presentation.days import begin, end

if TYPE_CHECKING:
    from brugerbog.application.ports.transparency_log import (
        CiphertextsChecked,
        Damage,
        ExportMade,
        VerificationResult,
    )

_DAMAGED = 1
_AGAINST_NOTHING: Final = (
    "Bemærk: der er intet underskrevet kontrolpunkt at holde loggen op imod, så den passer kun til sig selv. "
    "Underskriv et: brugerbog audit checkpoint"
)
_DANISH_DAMAGE = {
    "altered": "er ændret",
    "missing": "mangler",
    "inserted": "er indsat",
    "cut_off": "og alle efter den er fjernet",
    "head_mismatch": "eller en før den er ændret",
    "broken_box": "har forseglede oplysninger, der ikke hører til den",
}


def add_to(app: typer.Typer) -> None:
    """Add these commands to `brugerbog audit`."""
    subcommand(app, "verify")(verify)
    subcommand(app, "checkpoint")(checkpoint)
    subcommand(app, "export")(export)


def verify(
    context: CliContext,
    *,
    against: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="An earlier export, to locate the damaged event."),
    ] = None,
    ciphertexts: Annotated[
        bool, typer.Option("--boxes", help="Also decrypt all ciphertexts beside the log; takes longer.")
    ] = False,
) -> None:
    """Recompute the hashes of the whole log; exit code 1 if the log isn't as it was recorded."""
    from brugerbog.application.refusals.keys import KeysOutdated  # noqa: PLC0415 - help must be quick
    from brugerbog.infrastructure.transparency_log.ciphertext_check import check_ciphertexts  # noqa: PLC0415 - as above

    with context.as_operator(needs_read_tables=False) as service:
        expected = service.checkpoint_signer.leaves_of(against) if against else None
        found = service.checkpoint_signer.verify(**({"expected": expected} if expected else {}))
        sealed = check_ciphertexts(service.log) if ciphertexts and found.is_sound else None
        if found.is_sound and service.unreadable():
            raise KeysOutdated
        if found.is_sound:
            service.check_organisations()
    damage = found.damage or (sealed.damage if sealed else None)
    if context.as_json:
        print_json(_verdict(found, sealed, damage))
    elif damage is None:
        print_data(
            f"Loggen er, som den blev skrevet: {found.size} hændelser, {found.checkpoints} kontrolpunkter."
        )
        print_data(f"Rod: {found.root.hex()}")
        if not found.checkpoints and against is None:
            print_message(_AGAINST_NOTHING)
        if sealed is not None:
            print_data(f"Forseglet: {sealed.opened} passer til deres hændelser, {sealed.gone} er slettet.")
    else:
        print_message(f"Fejl: {_damage_message(damage)}")
    if damage is not None:
        raise typer.Exit(_DAMAGED)


def checkpoint(
    context: CliContext,
    *,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Also write it to a folder, with the earlier ones and the key."),
    ] = None,
    restored_to: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="SIZE",
            help="Record permanently that a restore cut the log to SIZE events.",
        ),
    ] = None,
) -> None:
    """Sign the current head of the log, unless the log contradicts an earlier checkpoint."""
    from brugerbog.infrastructure.transparency_log.checkpoint_folder import CheckpointFolder  # noqa: PLC0415 - help must be quick

    with context.as_operator(needs_read_tables=False) as service:
        if restored_to is not None:
            service.checkpoint_signer.mark_restored(restored_to)
        signed = service.checkpoint_signer.sign(to=CheckpointFolder(to) if to else None)
    head = signed.checkpoint
    if context.as_json:
        print_json(
            {"log_id": head.log_id, "size": head.size, "root": head.root.hex(), "note": signed.note.decode()}
        )
        return
    print_data(signed.note.decode().removesuffix("\n"))
    if to is not None:
        context.print_message(
            f"Gemt i {to}. Opbevar mappen, hvor ingen, der kan ændre lageret, kan ændre den."
        )


def export(
    context: CliContext,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")],
    *,
    user: Annotated[
        UUID | None, typer.Option(parser=parse_id, metavar="ID", help="Only this user's events.")
    ] = None,
    with_personal_data: Annotated[
        bool, typer.Option("--with-personal-data", help="With --user: include personal data.")
    ] = False,
    since: From = None,
    until: To = None,
    after: Annotated[
        Path | None,
        typer.Option("--since", metavar="CHECKPOINT", help="Only events after an older checkpoint."),
    ] = None,
) -> None:
    """Export the log to a folder that brugerbog-verify can check anywhere; the export is recorded.

    The operator's export has the events of all organisations, unless --organisation names one.
    """
    chosen = [user is not None, since is not None or until is not None, after is not None]
    if sum(chosen) > 1:
        raise InvalidUsage("Vælg enten --user, en periode eller --since.")
    if with_personal_data and user is None:
        raise InvalidUsage("Angiv med --user, hvis personoplysninger der skal med.")
    span: dict[str, Any] = {"since": begin(since), "until": end(until)}
    with context.as_actor() as (service, actor):
        if user is not None:
            made = service.queries.export_person(actor, user, folder, with_personal_data=with_personal_data)
        elif context.as_user is not None or context.organisation is not None:
            if after is not None:
                raise InvalidUsage(
                    "--since gælder hele loggen, så det kan ikke bruges med --as eller --organisation."
                )
            made = service.queries.export_log(actor, folder, **span)
        else:
            older = None if after is None else _read(after)
            made = service.queries.export_whole_log(actor, folder, **span, after_checkpoint=older)
    _print_summary(context, made, folder)


def _print_summary(context: CliContext, made: ExportMade, folder: Path) -> None:
    if context.as_json:
        print_json({"log_id": made.log_id, "size": made.size, "root": made.root.hex(), "events": made.events})
        return
    context.print_message(f"{made.events} hændelser skrevet til {folder} (loggen har {made.size}).")
    context.print_message(f"Kontrollér hvor som helst: brugerbog-verify {folder} --key key.pub")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise InvalidUsage(f"Kontrolpunktet {path} kan ikke læses.") from None


def _verdict(
    found: VerificationResult, sealed: CiphertextsChecked | None, damage: Damage | None
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "log_id": found.log_id,
        "size": found.size,
        "root": found.root.hex(),
        "checkpoints": found.checkpoints,
        "sound": damage is None,
        "damage": damage,
    }
    if sealed is not None:
        document["boxes"] = {"opened": sealed.opened, "gone": sealed.gone}
    if damage is not None:
        document["error"] = {"code": "log_damaged", "message": _damage_message(damage)}
    return document


def _damage_message(damage: Damage) -> str:
    what = _DANISH_DAMAGE[damage.kind.value]
    stream = f" (strøm {damage.stream_id})" if damage.stream_id else ""
    certain = f" Til og med hændelse {damage.sound_until} er loggen bekræftet." if damage.sound_until else ""
    return f"Loggen er ikke, som den blev skrevet: hændelse {damage.position}{stream} {what}.{certain}"
