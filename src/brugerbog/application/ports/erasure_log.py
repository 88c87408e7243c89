"""The port for erasures: recorded in the log, and then finished outside of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class EraseListSpan:
    """The bytes that an addition takes in the list of erased users.

    `last` is the last user added; None if the addition was empty.
    """

    start: int
    end: int
    last: UUID | None


class ErasureLog(Protocol):
    """The erasures of the log that are not finished, and the steps that finish them."""

    def pending_erasures(self) -> Sequence[UUID]:
        """Return the users whose erasure is in the log and not finished."""
        ...

    def list_erased(self, user_ids: Sequence[UUID]) -> EraseListSpan:
        """Add users to the list of erased users outside the store, so that no backup can restore them.

        Raises: EraseListMissing, EraseListShort if the list is not the one the store refers to.
        """
        ...

    def destroy_keys(self, user_ids: Sequence[UUID]) -> None:
        """Destroy users' keys for good. A key that is gone already is no error."""
        ...

    def purge_deleted(self) -> None:
        """Discard old copies of deleted data, as far as the database engine can."""
        ...

    def not_erased(self, user_ids: Sequence[UUID]) -> list[UUID]:
        """Return those of the users who are in this log and not erased in it."""
        ...

    def erasures_done(self, user_ids: Sequence[UUID], listed: EraseListSpan) -> None:
        """Mark the erasures of these users, who are on the list of erased users, as finished."""
        ...
