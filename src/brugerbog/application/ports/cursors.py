"""The port for page keys (cursors) of paginated lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


class Cursors(Protocol):
    """Encrypts page keys, so that addresses in access logs reveal nothing of the lists."""

    def seal(self, scope: UUID, place: Sequence[str | int]) -> str:
        """Return the page key of a place in a list."""
        ...

    def open(self, scope: UUID, cursor: str) -> list[str | int]:
        """Return the place of a page key. Raises: CursorInvalid."""
        ...
