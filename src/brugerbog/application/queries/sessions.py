"""Who is logged in to the pages, as administrators see it, and users of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that a user is logged in with; `seen_at` is its latest page, to the minute."""

    user_id: UUID
    begun_at: datetime
    seen_at: datetime


class SessionStore(Protocol):
    """Knows the sessions of all organisations."""

    def of_organisation(self, organisation_id: UUID) -> Sequence[OpenSession]:
        """Those that have not run out, the latest first."""
        ...
