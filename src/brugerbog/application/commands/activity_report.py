"""Reading an activity report of a service: its fields, their checks and refusals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.refusals import Objection, Refusal, refuse_if
from brugerbog.domain.user.activity import ServiceType
from brugerbog.domain.values.characters import normalized_text

if TYPE_CHECKING:
    from uuid import UUID

LONGEST_TEXT: Final = 200
CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far the reporter's clock may be ahead of ours."""

# The log shows the reporter's name, so no personal number may pass for one.
_REPORTER = re.compile(r"(?!.*[0-9]{6})[a-z][a-z0-9_-]{0,31}")
_SERVICE_TYPES: Final = frozenset(ServiceType)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ActivityReport:
    """A report of one activity: a login, a signing.

    `occurred_at` is timezone-aware. `service_type` is public or private. `reference` is the reporter's own id
    of the activity: only a keyed digest of it is stored, to recognise a repeated report.
    """

    user_id: UUID
    occurred_at: datetime
    transaction: str
    service_provider: str
    service_type: str
    reference: str


def read_reporter(name: str) -> str:
    """Return the name of a reporter. Raises: ReporterInvalid."""
    if not _REPORTER.fullmatch(name):
        raise ReporterInvalid
    return name


def read_report(report: ActivityReport) -> ActivityReport:
    """Return the report with its time in UTC and its texts trimmed.

    Raises: ActivityTextMissing, ActivityTextTooLong, ServiceTypeUnknown, OccurredAtInvalid, what
        `normalized_text` raises, or several.
    """
    objections: list[Objection] = []
    transaction = _text("transaction", report.transaction, objections)
    service_provider = _text("service_provider", report.service_provider, objections)
    reference = _text("reference", report.reference, objections)
    if report.service_type not in _SERVICE_TYPES:
        objections.append(Objection("service_type", ServiceTypeUnknown()))
    occurred_at = _in_utc(report.occurred_at)
    if occurred_at is None:
        objections.append(Objection("occurred_at", OccurredAtInvalid()))
    refuse_if(objections)
    assert occurred_at is not None  # noqa: S101 - else refused
    return ActivityReport(
        user_id=report.user_id,
        occurred_at=occurred_at,
        transaction=transaction,
        service_provider=service_provider,
        service_type=report.service_type,
        reference=reference,
    )


def _text(field: str, text: str, objections: list[Objection]) -> str:
    try:
        read = normalized_text(text)
    except Refusal as refusal:
        objections.append(Objection(field, refusal))
        return ""
    if not read:
        objections.append(Objection(field, ActivityTextMissing(field)))
    elif len(read) > LONGEST_TEXT:
        objections.append(Objection(field, ActivityTextTooLong(field, LONGEST_TEXT)))
    return read


def _in_utc(time: datetime) -> datetime | None:
    """Return the time in UTC; None if it has no offset, or is outside the range of dates in UTC."""
    if time.utcoffset() is None:
        return None
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return None


@dataclass(eq=False)
class ReporterInvalid(Refusal):
    """The reporter's name is in the log, so it must be short, plain and not a personal number (ours)."""

    code = "reporter_invalid"
    danish = (
        "Navnet på den, der indberetter, kan ikke bruges. Skriv 1 til 32 tegn: små bogstaver a-z, cifre, "
        "bindestreg og understreg, med et bogstav først og højst fem cifre i træk."
    )
    english = (
        "The reporter's name can't be used: 1 to 32 characters of a-z, digits, hyphen and underscore, "
        "a letter first, and at most five digits in a row."
    )


@dataclass(eq=False)
class ActivityTextMissing(Refusal):
    """Transaction, service provider and reference are required (guide, aktivitetshistorik; ours)."""

    code = "activity_text_missing"
    danish = "Feltet {field} er tomt. Angiv det for hver aktivitet."
    english = "The field {field} is empty. Every activity has one."
    field: str


@dataclass(eq=False)
class ActivityTextTooLong(Refusal):
    """More characters than a text of an activity may have (ours)."""

    code = "activity_text_too_long"
    danish = "Feltet {field} er for langt. Forkort det til højst {longest} tegn."
    english = "The field {field} is too long. Shorten it to at most {longest} characters."
    field: str
    longest: int


@dataclass(eq=False)
class ServiceTypeUnknown(Refusal):
    """A service is public or private (guide, aktivitetshistorik)."""

    code = "service_type_unknown"
    danish = "Tjenestens type er ukendt. Skriv public (offentlig) eller private (privat)."
    english = "The type of the service is unknown: public or private."


@dataclass(eq=False)
class OccurredAtInvalid(Refusal):
    """The time has no offset, or is out of range."""

    code = "occurred_at_invalid"
    danish = "Tidspunktet kan ikke bruges. Angiv dato, klokkeslæt og tidszone."
    english = "The time of the activity isn't an instant: give date, time and offset."


@dataclass(eq=False)
class OccurredInTheFuture(Refusal):
    """The activity is more than a few minutes in the future (ours)."""

    code = "occurred_in_the_future"
    danish = "Tidspunktet ligger i fremtiden. Kontrollér tidszonen og uret hos den, der indberetter."
    english = "The activity lies in the future. Check the offset and the reporter's clock."
