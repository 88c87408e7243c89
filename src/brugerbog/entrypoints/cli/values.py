"""Parsers of ids, dates and instants; an invalid value is a usage error in Danish."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from uuid import UUID


class InvalidUsage(typer.BadParameter):
    """A usage error with a Danish message of this program."""


def parse_id(text: str) -> UUID:
    """Parse a UUID, with or without hyphens."""
    from brugerbog.domain.kernel.refusals import Refusal  # noqa: PLC0415 - help must be quick
    from brugerbog.domain.values.numbers import user_id  # noqa: PLC0415 - as above

    if not isinstance(text, str):
        return text
    try:
        return user_id(text)
    except Refusal as refusal:
        raise InvalidUsage(refusal.message) from None


_EARLIEST, _LATEST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""The first and last instants that exist in every time zone."""


def parse_date(text: str) -> date:
    """Parse a date as YYYY-MM-DD."""
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text) if len(text) == len("YYYY-MM-DD") else _no_date()
    except ValueError:
        return _no_date()


def parse_instant(text: str) -> datetime:
    """Parse an ISO 8601 instant with offset."""
    if isinstance(text, datetime):
        return text
    try:
        instant = datetime.fromisoformat(text)
        instant.astimezone(UTC)
        if instant.utcoffset() is not None:
            instant = min(max(instant, _EARLIEST), _LATEST)
    except (ValueError, OverflowError):
        raise InvalidUsage("Skriv et tidspunkt som 2026-11-22T12:00:00+01:00.") from None
    if instant.utcoffset() is None:
        raise InvalidUsage("Tidspunktet mangler forskel til UTC: skriv fx 2026-11-22T12:00:00+01:00.")
    return instant


def _no_date() -> date:
    raise InvalidUsage("Skriv datoen som ÅÅÅÅ-MM-DD, fx 2026-11-22.")
