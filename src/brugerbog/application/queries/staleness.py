"""Which read tables answers came from that don't show all that is recorded: noted for whoever shows them."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_noted: Final[ContextVar[set[str] | None]] = ContextVar("brugerbog_stale_tables", default=None)

STALE_NOTICE: Final = (
    "Visningen kan være forældet: {tables} er ikke ført frem til alt, hvad der er registreret. "
    "Det registrerede er ikke gået tabt. Sig det til driften."
)
"""What people are told in every door; `tables` are the names of read tables."""


@contextmanager
def collect_stale() -> Iterator[set[str]]:
    """Collect the names of stale read tables that questions are answered from in the block.

    A table is stale when its projection has failed, or hasn't taken an event of minutes ago. The set is
    shared with threads that are started with a copy of the context.
    """
    stale: set[str] = set()
    before = _noted.set(stale)
    try:
        yield stale
    finally:
        _noted.reset(before)


def note_stale(tables: Iterable[str]) -> None:
    """Note stale tables that an answer came from, if anybody collects them."""
    noted = _noted.get()
    if noted is not None:
        noted.update(tables)


def collected_stale() -> list[str]:
    """The names noted so far, in order."""
    return sorted(_noted.get() or ())


def stale_notice() -> str | None:
    """What people are to be told of the tables noted so far; None when all show what is recorded."""
    noted = collected_stale()
    return STALE_NOTICE.format(tables=", ".join(noted)) if noted else None
