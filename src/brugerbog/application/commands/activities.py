"""Records activity reports of services, each report once."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.commands.activity_report import (
    CLOCK_SKEW,
    ActivityReport,
    OccurredInTheFuture,
    read_report,
    read_reporter,
)
from brugerbog.application.commands.erasure import finish_erasures
from brugerbog.application.gc_throttling import gc_throttled
from brugerbog.application.ports.event_log import AppendRequest, CommandRecord, Conflict, DuplicateCommand
from brugerbog.application.refusals.requests import CommandIdReused, TooBusy, UserUnknown
from brugerbog.domain.kernel.refusals import Objection, Refusal, refuse_if
from brugerbog.domain.user.activity import ActivityReported, activity_stream_id
from brugerbog.domain.user.refusals import AlreadyDeleted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.dependencies import Dependencies
    from brugerbog.application.commands.unit_of_work import UnitOfWork
    from brugerbog.application.ports.activity_log import ReportKey
    from brugerbog.application.ports.event_log import EventLog, UserVersion
    from brugerbog.domain.kernel.command_context import CommandContext

COMMAND: Final = "record_activities"
CHUNK: Final = 1000
"""Reports in one transaction: many enough to be fast, few enough to let other transactions in between."""

RECORDED: Final = "recorded"
ALREADY_RECORDED: Final = "already_recorded"
REFUSED: Final = "refused"

_MAX_ATTEMPTS: Final = 5
"""How often a chunk is decided while other transactions may commit first."""

_MAX_ATTEMPTS_ALONE: Final = 2
"""How often after that with the store locked: then only a duplicate of the command can conflict."""

_Read = tuple[ActivityReport, "ReportKey"]


@dataclass(frozen=True, slots=True)
class ActivityOutcome:
    """The outcome of one report; `refusal` is a refusal, or several together (`Refusals`)."""

    outcome: str
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class ActivitiesReceipt:
    """The outcomes of the reports in their order, and the log position at which their effects show."""

    position: int
    outcomes: Sequence[ActivityOutcome]

    def count(self, outcome: str) -> int:
        """Return the number of reports with this outcome."""
        return sum(report.outcome == outcome for report in self.outcomes)


_REPORTED: Final[Any] = ActivityReported
"""The eventsourcing library makes it a dataclass, which type checkers don't see."""

_NOW_RECORDED: Final = ActivityOutcome(RECORDED)
_RECORDED_BEFORE: Final = ActivityOutcome(ALREADY_RECORDED)


class ActivityCommands:
    """Records activity reports."""

    def __init__(self, dependencies: Dependencies, begin: Callable[[str, Actor, UUID], UnitOfWork]) -> None:
        """Take the dependencies; `begin` authorizes the actor and begins a unit of work."""
        self._log = dependencies.log
        self._projector = dependencies.projector
        self._begin_unit_of_work = begin

    @gc_throttled()
    def record(
        self,
        actor: Actor,
        reporter: str,
        reports: Sequence[ActivityReport],
        *,
        command_id: UUID,
        has_given_id: bool,
    ) -> ActivitiesReceipt:
        """Record reports; see `Administration.record_activities`. `has_given_id`: as in `CommandRequest`."""
        scope = self._begin_unit_of_work(COMMAND, actor, command_id).organisation.id
        reporter = read_reporter(reporter)
        command_record = self._command_record(scope, reporter, reports, command_id) if has_given_id else None
        recording = _Recording(self._log, reporter, command_record)
        outcomes: list[ActivityOutcome] = []
        for start in range(0, len(reports), CHUNK):
            context = self._begin_unit_of_work(COMMAND, actor, command_id).context
            outcomes += recording.record_chunk(context, reports[start : start + CHUNK])
            self._projector.catch_up()
        position = self._projector.catch_up()
        finish_erasures(self._log, self._projector)
        return ActivitiesReceipt(position, outcomes)

    def _command_record(
        self, scope: UUID, reporter: str, reports: Sequence[ActivityReport], command_id: UUID
    ) -> CommandRecord | None:
        """Return the command record to store with the first chunk, which takes the command id."""
        fingerprint = self._log.fingerprint(scope, COMMAND, reporter, *map(_canonical_text, reports))
        stored = self._log.command_record(scope, command_id)
        if stored is None and self._log.import_by_id(command_id) is None:
            return CommandRecord(scope, command_id, fingerprint, COMMAND, None)
        if stored is None or stored.fingerprint != fingerprint:
            raise CommandIdReused(command_id)
        return None


