"""The port for the deduplication of activity reports."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID


class ReportKey(NamedTuple):
    """What is kept of a report so that it is taken in once: a keyed digest of its reporter and his own id."""

    organisation_id: UUID
    digest: bytes
