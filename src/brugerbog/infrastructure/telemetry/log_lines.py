"""What is watched, in the log of the running service: each request and command, and who was refused what."""

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
"""The field in which every line of a piece of work carries its id."""


class LogLines:
    """Logs ids, codes and kinds only (port: `OperationListener`)."""

    def started(self, work: Operation) -> OnEnd | None:
        field = ID_FIELDS.get(work.kind)
        if field is None or work.id is None:
            return None
        return partial(_ended, work, bind(field, work.id))

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        _say(
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
    work: Operation, bound: Token[Mapping[str, object]], seconds: float, _error: BaseException | None
) -> None:
    try:
        if say := _SAYS.get(work.kind):
            say(work, round(seconds * 1000, 1))
    finally:
        unbind(bound)


def _say_request(work: Operation, milliseconds: float) -> None:
    facts = {"method": work.by, "page": work.name, "status": int(work.outcome)}
    _say("brugerbog.web", "request", **facts, milliseconds=milliseconds)


def _say_command(work: Operation, milliseconds: float) -> None:
    """A refused one has a line of its own, which says more."""
    if work.outcome != "refused":
        facts = {"command": work.name, "door": work.by, "outcome": work.outcome}
        _say("brugerbog.commands", work.kind.value, **facts, milliseconds=milliseconds)


def _say(name: str, event: str, **facts: Any) -> None:  # noqa: ANN401 - ids, numbers, words
    if logging.getLogger(name).isEnabledFor(logging.INFO):
        logger(name).info(event, **facts)


_SAYS: Final[dict[OperationKind, Callable[[Operation, float], None]]] = {
    OperationKind.REQUEST: _say_request,
    OperationKind.COMMAND: _say_command,
    OperationKind.IMPORT: _say_command,
}
