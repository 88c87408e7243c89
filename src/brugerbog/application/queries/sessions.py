"""Open web sessions, as shown to administrators and to their users (port)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A user's session in a browser; `seen_at` is the time of its latest page, to the minute."""

    user_id: UUID
    begun_at: datetime
    seen_at: datetime


class SessionStore(Protocol):
    """Stores the sessions of all organisations."""

    def of_organisation(self, organisation_id: UUID) -> Sequence[OpenSession]:
        """Return the unexpired sessions, the latest first."""
        ...
