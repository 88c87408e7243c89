"""Protocols of projections: a read table, and a pure function from events to its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, runtime_checkable

from sqlalchemy import MetaData

if TYPE_CHECKING:
    from sqlalchemy import Table

    from brugerbog.domain.kernel.aggregate import Event

Row = dict[str, Any]

read_tables: Final = MetaData()
"""All read tables. Instants are microseconds since 1970 (UTC), dates ISO text: equal on both engines."""


class RecordedEvent(NamedTuple):
    """An event with its position in the log."""

    position: int
    event: Event


class Projection(Protocol):
    """Fills one read table: a `Fold` (perhaps a `TemporalProjection`) or an `AppendOnlyProjection`.

    A higher `version`, after a change of the function or the table, makes the table be rebuilt.
    """

    name: str
    version: int
    table: Table

    @property
    def handles(self) -> frozenset[type[Event]]:
        """The event classes that can change a row; the runner passes no others."""
        ...


@runtime_checkable
class Fold(Projection, Protocol):
    """A projection that changes rows, given all rows of the event's stream (mostly a user)."""

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        """Return the rows of the event's stream after the event. Pure: rows are replaced, never changed."""
        ...


@runtime_checkable
class TemporalProjection(Fold, Protocol):
    """A fold that keeps past rows: those whose column `until` isn't NULL.

    `apply` gets the current rows only; all rows of the stream if a batch has an event that rewrites past
    rows.
    """

    @property
    def rewrites_past_rows_on(self) -> frozenset[type[Event]]:
        """The event classes, among those handled, that change past rows."""
        ...


@runtime_checkable
class AppendOnlyProjection(Projection, Protocol):
    """A projection that only adds rows, so that none is loaded; all rows of a user are deleted at once.

    The key column of a row is the owner of the event's stream.
    """

    @property
    def clears_on(self) -> frozenset[type[Event]]:
        """The event classes, among those handled, that delete all rows of their user."""
        ...

    def new_rows(self, recorded: RecordedEvent) -> list[Row]:
        """Return the rows that an event adds. Pure."""
        ...


def key_column(table: Table) -> str:
    """Return the name of the column with the row's user or organisation: the first of the primary key."""
    return next(iter(table.primary_key)).name
