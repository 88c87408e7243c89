"""Choices of options, defined here so that help needs no import of the application layer."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Statuses of users."""

    imported = "imported"
    pending = "pending"
    active = "active"
    deactivated = "deactivated"
    deleted = "deleted"


class Sort(StrEnum):
    """Orders of the user list."""

    by_name = "name"
    by_status = "status"
    by_creation = "created"


class HistorySort(StrEnum):
    """Orders of the activity history."""

    by_time = "time"
    by_transaction = "transaction"
    by_provider = "provider"
    by_type = "type"


class GivenRole(StrEnum):
    """Roles of users."""

    user_administrator = "user_administrator"
    rights_administrator = "rights_administrator"
    organisation_administrator = "organisation_administrator"
    trusted_employee = "trusted_employee"


class ClientRole(StrEnum):
    """Roles of clients."""

    user_administrator = "user_administrator"
    rights_administrator = "rights_administrator"
    organisation_administrator = "organisation_administrator"
    reader = "reader"
    reporter = "reporter"
    cpr_reader = "cpr_reader"
    operator = "operator"


class ReportName(StrEnum):
    """The available reports."""

    status = "status"
    means = "means"
    cost = "cost"
    pending = "pending"
    placement = "placement"


class MailState(StrEnum):
    """States of mails."""

    waiting = "waiting"
    claimed = "claimed"
    sent = "sent"
    dead = "dead"
