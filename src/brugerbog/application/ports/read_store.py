"""The ports for the read tables: reading them, and keeping them up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection


class ReadStore(Protocol):
    """Where the read tables are."""

    def connect(self) -> AbstractContextManager[Connection]:
        """A connection for reading, in no transaction. Others get it next: its options stay as they are."""
        ...


class Projector(Protocol):
    """Keeps the read tables up with the log."""

    def catch_up(self) -> int:
        """Bring every read table to the end of the log; returns the position reached."""
        ...

    def stale(self, now: datetime) -> AbstractSet[str]:
        """The read tables that don't show all that is recorded: stopped, or behind for minutes."""
        ...

    def is_ready(self, name: str, position: int) -> bool:
        """Whether one read table has come to a position, and is neither stopped nor being built anew."""
        ...
