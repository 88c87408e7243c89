"""Takes in what users have done at services, report by report, each of them once."""

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
"""Reports in one transaction: large enough to be quick, small enough to keep nobody waiting."""

RECORDED: Final = "recorded"
ALREADY_RECORDED: Final = "already_recorded"
REFUSED: Final = "refused"

_MAX_ATTEMPTS: Final = 5
"""So often a chunk is decided while others may write first."""

_MAX_ATTEMPTS_ALONE: Final = 2
"""And so often after that while nobody can: only the same command may then have been there before."""

_Read = tuple[ActivityReport, "ReportKey"]


@dataclass(frozen=True, slots=True)
class ActivityOutcome:
    """What came of one report; the refusal, if it was refused, is one or several together (`Refusals`)."""

    outcome: str
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class ActivitiesReceipt:
    """What came of each report, in their order, and the log's position from which on it shows."""

    position: int
    outcomes: Sequence[ActivityOutcome]

    def count(self, outcome: str) -> int:
        """How many reports came to this."""
        return sum(one.outcome == outcome for one in self.outcomes)


_REPORTED: Final[Any] = ActivityReported
"""Made into a dataclass by the library, unseen by type checkers."""

_IS_RECORDED: Final = ActivityOutcome(RECORDED)
_WAS_RECORDED: Final = ActivityOutcome(ALREADY_RECORDED)


class ActivityCommands:
    """Records activities."""

    def __init__(self, dependencies: Dependencies, begin: Callable[[str, Actor, UUID], UnitOfWork]) -> None:
        """Take the surroundings, and what says whether an actor may record as of now."""
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
        to_remember = self._to_remember(scope, reporter, reports, command_id) if has_given_id else None
        run = _Run(self._log, reporter, to_remember)
        outcomes: list[ActivityOutcome] = []
        for start in range(0, len(reports), CHUNK):
            context = self._begin_unit_of_work(COMMAND, actor, command_id).context
            outcomes += run.take_in(context, reports[start : start + CHUNK])
            self._projector.catch_up()
        position = self._projector.catch_up()
        finish_erasures(self._log, self._projector)
        return ActivitiesReceipt(position, outcomes)

    def _to_remember(
        self, scope: UUID, reporter: str, reports: Sequence[ActivityReport], command_id: UUID
    ) -> CommandRecord | None:
        """What the first chunk is to leave of the command, so that its id stands for nothing else."""
        fingerprint = self._log.fingerprint(scope, COMMAND, reporter, *map(_canonical_text, reports))
        seen = self._log.command_record(scope, command_id)
        if seen is None and self._log.import_by_id(command_id) is None:
            return CommandRecord(scope, command_id, fingerprint, COMMAND, None)
        if seen is None or seen.fingerprint != fingerprint:
            raise CommandIdReused(command_id)
        return None


@dataclass(slots=True)
class _Run:
    """One call: its chunks in turn, the first of which is to be remembered."""

    log: EventLog
    reporter: str
    remember: CommandRecord | None

    def take_in(self, context: CommandContext, reports: Sequence[ActivityReport]) -> list[ActivityOutcome]:
        """Decide a chunk and record it; if others wrote first, decide anew, in the end alone."""
        chunk = [self._read(context.organisation_id, report) for report in reports]
        for turn in range(_MAX_ATTEMPTS + _MAX_ATTEMPTS_ALONE):
            try:
                with self.log.transaction() if turn >= _MAX_ATTEMPTS else nullcontext():
                    return self._decide_and_record(context, chunk)
            except DuplicateCommand as seen:
                if self.remember is None or seen.command_record.fingerprint != self.remember.fingerprint:
                    raise CommandIdReused(seen.command_record.command_id) from None
                self.remember = None
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
        """What comes of each report, once it is stored. Raises: Conflict, DuplicateCommand."""
        read = [one for one in chunk if not isinstance(one, Refusal)]
        known = self.log.known_report_digests(context.organisation_id, [kept.digest for _, kept in read])
        users = {report.user_id for report, kept in read if kept.digest not in known}
        standing = self.log.user_versions(context.organisation_id, users)
        versions = self.log.last_versions([activity_stream_id(user_id) for user_id in standing])
        book = _Book(
            context.recorded_at,
            context.stamp() | {"reporter": self.reporter},
            known,
            standing,
            dict(versions),
        )
        outcomes = [
            ActivityOutcome(REFUSED, one) if isinstance(one, Refusal) else book.enter(*one) for one in chunk
        ]
        if book.facts:
            self.log.record(
                book.facts,
                AppendRequest(
                    command=self.remember, expected_versions=book.expected_versions, reports=book.reports
                ),
            )
            self.remember = None
        return outcomes


@dataclass(slots=True)
class _Book:
    """What a chunk comes to, entered report by report.

    `stamp` is what all the facts have in common; `versions` are those of the streams so far.
    """

    now: datetime
    stamp: Mapping[str, Any]
    known: set[bytes]
    user_versions: Mapping[UUID, UserVersion]
    versions: dict[UUID, int]
    facts: list[ActivityReported] = field(default_factory=list)
    reports: list[ReportKey] = field(default_factory=list)
    expected_versions: dict[UUID, int] = field(default_factory=dict)

    def enter(self, report: ActivityReport, kept: ReportKey) -> ActivityOutcome:
        """Take in a report unless it has been, or can't be."""
        if kept.digest in self.known:
            return _WAS_RECORDED
        user = self.user_versions.get(report.user_id)
        if (refusal := self._refusal(report, user)) is not None:
            return ActivityOutcome(REFUSED, refusal)
        assert user is not None  # noqa: S101 - else refused
        self.known.add(kept.digest)
        self.reports.append(kept)
        self.expected_versions[report.user_id] = user.version
        stream_id = activity_stream_id(report.user_id)
        self.versions[stream_id] += 1
        self.facts.append(
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
        return _IS_RECORDED

    def _refusal(self, report: ActivityReport, user: UserVersion | None) -> Refusal | None:
        """What stands against it now; a report that has been taken in isn't asked that again."""
        found = []
        if user is None:
            found.append(Objection("user_id", UserUnknown(report.user_id)))
        elif user.is_deleted:
            found.append(Objection("user_id", AlreadyDeleted(report.user_id)))
        if report.occurred_at > self.now + CLOCK_SKEW:
            found.append(Objection("occurred_at", OccurredInTheFuture()))
        try:
            refuse_if(found)
        except Refusal as refusal:
            return refusal
        return None


def _canonical_text(report: ActivityReport) -> str:
    return "\x1f".join(repr(getattr(report, one.name)) for one in fields(report))
