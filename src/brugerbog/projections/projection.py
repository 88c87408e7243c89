"""What a projection is: one question's table, and a pure function from events to its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, runtime_checkable

from sqlalchemy import MetaData

if TYPE_CHECKING:
    from sqlalchemy import Table

    from brugerbog.domain.kernel.aggregate import Event

Row = dict[str, Any]

read_tables: Final = MetaData()
"""All read tables. Instants are microseconds since 1970 (UTC), dates ISO text, so that both engines agree."""


class RecordedEvent(NamedTuple):
    """An event with its place in the log."""

    position: int
    event: Event


class Projection(Protocol):
    """Answers one question: a `Fold` (perhaps a `TemporalProjection`) or a `AppendOnlyProjection`.

    `version` is raised when the function changes its mind: the table is then built anew.
    """

    name: str
    version: int
    table: Table

    @property
    def handles(self) -> frozenset[type[Event]]:
        """The kinds of events that can change a row; no others are handed over."""
        ...


@runtime_checkable
class Fold(Projection, Protocol):
    """Changes rows. All rows of a stream (mostly a user) are handed over and given back together."""

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        """The rows of the event's stream after it. Pure: the given rows are never changed, only replaced."""
        ...


@runtime_checkable
class TemporalProjection(Fold, Protocol):
    """A fold that keeps the rows that were: those whose column `until` isn't NULL.

    Only the current ones are handed over, however many were before them; all of them if one of the events
    of a stream is of a kind that reaches back.
    """

    @property
    def rewrites_past_rows_on(self) -> frozenset[type[Event]]:
        """The events, among those it concerns, that change the rows that were."""
        ...


@runtime_checkable
class AppendOnlyProjection(Projection, Protocol):
    """Only adds rows, so none has to be looked at, however many there are; they all go at once.

    A row's key column says whom it is about: the owner of the event's stream.
    """

    @property
    def clears_on(self) -> frozenset[type[Event]]:
        """The events, among those it concerns, upon which every row about their user goes."""
        ...

    def new_rows(self, recorded: RecordedEvent) -> list[Row]:
        """The rows that an event adds. Pure."""
        ...


def key_column(table: Table) -> str:
    """The column that says whom a row is about: the first of the primary key."""
    return next(iter(table.primary_key)).name
