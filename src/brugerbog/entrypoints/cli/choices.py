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


class GivenRole(StrEnum):
    """Roles that an organisation gives to its users."""

    user_administrator = "user_administrator"
    rights_administrator = "rights_administrator"
    organisation_administrator = "organisation_administrator"
    trusted_employee = "trusted_employee"


class ClientRole(StrEnum):
    """Roles that a client can act in."""

    user_administrator = "user_administrator"
    rights_administrator = "rights_administrator"
    organisation_administrator = "organisation_administrator"
    reader = "reader"
    reporter = "reporter"
    cpr_reader = "cpr_reader"
    operator = "operator"


class ReportName(StrEnum):
    """Reports to be had."""

    status = "status"
    means = "means"
    cost = "cost"
    pending = "pending"
    placement = "placement"


class MailState(StrEnum):
    """States of mails to list."""

    waiting = "waiting"
    claimed = "claimed"
    sent = "sent"
    dead = "dead"
