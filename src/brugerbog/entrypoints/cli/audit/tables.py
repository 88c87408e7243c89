"""Terminal tables of the audit log, past states and their differences, and CSV rows of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.entrypoints.cli.output import table
from brugerbog.entrypoints.presentation.words import danish_time, role_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.table import Table

    from brugerbog.application.queries.audit.log import LogEntry
    from brugerbog.application.queries.audit.past_state import PastState, StateDifference
    from brugerbog.application.queries.audit.wording import AttributeChange

HEADINGS: Final = (
    *("Position", "Tidspunkt", "Art", "Hændelse", "Hvem", "Hvem (UUID)", "Udført af", "Udført af (UUID)"),
    *("Rolle", "Indgang", "Felt", "Før", "Efter", "Kommando", "Samhørende"),
)
"""The columns of the log as CSV. An entry has one row for each changed attribute, or one if none changed."""


def log_table(entries: Iterable[LogEntry]) -> Table:
    """Return a table of log entries, one a row."""
    return table(
        ("Position", "Tidspunkt", "Hændelse", "Hvem", "Udført af", "Før → efter"),
        (
            (
                one.position,
                danish_time(one.recorded_at),
                one.deed,
                one.subject,
                f"{one.actor} ({_role(one)}, {_door(one)})",
                "\n".join(map(_changed, one.changes)),
            )
            for one in entries
        ),
    )


def log_rows(entries: Iterable[LogEntry]) -> Iterator[list[str]]:
    """Yield the CSV rows of log entries, with the columns `HEADINGS`."""
    for one in entries:
        first_cells = [
            *(str(one.position), one.recorded_at.isoformat(), one.kind, one.deed),
            *(one.subject, str(one.subject_id), one.actor, str(one.actor_id), _role(one), _door(one)),
        ]
        last_cells = [str(one.command_id), str(one.correlation_id)]
        for change in one.changes:
            yield [*first_cells, change.label, change.before or "", change.after or "", *last_cells]
        if not one.changes:
            yield [*first_cells, "", "", "", *last_cells]


def state_tables(state: PastState) -> list[Table]:
    """Return tables of a past state: details and numbers of users, settings, and roles."""
    from brugerbog.application.queries.audit.wording import LABELS, describe_settings  # noqa: PLC0415 - help must be quick
    from brugerbog.domain.settings import settings_from_json  # noqa: PLC0415 - as above
    from brugerbog.domain.values.status import DANISH_STATUS  # noqa: PLC0415 - as above

    details = [
        ("CVR-nummer", state.cvr),
        ("Tidspunkt", danish_time(state.at)),
        ("Position i loggen", state.position),
        *((DANISH_STATUS[status], count) for status, count in state.users.items()),
    ]
    settings = describe_settings(settings_from_json(state.settings))
    roles = ((user_id, role_name(role)) for user_id, role in state.roles)
    return [
        table(("Felt", "Værdi"), details, title=state.name),
        table(("Indstilling", "Værdi"), ((LABELS[name], value) for name, value in settings.items())),
        table(("UUID", "Rolle"), roles),
    ]


def difference_table(difference: StateDifference) -> Table:
    """Return a table of the new and deleted users and of the changed attributes, one a row."""
    return table(
        ("Hvem", "UUID", "Hvad", "Før → efter"),
        [
            *(("Organisationen", None, one.label, _values(one)) for one in difference.organisation),
            *((one.name, one.user_id, "Kommet til", "") for one in difference.came),
            *((one.name, one.user_id, "Slettet", "") for one in difference.left),
            *(
                (one.name, one.user_id, change.label, _values(change))
                for one in difference.changed
                for change in one.changes
            ),
        ],
    )


def _changed(change: AttributeChange) -> str:
    return f"{change.label}: {_values(change)}"


def _values(change: AttributeChange) -> str:
    return f"{change.before or '-'} → {change.after or '-'}"


def _role(entry: LogEntry) -> str:
    return role_name(entry.role)


def _door(entry: LogEntry) -> str:
    from brugerbog.domain.kernel.doors import DANISH_DOORS, Door  # noqa: PLC0415 - help must be quick

    return DANISH_DOORS[Door(entry.door)]
