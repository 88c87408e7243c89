"""The lock by which the threads of a process write to a SQLite file one after another."""

from __future__ import annotations

from threading import Lock, get_ident


class WriteLock:
    """A re-entrant lock that another thread may release than the one that holds it.

    A transaction in a generator may end in another thread, which a lock of the standard library refuses: it
    would be held for good.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder: int | None = None
        self._times = 0

    def acquire(self, timeout: float) -> bool:
        """Hold the lock once more; False when another thread has held it for so many seconds."""
        if self._holder != get_ident():
            if not self._lock.acquire(timeout=timeout):
                return False
            self._holder = get_ident()
        self._times += 1
        return True

    def release(self) -> None:
        """Hold the lock once less."""
        self._times -= 1
        if not self._times:
            self._holder = None
            self._lock.release()
