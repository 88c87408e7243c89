"""A check-up of an installation: what was looked at, what was found, and what to do about it."""

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
"""A worker that hasn't been heard of for so long isn't at work."""

HIGHEST_NORMAL_LAG: Final = 1000
"""Events; read tables that are further behind are worth a look."""


class Severity(StrEnum):
    """How bad a finding is: somebody should look at a `warn`; with a `fail` something doesn't work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class FindingKind:
    """Something that a check-up may find, told in Danish with its facts, and what to do about it."""

    code: str
    level: Severity
    danish: str
    advice: str = ""

    def finding(self, **facts: object) -> Finding:
        """Find it; instants among the facts are told as people read them."""
        told = {name: day_and_time(one) if isinstance(one, datetime) else one for name, one in facts.items()}
        return Finding(self.code, self.level, self.danish.format(**told), self.advice.format(**told), facts)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. Facts are for programs; nothing personal or secret is among them."""

    code: str
    level: Severity
    message: str
    advice: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; it finds something, or raises."""

    name: str
    run: Callable[[], Iterable[Finding]]


class PrerequisiteMissing(Exception):
    """What a check needs can't be opened; why, another check has found."""


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
    """What each check finds, one after another; one that breaks is a finding, and the others go on."""
    for check in checks:
        try:
            found = list(check.run())
        except PrerequisiteMissing:
            found = [NOT_CHECKED.finding()]
        except Refusal as refusal:
            found = [Finding(refusal.code, Severity.FAIL, masked(refusal.message))]
        except Exception as error:  # noqa: BLE001 - whatever is broken, the check-up is to the end
            found = [CHECK_FAILED.finding(kind=type(error).__name__)]
        for finding in found:
            yield check.name, finding


def worst_severity(findings: Iterable[Finding]) -> Severity:
    """How bad the worst of them is."""
    levels = {one.level for one in findings}
    return next((level for level in (Severity.FAIL, Severity.WARN) if level in levels), Severity.OK)
