"""Detection of stale read tables: stopped, or minutes behind the log."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from brugerbog.application.diagnostics.checks import SILENT_AFTER
from brugerbog.domain.kernel.instants import instant
from brugerbog.infrastructure.projections.positions import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.projections.positions import ProjectionPositions

_CACHE_SECONDS: Final = 1.0


class StaleTables:
    """The names of the stale read tables, cached for a second, however many queries ask."""

    def __init__(self, log: BrugerbogLog, positions: ProjectionPositions) -> None:
        self._log = log
        self._positions = positions
        self._names: AbstractSet[str] = frozenset()
        self._read_at = -_CACHE_SECONDS

    def names(self, now: datetime) -> AbstractSet[str]:
        """Return the tables that have stopped, or lack an event recorded longer ago than `SILENT_AFTER`."""
        at = monotonic()
        if at - self._read_at > _CACHE_SECONDS:
            self._read_at, self._names = at, frozenset(self.find(now))
        return self._names

    def find(self, now: datetime) -> Iterator[str]:
        """Return the same names without the cache."""
        for one in self._positions.status(self._log.recorder.max_notification_id() or 0):
            has_stopped = one.state == FAILED or one.failure is not None
            if has_stopped or (one.lag and self._lacks_old_event(one.position, now)):
                yield one.name

    def reset(self) -> None:
        """Discard the cached names."""
        self._read_at = -_CACHE_SECONDS

    def _lacks_old_event(self, position: int, now: datetime) -> bool:
        following = self._log.recorder.select_positions(position, 1)
        return bool(following) and instant(following[0].recorded_at) < now - SILENT_AFTER
