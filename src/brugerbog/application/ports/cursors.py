"""The port for page keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence


class Cursors(Protocol):
    """Makes page keys that tell nothing, not even to those who keep logs of addresses."""

    def seal(self, scope: UUID, place: Sequence[str | int]) -> str:
        """A key for a place in a list."""
        ...

    def open(self, scope: UUID, cursor: str) -> list[str | int]:
        """The place again. Raises: CursorInvalid."""
        ...
