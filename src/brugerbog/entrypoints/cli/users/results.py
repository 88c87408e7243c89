"""Output of commands on a user: the result, and the user in the new state."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from brugerbog.entrypoints.cli.output import print_json, print_message
from brugerbog.entrypoints.presentation.words import name_of, status_text

if TYPE_CHECKING:
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.queries.user_list import UserView
    from brugerbog.entrypoints.cli.context import CliContext
    from brugerbog.service import Service


def print_result(
    context: CliContext,
    service: Service,
    actor: Actor,
    user_id: UUID,
    outcome: str,
    *,
    name: str | None = None,
) -> None:
    """Print a result in Danish, such as `er oprettet`, and the user's id; as JSON, the user."""
    user = service.queries.user(actor, user_id)
    if context.as_json:
        print_json(user)
        return
    print_message(f"{name or name_of(user)} {outcome}. Status: {status_text(user)}.")
    sys.stdout.write(f"{user.id}\n")


def print_result_with_code(
    context: CliContext,
    service: Service,
    actor: Actor,
    result: CommandResult,
    outcome: str,
    *,
    voided: str = "",
) -> None:
    """Print the result of a command that may issue a temporary code; the code is on the line after the id."""
    assert result.subject is not None  # noqa: S101 - the subject of a command on one user is the user
    if context.as_json:
        print_json(_with_code(service.queries.user(actor, result.subject), result))
        return
    print_result(context, service, actor, result.subject, outcome)
    if voided:
        print_message(voided)
    if result.code_already_shown:
        print_message(
            f"Koden er vist og kan ikke vises igen. Dan en ny: brugerbog users issue-code {result.subject}"
        )
    if result.code is None:
        return
    sys.stdout.write(f"{result.code}\n")
    print_message(
        "Den midlertidige aktiveringskode vises kun denne ene gang. Send den til brugeren på en sikker måde."
    )
    print_message("Husk at gemme koden, indtil brugeren har aktiveret sig i MitID Erhverv.")


def _with_code(user: UserView, result: CommandResult) -> dict[str, Any]:
    return asdict(user) | {"code": result.code, "code_already_shown": result.code_already_shown}
