"""The events that this process has just recorded, in memory for its projections."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brugerbog.domain.kernel.aggregate import Event

MAX_RECENT_EVENTS: Final = 5_000
"""The largest number of events in memory, as many as a chunk of an import records."""


class RecentEvents:
    """Recorded events for the projections, which save reading and decrypting them.

    Only a cache: other events are read from the log.
    """

    def __init__(self) -> None:
        self._events: dict[int, Event] = {}
        self._lock = Lock()

    def add(self, positions: range, new: Sequence[Event]) -> None:
        with self._lock:
            if len(self._events) + len(new) > MAX_RECENT_EVENTS:
                self._events.clear()
            else:
                self._events.update(zip(positions, new, strict=True))

    def take(self, after: int) -> list[tuple[int, Event]]:
        """Remove and return the events that follow a position without a gap; earlier ones are dropped."""
        if not self._events:
            return []
        found: list[tuple[int, Event]] = []
        with self._lock:
            for position in sorted(self._events):
                if position <= after:
                    del self._events[position]
                elif position == after + len(found) + 1:
                    found.append((position, self._events.pop(position)))
        return found
