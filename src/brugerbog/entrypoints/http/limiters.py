"""Concurrency limits of a process: a pool of threads per workload, with a share per organisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from anyio import CapacityLimiter, fail_after, to_thread

from brugerbog.application.refusals.requests import TooBusy
from brugerbog.infrastructure.database.deadlines import Workload, as_workload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

T = TypeVar("T")

IDENTIFYING_THREADS: Final = 4
"""The number of threads for authentication and other short work before it."""

THREADS: Final[dict[Workload, tuple[int, int]]] = {
    Workload.QUESTION: (4, 3),
    Workload.COMMAND: (4, 3),
    Workload.LONG: (3, 2),
    Workload.PROBE: (1, 1),
}
"""For each workload: the number of threads, and the most of them for one organisation.

More threads wait for one another, and cost a third of the throughput.
"""

MAX_WAITING: Final = 200
"""The most requests of one organisation that wait for a thread of a workload."""

MAX_UNIDENTIFIED: Final = 2000
"""The most requests that wait for authentication."""

MAX_WAIT_SECONDS: Final = 10.0
"""The most seconds that a request waits for a thread."""


@dataclass(eq=False)
class ServerBusy(TooBusy):
    """Too many requests wait in this process, or this request has waited too long. It was not started."""

    code = "server_busy"
    danish = "Der er travlt lige nu. Intet er gennemført; prøv igen om lidt."
    english = "The server is busy. Nothing was done: try again with the same id."


class FairLimiter:
    """The threads of one workload: first in, first out, and never all of them for one organisation."""

    def __init__(
        self,
        workload: Workload,
        *,
        max_wait: float = MAX_WAIT_SECONDS,
        threads: tuple[int, int] | None = None,
        max_waiting: int | None = None,
    ) -> None:
        """Take the workload, whose deadlines apply, and values other than its own for threads and queue."""
        total, self._share = threads or THREADS[workload]
        self._workload = workload
        self._max_wait = max_wait
        self._max_waiting = MAX_WAITING if max_waiting is None else max_waiting
        self._threads = CapacityLimiter(total)
        self._shares: dict[UUID | None, CapacityLimiter] = {}
        self._unlimited = CapacityLimiter(math.inf)

    async def run(
        self,
        organisation_id: UUID | None,
        work: Callable[[], T],
        is_wanted: Callable[[], Awaitable[bool]] | None = None,
    ) -> T:
        """Run `work` in a thread as soon as one is free.

        Raises: ServerBusy, also when `is_wanted` is false after the wait.
        """
        share = self._shares.get(organisation_id)
        if share is None:
            share = self._shares[organisation_id] = CapacityLimiter(self._share)
        borrower = object()
        has_waited = await self._acquire(share, borrower)
        try:
            if has_waited and is_wanted is not None and not await is_wanted():
                raise ServerBusy
            with as_workload(self._workload):
                return await to_thread.run_sync(work, limiter=self._unlimited)
        finally:
            self._threads.release_on_behalf_of(borrower)
            share.release_on_behalf_of(borrower)
            if not share.borrowed_tokens and not share.statistics().tasks_waiting:
                self._shares.pop(organisation_id, None)

    async def _acquire(self, share: CapacityLimiter, borrower: object) -> bool:
        """Acquire a thread within the organisation's share; return whether it waited. Raises: ServerBusy."""
        if share.available_tokens > 0 and self._threads.available_tokens > 0:
            # Waiting tasks already have their token reserved: an available token belongs to no other task.
            share.acquire_on_behalf_of_nowait(borrower)
            self._threads.acquire_on_behalf_of_nowait(borrower)
            return False
        if share.statistics().tasks_waiting >= self._max_waiting:
            raise ServerBusy
        try:
            with fail_after(self._max_wait):
                await share.acquire_on_behalf_of(borrower)
                try:
                    await self._threads.acquire_on_behalf_of(borrower)
                except BaseException:
                    share.release_on_behalf_of(borrower)
                    raise
        except TimeoutError:
            raise ServerBusy from None
        return True


class Limiters:
    """The limiters of a process: one for each workload, and one for authentication."""

    def __init__(self, *, max_wait: float = MAX_WAIT_SECONDS) -> None:
        self._by_workload = {workload: FairLimiter(workload, max_wait=max_wait) for workload in THREADS}
        self.identifying = FairLimiter(
            Workload.QUESTION,
            max_wait=max_wait,
            threads=(IDENTIFYING_THREADS, IDENTIFYING_THREADS),
            max_waiting=MAX_UNIDENTIFIED,
        )

    def __getitem__(self, workload: Workload) -> FairLimiter:
        return self._by_workload[workload]
