"""How many requests a process works on at once: a limiter for each workload, shared out by organisation."""

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

IDENTIFYING: Final = 4
"""So many threads find out who asks, and do other small things before that is known."""

THREADS: Final[dict[Workload, tuple[int, int]]] = {
    Workload.QUESTION: (4, 3),
    Workload.COMMAND: (4, 3),
    Workload.LONG: (3, 2),
    Workload.PROBE: (1, 1),
}
"""Of each workload: so many threads at once, and so many of them for one organisation at most.

More threads take turns with one another, and cost a third.
"""

MOST_WAITING: Final = 200
"""So many requests of one organisation may wait for a thread of a workload."""

MOST_UNIDENTIFIED: Final = 2000
"""So many requests may wait until it is found out who asks."""

PATIENCE: Final = 10.0
"""Seconds that a request waits for a thread."""


@dataclass(eq=False)
class ServerBusy(TooBusy):
    """Too many requests wait in this process, or this one has waited too long; it was not begun."""

    code = "server_busy"
    danish = "Der er travlt lige nu. Intet er gennemført; prøv igen om lidt."
    english = "The server is busy. Nothing was done: try again with the same id."


class FairLimiter:
    """Threads for one workload: first come first served, and never all of them for one organisation."""

    def __init__(
        self,
        workload: Workload,
        *,
        patience: float = PATIENCE,
        threads: tuple[int, int] | None = None,
        most_waiting: int | None = None,
    ) -> None:
        """Take whose deadlines hold, and what of the workload's own threads and queue is otherwise."""
        all_, self._share = threads or THREADS[workload]
        self._workload = workload
        self._patience = patience
        self._most_waiting = MOST_WAITING if most_waiting is None else most_waiting
        self._threads = CapacityLimiter(all_)
        self._shares: dict[UUID | None, CapacityLimiter] = {}
        self._unlimited = CapacityLimiter(math.inf)

    async def run(
        self,
        organisation_id: UUID | None,
        work: Callable[[], T],
        is_wanted: Callable[[], Awaitable[bool]] | None = None,
    ) -> T:
        """Do work in a thread once one is free. Raises: ServerBusy, also when it isn't wanted any more."""
        share = self._shares.get(organisation_id)
        if share is None:
            share = self._shares[organisation_id] = CapacityLimiter(self._share)
        borrower = object()
        had_to_wait = await self._acquire(share, borrower)
        try:
            if had_to_wait and is_wanted is not None and not await is_wanted():
                raise ServerBusy
            with as_workload(self._workload):
                return await to_thread.run_sync(work, limiter=self._unlimited)
        finally:
            self._threads.release_on_behalf_of(borrower)
            share.release_on_behalf_of(borrower)
            if not share.borrowed_tokens and not share.statistics().tasks_waiting:
                self._shares.pop(organisation_id, None)

    async def _acquire(self, share: CapacityLimiter, borrower: object) -> bool:
        """Take a part of the share and a thread; whether that took waiting. Raises: ServerBusy."""
        if share.available_tokens > 0 and self._threads.available_tokens > 0:
            # Whoever waits has been promised its token already: what is available is nobody's.
            share.acquire_on_behalf_of_nowait(borrower)
            self._threads.acquire_on_behalf_of_nowait(borrower)
            return False
        if share.statistics().tasks_waiting >= self._most_waiting:
            raise ServerBusy
        try:
            with fail_after(self._patience):
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
    """The limiters of a process, one for each workload that requests have."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._of = {workload: FairLimiter(workload, patience=patience) for workload in THREADS}
        self.identifying = FairLimiter(
            Workload.QUESTION,
            patience=patience,
            threads=(IDENTIFYING, IDENTIFYING),
            most_waiting=MOST_UNIDENTIFIED,
        )

    def __getitem__(self, workload: Workload) -> FairLimiter:
        return self._of[workload]
