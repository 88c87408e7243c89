"""What is told, as it is done, to those who watch: metrics, log lines and traces are made of it elsewhere."""

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
    """What kind of work something is. A batch is of events, taken into the read tables."""

    COMMAND = "command"
    IMPORT = "import"
    QUESTION = "question"
    REQUEST = "request"
    TURN = "turn"
    MAIL = "mail"
    BATCH = "batch"


class CounterName(StrEnum):
    """What is counted one by one: rows of files by outcome, dues by kind, CPR numbers shown by door."""

    ROWS = "rows"
    DUE = "due"
    CPR_SHOWN = "cpr_shown"


@dataclass(slots=True)
class Operation:
    """A piece of work. `name` is one of few words; `by` a command's door or a request's method.

    Its `id` is the correlation id of the events that come of it, where any do. `outcome` is known at its end:
    done, refused or failed, unless whoever does the work has a better word.
    """

    kind: OperationKind
    name: str
    by: str = ""
    id: UUID | str | None = None
    traceparent: str | None = None
    outcome: str = ""


class Observer(Protocol):
    """Is told of everything. What comes of that costs no command its life: nothing is raised."""

    def observe(self, work: Operation) -> AbstractContextManager[object]:
        """Be told of a piece of work as it begins, and as it ends, however it does."""
        ...

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        """A command or question was refused; ids and codes only may be kept of it."""
        ...

    def count(self, what: CounterName, outcome: str, many: int) -> None:
        """So many more of them came to this."""
        ...
