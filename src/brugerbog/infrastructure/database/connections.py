"""Counts the connections of this process to a store, busy and idle."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine, QueuePool

    from brugerbog.infrastructure.database.backend import ConnectionCache

ConnectionsInUse = Callable[[], tuple[int, int]]
"""Returns the number of busy and of idle connections."""


def count_connections(engines: Iterable[Engine], caches: Iterable[ConnectionCache]) -> tuple[int, int]:
    """Return the number of busy and of idle connections; cached ones are out of the pool, but idle."""
    pools = [cast("QueuePool", engine.pool) for engine in dict.fromkeys(engines)]
    checked_out, cached = sum(pool.checkedout() for pool in pools), sum(cache.idle for cache in caches)
    return max(0, checked_out - cached), sum(pool.checkedin() for pool in pools) + cached
