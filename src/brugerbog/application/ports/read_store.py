"""The ports for the read tables: reading them, and keeping them up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection


class ReadStore(Protocol):
    """The store of the read tables."""

    def connect(self) -> AbstractContextManager[Connection]:
        """Return a connection for reading, outside any transaction.

        The connection is pooled: leave its options as they are.
        """
        ...


class Projector(Protocol):
    """Keeps the read tables up to date with the log."""

    def catch_up(self) -> int:
        """Bring every read table to the end of the log; return the position reached."""
        ...

    def stale(self, now: datetime) -> AbstractSet[str]:
        """Return the read tables that have stopped or lag behind the log by minutes."""
        ...

    def is_ready(self, name: str, position: int) -> bool:
        """Return whether a read table has reached a position, and is neither stopped nor being rebuilt."""
        ...
