"""The observer that passes operations on to all listeners (port: `Observer`)."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from brugerbog.application.actors import Actor
    from brugerbog.application.ports.observation import CounterName, Operation

    OnEnd = Callable[[float, BaseException | None], None]
    """Called in the thread of the operation with its duration in seconds and its exception."""


class OperationListener(Protocol):
    """A listener to operations, such as metrics."""

    def started(self, operation: Operation) -> OnEnd | None:
        """Note the start of an operation; returns a function to call at its end, or None."""
        ...

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        """As `Observer.refused`."""
        ...

    def count(self, what: CounterName, outcome: str, many: int) -> None:
        """As `Observer.count`."""
        ...


class CompositeObserver:
    """Calls listeners one after another, at an end the last one first; their failures harm no operation."""

    def __init__(self, listeners: Sequence[OperationListener]) -> None:
        self._listeners = tuple(listeners)

    def observe(self, operation: Operation) -> _Observation:
        return _Observation(self._listeners, operation)

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        for listener in self._listeners:
            with suppress(Exception):
                listener.refused(command, actor, refusal)

    def count(self, what: CounterName, outcome: str, many: int) -> None:
        for listener in self._listeners:
            with suppress(Exception):
                listener.count(what, outcome, many)


class _Observation:
    """The observation of an operation. A class, since a generator takes three times as long."""

    __slots__ = ("_listeners", "_on_ends", "_operation", "_started_at")

    def __init__(self, listeners: Sequence[OperationListener], operation: Operation) -> None:
        self._listeners = listeners
        self._operation = operation

    def __enter__(self) -> None:
        self._started_at = time.perf_counter()
        self._on_ends: list[OnEnd] = []
        for listener in self._listeners:
            try:
                on_end = listener.started(self._operation)
            except Exception:  # noqa: BLE001, S112 - a full disk under the metrics stops no command
                continue
            if on_end is not None:
                self._on_ends.append(on_end)

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if not self._on_ends:
            return
        seconds, operation = time.perf_counter() - self._started_at, self._operation
        if not operation.outcome:
            operation.outcome = _outcome(error)
        for on_end in reversed(self._on_ends):
            with suppress(Exception):
                on_end(seconds, error)


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "done"
    return "refused" if isinstance(error, Refusal) else "failed"
