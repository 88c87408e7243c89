"""The words that options choose from, known without loading what they mean."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Statuses to list by."""

    imported = "imported"
    pending = "pending"
    active = "active"
    deactivated = "deactivated"
    deleted = "deleted"


class Sort(StrEnum):
    """Orders of the list."""

    by_name = "name"
    by_status = "status"
    by_creation = "created"


class HistorySort(StrEnum):
    """Orders of a history."""

    by_time = "time"
    by_transaction = "transaction"
    by_provider = "provider"
    by_type = "type"
