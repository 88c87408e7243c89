"""The port for erasures that are recorded and not yet finished."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EraseListSpan:
    """Where users were put in the list of the erased, in bytes, and the last of them; None if nobody was."""

    start: int
    end: int
    last: UUID | None
