"""Checks of an installation: their findings, each with a severity and advice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.danish.dates import day_and_time
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.masking import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

SILENT_AFTER: Final = timedelta(minutes=5)
"""A worker without a heartbeat for this long counts as stopped; read tables that lag as long are stale."""

HIGHEST_NORMAL_LAG: Final = 1000
"""Events; a larger lag of read tables is reported."""


class Severity(StrEnum):
    """The severity of a finding: `warn` needs attention, `fail` means that something doesn't work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A kind of finding: its Danish message and advice, both templates for the facts."""

    code: str
    level: Severity
    danish: str
    advice: str = ""

    def finding(self, **facts: object) -> Finding:
        """Return a finding with facts; instants among them are rendered in Danish."""
        texts = {
            name: day_and_time(value) if isinstance(value, datetime) else value
            for name, value in facts.items()
        }
        return Finding(self.code, self.level, self.danish.format(**texts), self.advice.format(**texts), facts)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding. Facts are for programs; none is personal or secret."""

    code: str
    level: Severity
    message: str
    advice: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """A check: returns findings, or raises."""

    name: str
    run: Callable[[], Iterable[Finding]]


class PrerequisiteMissing(Exception):
    """What the check needs can't be opened; another check reports the cause."""


NOT_CHECKED: Final = FindingKind(
    "not_looked_at", Severity.WARN, "Kan først kontrolleres, når lageret kan åbnes."
)
CHECK_FAILED: Final = FindingKind(
    "check_failed",
    Severity.FAIL,
    "Kontrollen kunne ikke gennemføres ({kind}).",
    "Se efter i loggen fra databasen og maskinen, og prøv igen.",
)


def run_checks(checks: Iterable[Check]) -> Iterator[tuple[str, Finding]]:
    """Run the checks one after another; yield each finding with the name of its check.

    A check that raises yields a finding, and the remaining checks run.
    """
    for check in checks:
        try:
            found = list(check.run())
        except PrerequisiteMissing:
            found = [NOT_CHECKED.finding()]
        except Refusal as refusal:
            found = [Finding(refusal.code, Severity.FAIL, masked(refusal.message))]
        except Exception as error:  # noqa: BLE001 - all checks run, whatever one raises
            found = [CHECK_FAILED.finding(kind=type(error).__name__)]
        for finding in found:
            yield check.name, finding


def worst_severity(findings: Iterable[Finding]) -> Severity:
    """Return the highest severity of the findings."""
    levels = {finding.level for finding in findings}
    return next((level for level in (Severity.FAIL, Severity.WARN) if level in levels), Severity.OK)
