"""The port for the deduplication of activity reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


class ReportKey(NamedTuple):
    """The deduplication key of a report: a keyed digest of its reporter and the reporter's own id of it."""

    organisation_id: UUID
    digest: bytes


class ActivityLog(Protocol):
    """The activity reports that are recorded already."""

    def report_key(self, organisation_id: UUID, reporter: str, reference: str) -> ReportKey:
        """Return the deduplication key of a report; the key reveals nothing of the report."""
        ...

    def known_report_digests(self, organisation_id: UUID, digests: Sequence[bytes]) -> set[bytes]:
        """Return those of the digests whose reports are recorded."""
        ...
