"""How many connections to a store this process has open, and how many of them are at work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine, QueuePool

    from brugerbog.infrastructure.database.backend import ConnectionCache

ConnectionsInUse = Callable[[], tuple[int, int]]
"""Tells how many are busy and how many idle."""


def in_use(engines: Iterable[Engine], kept: Iterable[ConnectionCache]) -> tuple[int, int]:
    """Count busy and idle ones; those kept for the next user are out of the pool, and idle all the same."""
    pools = [cast("QueuePool", engine.pool) for engine in dict.fromkeys(engines)]
    out, waiting = sum(pool.checkedout() for pool in pools), sum(one.idle for one in kept)
    return max(0, out - waiting), sum(pool.checkedin() for pool in pools) + waiting
