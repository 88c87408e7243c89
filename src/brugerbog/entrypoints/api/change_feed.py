"""Polls the position of the log and of the read tables, once for all requests that wait for either."""

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

_LOG_HEAD_INTERVAL: Final = 0.2
"""Seconds between two polls: the longest delay of a change in the stream, besides the time to read it."""

_PROJECTION_INTERVAL: Final = 0.05
"""Seconds between two polls."""


class Listener:
    """A follower of the log, who has read everything up to the head as it was before the latest read."""

    def __init__(self, poller: LogHeadPoller) -> None:
        self._poller = poller
        self._seen = poller.head

    async def wait(self) -> bool:
        """Wait until there may be more to read; False when the server is about to stop."""
        return await self._poller.wait_for_growth(self)

    def is_behind(self, head: int) -> bool:
        """Return whether the log has grown since the last call, and remember this head."""
        behind, self._seen = head > self._seen, head
        return behind


class LogHeadPoller:
    """Polls the head of the log as long as there is a listener."""

    def __init__(self, position: Callable[[], int]) -> None:
        self.head = -1
        self._position = position
        self._limiter = CapacityLimiter(1)
        self._changed = asyncio.Condition()
        self._listeners = 0
        self._polling: asyncio.Task[None] | None = None
        self._stopping = False

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Listener]:
        """Poll while this context is open."""
        self._listeners += 1
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            yield Listener(self)
        finally:
            self._listeners -= 1
            if not self._listeners and self._polling is not None:
                self._polling.cancel()
                self._polling = None

    async def wait_for_growth(self, listener: Listener) -> bool:
        """Wait until the log has grown past the listener; False when the server is about to stop."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._stopping or listener.is_behind(self.head))
        return not self._stopping

    async def stop(self) -> None:
        """End all streams, for good."""
        self._stopping = True
        async with self._changed:
            self._changed.notify_all()

    def stop_on_signal(self) -> None:
        """End all streams on SIGTERM or SIGINT: the server's shutdown waits for open responses."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)

            def handle(received: int, frame: Any, before: Any = before) -> None:  # noqa: ANN401 - as signals have it
                loop.call_soon_threadsafe(lambda: asyncio.ensure_future(self.stop()))
                if callable(before):
                    before(received, frame)

            signal.signal(number, handle)

    async def _poll(self) -> None:
        while True:
            with suppress(StoreFailure):  # the next poll tries again, and a listener's own read raises it
                with as_workload(Workload.PROBE):
                    head = await to_thread.run_sync(self._position, limiter=self._limiter)
                if head != self.head:
                    async with self._changed:
                        self.head = head
                        self._changed.notify_all()
            await asyncio.sleep(_LOG_HEAD_INTERVAL)


class ProjectionPoller:
    """Polls the position of the read tables as long as a request waits for one."""

    def __init__(self, projected_position: Callable[[], int]) -> None:
        self._projected_position = projected_position
        self._limiter = CapacityLimiter(1)
        self._waiting: dict[asyncio.Event, int] = {}
        self._polling: asyncio.Task[None] | None = None

    async def wait_for(self, position: int, seconds: float) -> bool:
        """Wait for the read tables to reach a position; return whether they did in that time."""
        reached = asyncio.Event()
        self._waiting[reached] = position
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            with move_on_after(seconds):
                await reached.wait()
            return reached.is_set()
        finally:
            del self._waiting[reached]

    async def _poll(self) -> None:
        while self._waiting:
            with suppress(StoreFailure), as_workload(Workload.PROBE):  # the next poll tries again
                projected = await to_thread.run_sync(self._projected_position, limiter=self._limiter)
                for reached, position in self._waiting.items():
                    if position <= projected:
                        reached.set()
            await asyncio.sleep(_PROJECTION_INTERVAL)
