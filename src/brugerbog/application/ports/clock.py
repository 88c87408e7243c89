"""The ports for the current time and for new ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class Clock(Protocol):
    """A clock."""

    def now(self) -> datetime:
        """Return the current time, timezone-aware (UTC)."""
        ...


class Ids(Protocol):
    """A source of unique ids."""

    def new_id(self) -> UUID:
        """Return an id for a user, an organisation or the like, ordered by time to keep indexes fast."""
        ...

    def random_id(self) -> UUID:
        """Return a random id, such as a command's."""
        ...
