"""`brugerbog doctor`: checks of the installation, with advice for each problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, print_message, table

if TYPE_CHECKING:
    from brugerbog.application.diagnostics.checks import Finding

_FAILED: Final = 1
_NOT_WELL: Final = "Noget virker ikke. Se, hvad der er fundet, og hvad der kan gøres ved det."
_LEVELS: Final = {"ok": "ok", "warn": "advarsel", "fail": "fejl"}
_CHECKS: Final = {
    "settings": "Indstillinger",
    "versions": "Udgaver",
    "store": "Lager",
    "connection": "Forbindelse",
    "keys": "Nøgler",
    "organisations": "Organisationer",
    "clients": "Klienter",
    "clock": "Ur",
    "projections": "Læsetabeller",
    "worker": "Worker",
    "due": "Forfaldent",
    "erasures": "Sletninger",
    "erase_list": "Liste over slettede",
    "proof": "Bevis",
    "checkpoints": "Kontrolpunkter",
    "disk": "Disk",
    "mail_server": "Mailserver",
    "mails": "Mails",
    "pages": "Sider",
}


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    subcommand(app, "doctor")(doctor)


def doctor(
    context: CliContext,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Also verify the whole log; takes as long as audit verify.")
    ] = False,
) -> None:
    """Check the installation without changing anything; exit code 1 if a check fails."""
    from brugerbog.application.diagnostics.checks import Severity, worst_severity  # noqa: PLC0415 - help must be quick
    from brugerbog.diagnostics import check_up  # noqa: PLC0415 - as above

    context.require_operator()
    findings = list(check_up(context.store, full=full))
    level = worst_severity(finding for _, finding in findings)
    if context.as_json:
        document: dict[str, Any] = {"level": level, "findings": [_document(*one) for one in findings]}
        if level is Severity.FAIL:
            document["error"] = {"code": "not_well", "message": _NOT_WELL}
        print_json(document)
    else:
        _print_findings(findings)
        if level is Severity.FAIL:
            print_message(f"Fejl: {_NOT_WELL}")
    if level is Severity.FAIL:
        raise typer.Exit(_FAILED)


def _document(check: str, finding: Finding) -> dict[str, Any]:
    return {
        "check": check,
        "level": finding.level,
        "code": finding.code,
        "message": finding.message,
        "advice": finding.advice or None,
        "facts": finding.facts,
    }


def _print_findings(findings: list[tuple[str, Finding]]) -> None:
    from brugerbog.application.diagnostics.checks import NOT_CHECKED  # noqa: PLC0415 - help must be quick

    rows, left_out = [], []
    for check, finding in findings:
        if finding.code == NOT_CHECKED.code:
            left_out.append(_CHECKS[check])
            continue
        rows.append((_CHECKS[check], _LEVELS[finding.level], finding.message))
        if finding.advice:
            rows.append(("", "", f"→ {finding.advice}"))
    if left_out:
        rows.append(("Ikke set på", _LEVELS[NOT_CHECKED.level], NOT_CHECKED.danish))
        rows.append(("", "", ", ".join(left_out)))
    print_data(table(("Kontrol", "Fundet", "Besked"), rows))
