"""Stale read tables that answers were read from, collected so that entry points can show a notice."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_collected: Final[ContextVar[set[str] | None]] = ContextVar("brugerbog_stale_tables", default=None)

STALE_NOTICE: Final = (
    "Visningen kan være forældet: {tables} er ikke ført frem til alt, hvad der er registreret. "
    "Det registrerede er ikke gået tabt. Sig det til driften."
)
"""The notice that each entry point shows; `tables` are the names of read tables."""


@contextmanager
def collect_stale() -> Iterator[set[str]]:
    """Collect the names of stale read tables that queries in the block read.

    A table is stale when its projection has failed, or lacks an event that was recorded minutes ago. The set
    is shared with threads that are started with a copy of the context.
    """
    stale: set[str] = set()
    before = _collected.set(stale)
    try:
        yield stale
    finally:
        _collected.reset(before)


def note_stale(tables: Iterable[str]) -> None:
    """Add stale tables to the set that is being collected, if any."""
    noted = _collected.get()
    if noted is not None:
        noted.update(tables)


def collected_stale() -> list[str]:
    """Return the names collected so far, in order."""
    return sorted(_collected.get() or ())


def stale_notice() -> str | None:
    """Return the notice about the tables collected so far; None when there are none."""
    noted = collected_stale()
    return STALE_NOTICE.format(tables=", ".join(noted)) if noted else None
