"""The machine's clock, and random ids."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from uuid_utils.compat import uuid7


class SystemClock:
    """Returns the machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemIds:
    """Generates UUIDs: version 7 for entities, version 4 for ids that must not reveal a time."""

    def new_id(self) -> uuid.UUID:
        return uuid7()

    def random_id(self) -> uuid.UUID:
        return uuid.uuid4()
