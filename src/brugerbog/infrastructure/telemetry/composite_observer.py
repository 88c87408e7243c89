"""Tells everybody who watches (port: `Observer`), of whom none can harm what is watched."""

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
    """Is told, in the thread that did the work, how many seconds it took and what it raised."""


class OperationListener(Protocol):
    """Watches what is done."""

    def started(self, work: Operation) -> OnEnd | None:
        """A piece of work begins; whoever wants to know of its end says so."""
        ...

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        """As `Observer.refused`."""
        ...

    def count(self, what: CounterName, outcome: str, many: int) -> None:
        """As `Observer.count`."""
        ...


class CompositeObserver:
    """Tells watchers one after another, of an end the last one first."""

    def __init__(self, watchers: Sequence[OperationListener]) -> None:
        self._watchers = tuple(watchers)

    def observe(self, work: Operation) -> _Over:
        return _Over(self._watchers, work)

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        for one in self._watchers:
            with suppress(Exception):
                one.refused(command, actor, refusal)

    def count(self, what: CounterName, outcome: str, many: int) -> None:
        for one in self._watchers:
            with suppress(Exception):
                one.count(what, outcome, many)


class _Over:
    """A piece of work being watched. A class, since a generator takes three times as long."""

    __slots__ = ("_begun", "_ends", "_watchers", "_work")

    def __init__(self, watchers: Sequence[OperationListener], work: Operation) -> None:
        self._watchers = watchers
        self._work = work

    def __enter__(self) -> None:
        self._begun = time.perf_counter()
        self._ends: list[OnEnd] = []
        for one in self._watchers:
            try:
                ended = one.started(self._work)
            except Exception:  # noqa: BLE001, S112 - a full disk under the metrics stops no command
                continue
            if ended is not None:
                self._ends.append(ended)

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if not self._ends:
            return
        seconds, work = time.perf_counter() - self._begun, self._work
        if not work.outcome:
            work.outcome = _outcome(error)
        for ended in reversed(self._ends):
            with suppress(Exception):
                ended(seconds, error)


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "done"
    return "refused" if isinstance(error, Refusal) else "failed"
