"""Headings and cells of reports in Danish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.values.means import DANISH_MEANS, Means
from brugerbog.domain.values.status import DANISH_STATUS
from brugerbog.entrypoints.presentation.words import LINK_EXPIRED, danish_time, kroner, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.queries.reports import Report

HEADINGS: Final = {
    "status": "Status",
    "users": "Brugere",
    "p_number": "P-nummer",
    "se_number": "SE-nummer",
    "ean": "EAN",
    "means": "Identifikationsmiddel",
    "assigned": "Tildelt",
    "ordered": "Bestilt",
    "active": "I brug",
    "user_id": "UUID",
    "pending_since": "Afventer siden",
    "days": "Dage",
    "link_expires_at": "Link udløber",
    "link_expired": "Link udløbet",
    "month": "Måned",
    "kind": "Art",
    "count": "Antal",
    "amount": "Kroner ekskl. moms",
}
WAITING: Final[dict[str, str]] = {**DANISH_STATUS, "link_expired": f"Afventer aktivering · {LINK_EXPIRED}"}


def headings(report: Report) -> list[str]:
    """Return the Danish headings of a report's columns."""
    return [HEADINGS[column] for column in report.columns]


def rows(report: Report, *, thousands: str = ".") -> Iterator[list[object]]:
    """Yield a report's rows with cells in Danish; a missing value is an empty text."""
    for row in report.as_dicts():
        yield [_in_words(column, value, thousands) for column, value in row.items()]


def _in_words(column: str, value: Any, thousands: str) -> object:  # noqa: ANN401 - any cell
    if value is None:
        return ""
    if column == "status":
        return WAITING[value]
    if column == "amount":
        return kroner(value, thousands=thousands)
    if column == "link_expired":
        return yes_or_no(value)
    if column in ("means", "kind"):
        return "bruger" if value == "user" else DANISH_MEANS[Means(value)]
    return danish_time(value) if column in ("pending_since", "link_expires_at") else value
