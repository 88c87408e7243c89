"""The port for observability: metrics, log lines and traces are made of what it receives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.domain.kernel.refusals import Refusal


class OperationKind(StrEnum):
    """The kind of an operation. A batch is a batch of events projected into the read tables."""

    COMMAND = "command"
    IMPORT = "import"
    QUESTION = "question"
    REQUEST = "request"
    TURN = "turn"
    MAIL = "mail"
    BATCH = "batch"


class CounterName(StrEnum):
    """Counters: imported rows by outcome, due work by kind, CPR numbers shown by door."""

    ROWS = "rows"
    DUE = "due"
    CPR_SHOWN = "cpr_shown"


@dataclass(slots=True)
class Operation:
    """An operation. `name` is one of few words; `by` is a command's door or a request's method.

    `id` is the correlation id of the events that it records, if any. `outcome` is set at its end: done,
    refused or failed, unless the operation sets a more precise one itself.
    """

    kind: OperationKind
    name: str
    by: str = ""
    id: UUID | str | None = None
    traceparent: str | None = None
    outcome: str = ""


class Observer(Protocol):
    """Receives operations, refusals and counts. No method raises, so that no command fails because of it."""

    def observe(self, work: Operation) -> AbstractContextManager[object]:
        """Observe an operation from its begin to its end, with or without an exception."""
        ...

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        """Report the refusal of a command or question; only ids and codes of it may be stored or logged."""
        ...

    def count(self, what: CounterName, outcome: str, many: int) -> None:
        """Add to the counter of an outcome."""
        ...
