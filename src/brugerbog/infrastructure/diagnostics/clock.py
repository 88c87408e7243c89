"""Check of the clock against the database server's, and against the log."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from brugerbog.application.diagnostics import findings
from brugerbog.domain.kernel.instants import instant
from brugerbog.infrastructure.database.schema import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext

MAX_CLOCK_SKEW: Final = timedelta(seconds=5)
"""Smaller differences of clocks are no finding."""


def clock(context: CheckContext) -> Iterator[Finding]:
    """Compare the clock with the server's, if there is one, and with the newest event."""
    backend, off = context.backend, timedelta()
    with backend.log.connect() as connection:
        newest = connection.execute(select(func.max(events.c.recorded_at))).scalar()
        if backend.has_single_database:
            off = connection.execute(select(func.clock_timestamp())).scalar_one() - context.clock.now()
    if abs(off) > MAX_CLOCK_SKEW:
        yield findings.CLOCK_OFF.finding(seconds=round(abs(off).total_seconds()))
    if newest is not None and instant(newest) > context.clock.now() + MAX_CLOCK_SKEW:
        yield findings.LOG_AHEAD.finding(at=instant(newest))
    elif abs(off) <= MAX_CLOCK_SKEW:
        yield findings.CLOCK_FITS.finding()
