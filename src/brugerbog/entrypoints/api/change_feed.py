"""Wakes those who follow the log when it has grown: one look for all, and none when nobody listens."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from anyio import CapacityLimiter, move_on_after, to_thread

from brugerbog.infrastructure.database.deadlines import Workload, as_workload
from brugerbog.service import StoreFailure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_LOOKS_EVERY: Final = 0.2
"""Seconds; so late may a change be told at most, besides what it takes to read it."""


_REACHING_EVERY: Final = 0.05


class Listener:
    """One who follows. He has read all up to what was the head before he read last."""

    def __init__(self, following: Following) -> None:
        self._following = following
        self._seen = following.head

    async def wait(self) -> bool:
        """Wait until there may be more to read; False when the server is about to stop."""
        return await self._following.grown(self)

    def is_behind(self, head: int) -> bool:
        """Whether the log has grown since; from now on that is known to him."""
        behind, self._seen = head > self._seen, head
        return behind


class Following:
    """Looks at the log's head as long as anybody listens."""

    def __init__(self, position: Callable[[], int]) -> None:
        self.head = -1
        self._position = position
        self._limiter = CapacityLimiter(1)
        self._changed = asyncio.Condition()
        self._listeners = 0
        self._looking: asyncio.Task[None] | None = None
        self._stopping = False

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Listener]:
        """Somebody listens."""
        self._listeners += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield Listener(self)
        finally:
            self._listeners -= 1
            if not self._listeners and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def grown(self, listener: Listener) -> bool:
        """Wait until the log has more than the listener knew of; False when the server is about to stop."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._stopping or listener.is_behind(self.head))
        return not self._stopping

    async def stop(self) -> None:
        """Send everybody away, for good."""
        self._stopping = True
        async with self._changed:
            self._changed.notify_all()

    def stop_when_told(self) -> None:
        """Send everybody away as soon as the process is told to stop: else it would wait for them."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)

            def told(said: int, frame: Any, before: Any = before) -> None:  # noqa: ANN401 - as signals have it
                loop.call_soon_threadsafe(lambda: asyncio.ensure_future(self.stop()))
                if callable(before):
                    before(said, frame)

            signal.signal(number, told)

    async def _look(self) -> None:
        while True:
            with suppress(StoreFailure):  # it is asked again, and whoever reads meanwhile meets it himself
                with as_workload(Workload.PROBE):
                    head = await to_thread.run_sync(self._position, limiter=self._limiter)
                if head != self.head:
                    async with self._changed:
                        self.head = head
                        self._changed.notify_all()
            await asyncio.sleep(_LOOKS_EVERY)


class Reaching:
    """Looks at how far the read tables have come, once for all who wait for it, while anybody waits."""

    def __init__(self, reached: Callable[[], int]) -> None:
        self._reached = reached
        self._limiter = CapacityLimiter(1)
        self._waiting: dict[asyncio.Event, int] = {}
        self._looking: asyncio.Task[None] | None = None

    async def wait_for(self, position: int, seconds: float) -> bool:
        """Wait for a position to be reached; whether it was in time."""
        reached = asyncio.Event()
        self._waiting[reached] = position
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            with move_on_after(seconds):
                await reached.wait()
            return reached.is_set()
        finally:
            del self._waiting[reached]

    async def _look(self) -> None:
        while self._waiting:
            with suppress(StoreFailure), as_workload(Workload.PROBE):  # it is asked again
                now = await to_thread.run_sync(self._reached, limiter=self._limiter)
                for reached, position in self._waiting.items():
                    if position <= now:
                        reached.set()
            await asyncio.sleep(_REACHING_EVERY)
