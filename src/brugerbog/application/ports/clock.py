"""The ports for the current time and for new ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The instant now, timezone-aware (UTC)."""
        ...


class Ids(Protocol):
    """Gives out ids that nobody has had before."""

    def new_id(self) -> UUID:
        """An id for something that lives: ordered by time, so that the store stays quick."""
        ...

    def random_id(self) -> UUID:
        """An id that says nothing at all, such as a command's."""
        ...
