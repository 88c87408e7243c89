"""The entry point: builds the commands, and maps refusals and errors to messages and exit codes."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Annotated, Any, Final, NoReturn

import typer.main
from typer.exceptions import TyperException

from brugerbog import __version__
from brugerbog.application.queries.staleness import collect_stale, stale_notice
from brugerbog.entrypoints.cli.audit import log
from brugerbog.entrypoints.cli.operations import (
    backup,
    doctor,
    erase,
    keys,
    projections,
    reporting,
    serve,
    store,
    worker,
)
from brugerbog.entrypoints.cli.organisation import clients, mails, organisation, reports, sessions
from brugerbog.entrypoints.cli.output import print_json, print_message
from brugerbog.entrypoints.cli.streams import set_up_streams
from brugerbog.entrypoints.cli.users import (
    activation,
    activities,
    anonymity,
    disclosure,
    entitlements,
    imports,
    me,
    self_service,
    users,
)
from brugerbog.entrypoints.cli.values import InvalidUsage

DONE, FAILED, USAGE, SOME_REFUSED = 0, 1, 2, 3
"""Exit codes: success · refused or failed, nothing done · usage error · at least one row refused."""

app = typer.Typer(
    name="brugerbog",
    help="The user administration of MitID Erhverv, event-sourced. Data on stdout, messages on stderr.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group, name in (
    (organisation.app, "organisation"),
    (clients.app, "clients"),
    (sessions.app, "sessions"),
    (users.app, "users"),
    (me.app, "me"),
    (anonymity.notices, "notices"),
    (self_service.app, "self-service"),
    (activities.app, "activities"),
    (mails.app, "mail"),
    (projections.app, "projections"),
    (keys.app, "keys"),
    (store.app, "store"),
    (log.app, "audit"),
):
    app.add_typer(group, name=name)
for module in (activation, entitlements, anonymity, disclosure):
    module.add_to(users.app)
reporting.add_to(store.app)
for module in (imports, reports, erase, backup, serve, worker, doctor):
    module.add_to(app)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - the signature of a typer callback
    if wanted:
        typer.echo(f"brugerbog {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None: ...


_DANISH_USAGE_ERRORS: Final = {
    "NoSuchOption": "Ukendt tilvalg: {of}.",
    "NoSuchCommand": "Ukendt kommando.",
    "MissingParameter": "Der mangler {of}.",
    "BadParameter": "Ugyldig værdi for {of}.",
    "BadOptionUsage": "Tilvalget {of} er brugt forkert.",
}
_UNEXPECTED: Final = (
    "Uventet fejl ({kind}). Intet er meldt gennemført; kontrollér med en forespørgsel, og prøv igen."
)


def main() -> NoReturn:
    """Run one call and exit; Python's own error output never appears."""
    set_up_streams(sys.argv[1:])
    try:
        if sys.stdout is None:
            print_message("Fejl: Der er intet sted at skrive svaret.")
            sys.exit(FAILED)
        code = run(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit:
        raise
    except BaseException:  # noqa: BLE001 - a broken pipe, a full disk, a closed stream
        os._exit(FAILED)
    sys.exit(code)


@cache
def commands() -> Any:  # noqa: ANN401 - typer's copy of a click command
    """Build the commands once; the demo and the tests make many calls in a process."""
    return typer.main.get_command(app)


def run(arguments: list[str]) -> int:
    """Run one call and return the exit code. No traceback is ever shown: it could hold personal data."""
    with collect_stale():
        code = _run(arguments)
        if notice := stale_notice():
            print_message(f"Advarsel: {notice}")
    return code


def _run(arguments: list[str]) -> int:
    as_json = "--json" in arguments
    try:
        code = commands().main(args=arguments, standalone_mode=False)
    except TyperException as error:
        return _usage_error(error, as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        return _fail("interrupted", "Afbrudt.", as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the outermost caller: every error gets an answer
        return _refusal(error, as_json=as_json)
    return code if isinstance(code, int) else DONE


def _usage_error(error: TyperException, *, as_json: bool) -> int:
    """Print a usage error in Danish; only messages of this program quote the arguments."""
    name, kind = type(error).__name__, "usage" if error.exit_code == USAGE else "failed"
    if name == "NoArgsIsHelpError":
        print_message(error.format_message())
        return USAGE
    parameter = getattr(error, "param", None)
    of = getattr(error, "option_name", None) or (parameter and max(parameter.opts, key=len)) or ""
    message = _DANISH_USAGE_ERRORS.get(name, "Kommandoen kan ikke forstås.").format(of=of).replace(" .", ".")
    if isinstance(error, InvalidUsage):
        message = error.message
    return _fail(kind, f"{message} Se --help.", as_json=as_json, code=error.exit_code)


def _refusal(error: Exception, *, as_json: bool) -> int:
    from brugerbog.domain.kernel.refusals import Refusal, Refusals  # noqa: PLC0415 - as above
    from brugerbog.service import StoreFailure, refusal_of_failure  # noqa: PLC0415 - help must be quick

    if isinstance(error, Refusals):
        reasons = [
            {"field": one.field, "code": one.refusal.code, "message": one.refusal.message}
            for one in error.objections
        ]
        return _fail(error.code, error.message, as_json=as_json, reasons=reasons)
    if isinstance(error, Refusal):
        return _fail(error.code, error.message, as_json=as_json)
    if isinstance(error, StoreFailure) and (slow := refusal_of_failure(error)):
        return _fail(slow.code, slow.message, as_json=as_json)
    if isinstance(error, StoreFailure):
        return _fail("store_unavailable", "Lageret kan ikke nås lige nu. Prøv igen.", as_json=as_json)
    if isinstance(error, OSError):
        return _fail(
            "failed",
            "Der kunne ikke læses eller skrives. Kontrollér stier, rettigheder og plads.",
            as_json=as_json,
        )
    return _fail("unexpected", _UNEXPECTED.format(kind=type(error).__name__), as_json=as_json)


def _fail(
    kind: str, message: str, *, as_json: bool, code: int = FAILED, reasons: list[dict[str, str]] | None = None
) -> int:
    from brugerbog.domain.values.masking import masked  # noqa: PLC0415 - help must be quick

    message = masked(message)
    if as_json:
        error: dict[str, object] = {"code": kind, "message": message}
        if reasons:
            error["reasons"] = reasons
        print_json({"error": error})
    else:
        print_message(f"Fejl: {message}")
    return code
