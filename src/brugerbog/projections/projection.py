"""Protocols of projections: a read table, and a pure function from events to its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, runtime_checkable

from sqlalchemy import MetaData

if TYPE_CHECKING:
    from sqlalchemy import Table

    from brugerbog.domain.kernel.aggregate import Event

Row = dict[str, Any]

read_tables: Final = MetaData()
"""All read tables. On both engines, instants are microseconds since 1970 (UTC), and dates are ISO text."""


class RecordedEvent(NamedTuple):
    """An event with its position in the log."""

    position: int
    event: Event


class Projection(Protocol):
    """The part common to all projections. Each fills one table, as a `Fold` or an `AppendOnlyProjection`.

    A change of the function or the table needs a higher `version`, at which the table is rebuilt.
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
    """A projection that computes the rows of an event's stream (mostly a user's) from the rows before."""

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        """Return the rows of the event's stream after the event. Pure: rows are replaced, never changed."""
        ...


@runtime_checkable
class TemporalProjection(Fold, Protocol):
    """A fold that keeps past rows: those whose column `until` isn't NULL.

    `apply` gets the stream's current rows only, unless the batch has an event that rewrites past rows of the
    stream: then it gets all of them.
    """

    @property
    def rewrites_past_rows_on(self) -> frozenset[type[Event]]:
        """The event classes, among those handled, that change past rows."""
        ...


@runtime_checkable
class AppendOnlyProjection(Projection, Protocol):
    """A projection that adds rows and never changes one, so that no row is loaded.

    Rows are deleted for a whole user only. The key column (`key_column`) of each row is the user or
    organisation that the event's stream belongs to.
    """

    @property
    def clears_on(self) -> frozenset[type[Event]]:
        """The event classes, among those handled, that delete all rows of their user."""
        ...

    def new_rows(self, recorded: RecordedEvent) -> list[Row]:
        """Return the rows that an event adds. Pure."""
        ...


def key_column(table: Table) -> str:
    """Return the name of the primary key's first column: the id of the row's user or organisation."""
    return next(iter(table.primary_key)).name
