"""The time and the ids of the machine."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from uuid_utils.compat import uuid7


class SystemClock:
    """Tells the machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemIds:
    """Gives out UUIDs: version 7 for what lives, version 4 where nothing may be told from it."""

    def new_id(self) -> uuid.UUID:
        return uuid7()

    def random_id(self) -> uuid.UUID:
        return uuid.uuid4()
