"""Dates and times in Danish, in the time zone of Copenhagen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.days import COPENHAGEN

if TYPE_CHECKING:
    from datetime import datetime

MONTHS: Final = (
    "januar", "februar", "marts", "april", "maj", "juni",
    "juli", "august", "september", "oktober", "november", "december",
)  # fmt: skip


def day_and_time(instant: datetime) -> str:
    """Return date and time in Copenhagen, rounded down to the minute: `22. december 2026 kl. 14.05`."""
    there = instant.astimezone(COPENHAGEN)
    return f"{there.day}. {MONTHS[there.month - 1]} {there.year} kl. {there:%H.%M}"
