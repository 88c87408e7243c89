"""A lock that lets one thread of a process write to a SQLite file at a time."""

from __future__ import annotations

from threading import Lock, get_ident


class WriteLock:
    """A re-entrant lock that another thread than its holder may release.

    A transaction in a generator may end in another thread. `threading.RLock` can't be released there, and
    would be held for good.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder: int | None = None
        self._depth = 0

    def acquire(self, timeout: float) -> bool:
        """Acquire the lock once more; return False when another thread holds it for `timeout` seconds."""
        if self._holder != get_ident():
            if not self._lock.acquire(timeout=timeout):
                return False
            self._holder = get_ident()
        self._depth += 1
        return True

    def release(self) -> None:
        """Release the lock once."""
        self._depth -= 1
        if not self._depth:
            self._holder = None
            self._lock.release()