@dataclass(slots=True)
class _Recording:
    """The recording of one request, chunk by chunk; the first chunk stores the command record."""

    log: EventLog
    reporter: str
    command_record: CommandRecord | None

    def record_chunk(
        self, context: CommandContext, reports: Sequence[ActivityReport]
    ) -> list[ActivityOutcome]:
        """Decide and record a chunk; decide again after a conflict, in the end with the store locked."""
        chunk = [self._read(context.organisation_id, report) for report in reports]
        for attempt in range(_MAX_ATTEMPTS + _MAX_ATTEMPTS_ALONE):
            try:
                with self.log.transaction() if attempt >= _MAX_ATTEMPTS else nullcontext():
                    return self._decide_and_record(context, chunk)
            except DuplicateCommand as duplicate:
                stored = duplicate.command_record
                if self.command_record is None or stored.fingerprint != self.command_record.fingerprint:
                    raise CommandIdReused(stored.command_id) from None
                self.command_record = None
            except Conflict:
                continue
        raise TooBusy

    def _read(self, scope: UUID, report: ActivityReport) -> _Read | Refusal:
        try:
            read = read_report(report)
        except Refusal as refusal:
            return refusal
        return read, self.log.report_key(scope, self.reporter, read.reference)

    def _decide_and_record(
        self, context: CommandContext, chunk: Sequence[_Read | Refusal]
    ) -> list[ActivityOutcome]:
        """Return the outcome of each report, once stored. Raises: Conflict, DuplicateCommand."""
        read = [entry for entry in chunk if not isinstance(entry, Refusal)]
        known = self.log.known_report_digests(context.organisation_id, [key.digest for _, key in read])
        users = {report.user_id for report, key in read if key.digest not in known}
        user_versions = self.log.user_versions(context.organisation_id, users)
        versions = self.log.last_versions([activity_stream_id(user_id) for user_id in user_versions])
        decision = _ChunkDecision(
            context.recorded_at,
            context.stamp() | {"reporter": self.reporter},
            known,
            user_versions,
            dict(versions),
        )
        outcomes = [
            ActivityOutcome(REFUSED, entry) if isinstance(entry, Refusal) else decision.decide(*entry)
            for entry in chunk
        ]
        if decision.events:
            self.log.record(
                decision.events,
                AppendRequest(
                    command=self.command_record,
                    expected_versions=decision.expected_versions,
                    reports=decision.report_keys,
                ),
            )
            self.command_record = None
        return outcomes


@dataclass(slots=True)
class _ChunkDecision:
    """The decision on a chunk, report by report.

    `stamp` are the fields that all events have in common; `versions` are the current versions of the streams
    of activities.
    """

    now: datetime
    stamp: Mapping[str, Any]
    known: set[bytes]
    user_versions: Mapping[UUID, UserVersion]
    versions: dict[UUID, int]
    events: list[ActivityReported] = field(default_factory=list)
    report_keys: list[ReportKey] = field(default_factory=list)
    expected_versions: dict[UUID, int] = field(default_factory=dict)

    def decide(self, report: ActivityReport, key: ReportKey) -> ActivityOutcome:
        """Record a report, unless it is recorded already or refused."""
        if key.digest in self.known:
            return _RECORDED_BEFORE
        user = self.user_versions.get(report.user_id)
        if (refusal := self._refusal(report, user)) is not None:
            return ActivityOutcome(REFUSED, refusal)
        assert user is not None  # noqa: S101 - else refused
        self.known.add(key.digest)
        self.report_keys.append(key)
        self.expected_versions[report.user_id] = user.version
        stream_id = activity_stream_id(report.user_id)
        self.versions[stream_id] += 1
        self.events.append(
            _REPORTED(
                originator_id=stream_id,
                originator_version=self.versions[stream_id],
                occurred_at=report.occurred_at,
                transaction=report.transaction,
                service_provider=report.service_provider,
                service_type=report.service_type,
                **self.stamp,
            )
        )
        return _NOW_RECORDED

    def _refusal(self, report: ActivityReport, user: UserVersion | None) -> Refusal | None:
        """Return the refusal of a new report; reports recorded before are never checked again."""
        objections = []
        if user is None:
            objections.append(Objection("user_id", UserUnknown(report.user_id)))
        elif user.is_deleted:
            objections.append(Objection("user_id", AlreadyDeleted(report.user_id)))
        if report.occurred_at > self.now + CLOCK_SKEW:
            objections.append(Objection("occurred_at", OccurredInTheFuture()))
        try:
            refuse_if(objections)
        except Refusal as refusal:
            return refusal
        return None


def _canonical_text(report: ActivityReport) -> str:
    return "\x1f".join(repr(getattr(report, part.name)) for part in fields(report))
