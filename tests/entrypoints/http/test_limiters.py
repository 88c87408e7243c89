"""Threads are shared out: no organisation takes them all, and nobody waits for one without an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from brugerbog.entrypoints.http import limiters
from brugerbog.entrypoints.http.limiters import THREADS, FairLimiter, ServerBusy
from brugerbog.entrypoints.http.uploads import FilesBeingRead, UploadMemory
from brugerbog.infrastructure.database.deadlines import Workload, current_workload
from tests.coroutines import run_in_own_thread

GREEDY, OTHER = UUID(int=1), UUID(int=2)
ALL, PER_ORGANISATION = THREADS[Workload.QUESTION]


def run(story: Callable[[FairLimiter, Event], Coroutine[Any, Any, None]], max_wait: float = 5) -> None:
    """Let a story happen to a limiter; what it leaves hanging ends with the event."""

    async def whole() -> None:
        ends = Event()
        try:
            await story(FairLimiter(Workload.QUESTION, max_wait=max_wait), ends)
        finally:
            ends.set()

    run_in_own_thread(whole())


def hanging(limiter: FairLimiter, organisation_id: UUID, ends: Event) -> asyncio.Task[bool]:
    return asyncio.create_task(limiter.run(organisation_id, lambda: ends.wait(10)))


def test_one_organisation_leaves_a_thread_for_the_others() -> None:
    async def story(limiter: FairLimiter, ends: Event) -> None:
        tasks = [hanging(limiter, GREEDY, ends) for _ in range(3 * ALL)]
        await asyncio.sleep(0.05)
        assert await asyncio.wait_for(limiter.run(OTHER, lambda: "answered"), 2) == "answered"
        ends.set()
        assert all(await asyncio.gather(*tasks))

    run(story)


def test_who_waits_too_long_for_a_thread_is_shown_so_and_leaves_no_trace() -> None:
    async def story(limiter: FairLimiter, ends: Event) -> None:
        tasks = [hanging(limiter, GREEDY, ends) for _ in range(PER_ORGANISATION)]
        await asyncio.sleep(0.05)
        with pytest.raises(ServerBusy):
            await limiter.run(GREEDY, lambda: None)
        ends.set()
        await asyncio.gather(*tasks)
        assert await limiter.run(GREEDY, lambda: "again") == "again"

    run(story, max_wait=0.1)


def test_only_so_many_of_one_organisation_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiters, "MAX_WAITING", 2)

    async def story(limiter: FairLimiter, ends: Event) -> None:
        tasks = [hanging(limiter, GREEDY, ends) for _ in range(PER_ORGANISATION + 2)]
        await asyncio.sleep(0.05)
        with pytest.raises(ServerBusy):
            await asyncio.wait_for(limiter.run(GREEDY, lambda: None), 1)
        assert await asyncio.wait_for(limiter.run(OTHER, lambda: "answered"), 1) == "answered"
        ends.set()
        await asyncio.gather(*tasks)

    run(story)


def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    begun = []

    async def hung_up() -> bool:
        return False

    async def story(limiter: FairLimiter, ends: Event) -> None:
        tasks = [hanging(limiter, GREEDY, ends) for _ in range(PER_ORGANISATION)]
        await asyncio.sleep(0.05)
        late = asyncio.create_task(limiter.run(GREEDY, lambda: begun.append(1), hung_up))
        await asyncio.sleep(0.05)
        ends.set()
        with pytest.raises(ServerBusy):
            await late
        await asyncio.gather(*tasks)

    run(story)
    assert begun == []


def test_work_has_the_deadlines_of_its_kind() -> None:
    async def story(limiter: FairLimiter, _ends: Event) -> None:
        assert await limiter.run(None, current_workload) is Workload.QUESTION
        assert current_workload() is Workload.MAINTENANCE

    run(story)


def test_uploads_hold_what_has_come_of_them_and_let_go_of_it() -> None:
    memory = UploadMemory(max_bytes=100, max_bytes_per_organisation=60)
    with memory.reserve(GREEDY) as slow, memory.reserve(GREEDY) as quick:
        slow(1)
        quick(50)
        with pytest.raises(FilesBeingRead):
            quick(10)
        with memory.reserve(OTHER) as others:
            others(49)
            with pytest.raises(FilesBeingRead):
                others(1)
    with memory.reserve(GREEDY) as again:
        again(60)
