"""Log lines of the running service: each request and command, and each refusal."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.ports.observation import OperationKind
from brugerbog.infrastructure.logs import bind, logger, unbind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextvars import Token

    from brugerbog.application.actors import Actor
    from brugerbog.application.ports.observation import CounterName, Operation
    from brugerbog.domain.kernel.refusals import Refusal
    from brugerbog.infrastructure.telemetry.composite_observer import OnEnd

REFUSALS: Final = "brugerbog.refusals"

ID_FIELDS: Final = {
    OperationKind.REQUEST: "request_id",
    OperationKind.COMMAND: "command_id",
    OperationKind.IMPORT: "import_id",
    OperationKind.TURN: "turn_id",
}
"""The field with an operation's id in each of its log lines."""


class LogLines:
    """Logs ids, codes and kinds only (port: `OperationListener`)."""

    def started(self, operation: Operation) -> OnEnd | None:
        field = ID_FIELDS.get(operation.kind)
        if field is None or operation.id is None:
            return None
        return partial(_ended, operation, bind(field, operation.id))

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        _log(
            REFUSALS,
            "refused",
            command=command,
            code=refusal.code,
            actor=str(actor.id),
            organisation=str(actor.organisation_id),
            door=actor.door.value,
        )

    def count(self, what: CounterName, outcome: str, many: int) -> None:
        """Say nothing."""


def _ended(
    operation: Operation, bound: Token[Mapping[str, object]], seconds: float, _error: BaseException | None
) -> None:
    try:
        if log := _LOGGED.get(operation.kind):
            log(operation, round(seconds * 1000, 1))
    finally:
        unbind(bound)


def _log_request(operation: Operation, milliseconds: float) -> None:
    facts = {"method": operation.by, "page": operation.name, "status": int(operation.outcome)}
    _log("brugerbog.web", "request", **facts, milliseconds=milliseconds)


def _log_command(operation: Operation, milliseconds: float) -> None:
    """Log a command, unless it was refused: a refusal has a line of its own."""
    if operation.outcome != "refused":
        facts = {"command": operation.name, "door": operation.by, "outcome": operation.outcome}
        _log("brugerbog.commands", operation.kind.value, **facts, milliseconds=milliseconds)


def _log(name: str, event: str, **facts: Any) -> None:  # noqa: ANN401 - ids, numbers, words
    if logging.getLogger(name).isEnabledFor(logging.INFO):
        logger(name).info(event, **facts)


_LOGGED: Final[dict[OperationKind, Callable[[Operation, float], None]]] = {
    OperationKind.REQUEST: _log_request,
    OperationKind.COMMAND: _log_command,
    OperationKind.IMPORT: _log_command,
}
