"""Deadlines of statements, locks and commits, by workload."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import OperationalError

from brugerbog.infrastructure.settings import REQUEST_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_CHECK_SECONDS: Final = 0.1


class Workload(StrEnum):
    """Classes of work, each with its own deadlines.

    `MAINTENANCE` is everything outside of requests: the command line, an embedding application, a worker.
    """

    COMMAND = "command"
    QUESTION = "question"
    LONG = "long"
    PROBE = "probe"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Deadlines of a workload in seconds; None waits without limit.

    `statement`, `lock` and `idle` (in an open transaction) are enforced by the database, so the outcome is
    known: nothing was done. `unit_of_work` and `commit` are enforced here, by closing the connection. They
    also hold when the database doesn't answer, or a commit waits for a synchronous standby.
    """

    statement: float | None
    lock: float
    idle: float
    unit_of_work: float | None
    commit: float


def deadlines(request_seconds: float = REQUEST_SECONDS) -> Mapping[Workload, Deadlines]:
    """Return the deadlines of every workload, given the seconds of a request's statement."""
    short, probe = request_seconds, min(2.0, request_seconds)
    request = Deadlines(short, short / 2, 2 * short, 1.5 * short, 1.5 * short)
    return {
        Workload.COMMAND: request,
        Workload.QUESTION: request,
        Workload.LONG: Deadlines(600, 6 * short, 300, None, 6 * short),
        Workload.PROBE: Deadlines(probe, probe / 2, 2 * probe, probe * 1.25, probe * 1.25),
        Workload.MAINTENANCE: Deadlines(None, 60, 300, None, 60),
    }


_current: Final[ContextVar[Workload]] = ContextVar("brugerbog_workload", default=Workload.MAINTENANCE)


def current_workload() -> Workload:
    """Return the workload of the calling thread or task."""
    return _current.get()


def set_workload(workload: Workload) -> None:
    """Set the workload of the rest of the current task."""
    _current.set(workload)


@contextmanager
def as_workload(workload: Workload) -> Iterator[None]:
    """Set the workload of the block, and of threads that copy its context."""
    token = _current.set(workload)
    try:
        yield
    finally:
        _current.reset(token)


class CommitUnknown(OperationalError):
    """The connection was lost or closed during a commit, which may have succeeded."""


class LockTimeout(OperationalError):
    """Another thread of this process held a lock until the deadline; nothing was done."""


class Watchdog:
    """Closes connections that pass their deadline, from a thread of its own that starts when needed."""

    def __init__(self) -> None:
        self._watched: dict[object, tuple[float, Callable[[], None]]] = {}
        self._cutting = Lock()
        self._closed = Event()
        self._thread: Thread | None = None

    @contextmanager
    def watching(
        self, seconds: float | None, cut: Callable[[], None], taint: Callable[[], None]
    ) -> Iterator[None]:
        """Call `cut` from another thread when the block takes longer, then `taint` at its end."""
        if seconds is None:
            yield
            return
        if self._thread is None:
            self._start()
        key = object()
        self._watched[key] = (time.monotonic() + seconds, cut)
        try:
            yield
        finally:
            if self._watched.pop(key, None) is None:
                with self._cutting:
                    pass  # `cut` may still be running: the connection must not be reused before
                taint()

    def close(self) -> None:
        """Stop the thread for good."""
        self._closed.set()

    def _start(self) -> None:
        with self._cutting:
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="brugerbog-deadlines", daemon=True)
                self._thread.start()

    def _watch(self) -> None:
        while not self._closed.wait(_CHECK_SECONDS):
            if not self._watched:
                continue
            now = time.monotonic()
            for key, (until, cut) in list(self._watched.items()):
                if until <= now:
                    with self._cutting:
                        if self._watched.pop(key, None) is not None:
                            cut()
