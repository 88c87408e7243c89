"""What every command on a user ends in: saying what was done, and showing him as he is now."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from brugerbog.entrypoints.cli.output import print_json, say
from brugerbog.entrypoints.presentation.words import name_of, status_text

if TYPE_CHECKING:
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.queries.users import UserView
    from brugerbog.entrypoints.cli.context import Call
    from brugerbog.service import Service


def confirm(
    call: Call, service: Service, actor: Actor, user_id: UUID, deed: str, *, name: str | None = None
) -> None:
    """Tell a deed, such as `er oprettet`, and the user's id; as JSON, the user."""
    user = service.queries.user(actor, user_id)
    if call.as_json:
        print_json(user)
        return
    say(f"{name or name_of(user)} {deed}. Status: {status_text(user)}.")
    sys.stdout.write(f"{user.id}\n")


def confirm_with_code(
    call: Call, service: Service, actor: Actor, answer: CommandResult, deed: str, *, voided: str = ""
) -> None:
    """The same of a command that may show a temporary code: after the id, on a line of its own."""
    assert answer.subject is not None  # noqa: S101 - a command on one user names him
    if call.as_json:
        print_json(_with_code(service.queries.user(actor, answer.subject), answer))
        return
    confirm(call, service, actor, answer.subject, deed)
    if voided:
        say(voided)
    if answer.code_already_shown:
        say(f"Koden er vist og kan ikke vises igen. Dan en ny: brugerbog users issue-code {answer.subject}")
    if answer.code is None:
        return
    sys.stdout.write(f"{answer.code}\n")
    say("Den midlertidige aktiveringskode vises kun denne ene gang. Send den til brugeren på en sikker måde.")
    say("Husk at gemme koden, indtil brugeren har aktiveret sig i MitID Erhverv.")


def _with_code(user: UserView, answer: CommandResult) -> dict[str, Any]:
    return asdict(user) | {"code": answer.code, "code_already_shown": answer.code_already_shown}
