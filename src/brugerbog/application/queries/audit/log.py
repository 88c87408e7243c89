"""The log for people: who did what to whom, when, through which door, and what was different after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic_core import from_json

from brugerbog.application.ports.audit_reader import LogRow
from brugerbog.application.queries.audit.audited_queries import READ_LOG
from brugerbog.application.queries.audit.search import PLACE, LogQuestion, Search, subject_of
from brugerbog.application.queries.audit.wording import AttributeChange, changes, told_facts, told_of
from brugerbog.application.queries.execution import question
from brugerbog.application.queries.names import Names
from brugerbog.domain.danish.event_names import DANISH_NAMES_BY_TOPIC
from brugerbog.domain.kernel.instants import instant
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.domain.organisation.log_reading import LogReadingKind
from brugerbog.domain.organisation.organisation import Organisation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from brugerbog.application.actors import Actor


@dataclass(frozen=True, slots=True, repr=False)
class LogEntry:
    """One event in words. `subject_id` is the user it befell, or the organisation."""

    position: int
    recorded_at: datetime
    effective_at: datetime | None
    kind: str
    deed: str
    subject_id: UUID
    subject: str
    actor_id: UUID
    actor: str
    role: str
    door: str
    command_id: UUID
    correlation_id: UUID
    changes: list[AttributeChange]


@dataclass(frozen=True, slots=True, repr=False)
class LogPage:
    """A page of the log and the key of the next one, if there is more."""

    entries: list[LogEntry]
    next: str | None


class AuditLog(Search, Names):
    """The log, entry by entry."""

    @question(READ_LOG)
    def audit_log(self, actor: Actor, question: LogQuestion | None = None) -> LogPage:
        """A page of the organisation's log, the newest first; that it was read is recorded.

        Raises: LimitOutOfRange, CursorInvalid, KindUnknown, UserUnknown.
        """
        asked = question or LogQuestion()
        scope = self._may(READ_LOG, actor).id
        self._check(scope, asked)
        before = None if asked.after is None else self._place_in_log(scope, asked.after)
        organisation = self._reading(
            actor,
            LogReadingKind.LOG,
            about=asked.about,
            by=asked.by,
            kind=asked.kind,
            since=asked.since,
            until=asked.until,
            correlated_by=asked.correlation_id,
            by_words=bool(asked.words),
        )
        self._projector.catch_up()
        found = self._search(scope, asked, before)
        page, more = found[: asked.limit], len(found) > asked.limit
        following = self._cursors.seal(scope, [PLACE, page[-1].position]) if more else None
        return LogPage(self._in_words(organisation, page), following)

    def _in_words(self, organisation: Organisation, page: Sequence[LogRow]) -> list[LogEntry]:
        names = self._names(organisation, {*map(subject_of, page), *(entry.actor for entry in page)})
        changed = self._changes(page)
        told = []
        for entry in page:
            facts, subject = from_json(entry.payload), subject_of(entry)
            told.append(
                LogEntry(
                    position=entry.position,
                    recorded_at=instant(entry.recorded_at),
                    effective_at=_read_instant(facts["effective_at"]),
                    kind=entry.topic,
                    deed=DANISH_NAMES_BY_TOPIC[entry.topic],
                    subject_id=subject,
                    subject=names[subject],
                    actor_id=entry.actor,
                    actor=names[entry.actor],
                    role=facts["role"],
                    door=facts["door"],
                    command_id=entry.command_id,
                    correlation_id=UUID(facts["correlation_id"]),
                    changes=changed[entry.position],
                )
            )
        return told

    def _changes(self, page: Sequence[LogRow]) -> dict[int, list[AttributeChange]]:
        """Before and after each entry: their streams are followed up to it."""
        wanted: dict[UUID, dict[int, int]] = {}
        apart: list[int] = []
        for entry in page:
            if owner_of(entry.stream_id) == entry.stream_id:
                wanted.setdefault(entry.stream_id, {})[entry.version] = entry.position
            else:
                apart.append(entry.position)
        found: dict[int, list[AttributeChange]] = {}
        for stream_id, events in groupby(self._trail.streams(wanted), attrgetter("originator_id")):
            positions = wanted[stream_id]
            found |= {positions[version]: told for version, told in _followed(events, positions)}
        for position, event in self._trail.at(apart):
            found[position] = _said(changes({}, told_facts(vars(event))))
        return found


def _followed(
    events: Iterable[Any], versions: Collection[int]
) -> Iterator[tuple[int, list[AttributeChange]]]:
    """What was different after each of these versions of a stream."""
    aggregate, before = None, told_of(None)
    for event in events:
        aggregate = event.mutate(aggregate)
        version = event.originator_version
        if version in versions or version + 1 in versions:
            after = told_of(aggregate)
            if version in versions:
                told = changes(before, after)
                yield version, told if before else _said(told)
            before = after


def _said(told: list[AttributeChange]) -> list[AttributeChange]:
    """Of something new it isn't said what it isn't and hasn't."""
    return [one for one in told if one.after not in ("nej", "0")]


def _read_instant(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
