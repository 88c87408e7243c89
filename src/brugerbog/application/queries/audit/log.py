"""Entries of the audit log: actor, user, time, entry point, and the changes of each event in Danish."""

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
from brugerbog.application.queries.audit.search import CURSOR_KIND, AuditLogQuery, AuditLogSearch, subject_of
from brugerbog.application.queries.audit.wording import AttributeChange, changes, describe, describe_facts
from brugerbog.application.queries.execution import question
from brugerbog.application.queries.names import NameQueries
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
    """One event in words. `subject_id` is the id of the user or organisation that the event concerns."""

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
    """A page of the log and the cursor of the next page, if there is one."""

    entries: list[LogEntry]
    next: str | None


class AuditLogQueries(AuditLogSearch, NameQueries):
    """The query for entries of the audit log."""

    @question(READ_LOG)
    def audit_log(self, actor: Actor, question: AuditLogQuery | None = None) -> LogPage:
        """Return a page of the organisation's log, the newest entry first; the reading is recorded.

        Raises: LimitOutOfRange, CursorInvalid, KindUnknown, UserUnknown.
        """
        query = question or AuditLogQuery()
        scope = self._authorized_organisation(READ_LOG, actor).id
        self._check(scope, query)
        before = None if query.after is None else self._position_of_cursor(scope, query.after)
        organisation = self._record_reading(
            actor,
            LogReadingKind.LOG,
            about=query.about,
            by=query.by,
            kind=query.kind,
            since=query.since,
            until=query.until,
            correlated_by=query.correlation_id,
            by_words=bool(query.words),
        )
        self._projector.catch_up()
        found = self._search(scope, query, before)
        page, more = found[: query.limit], len(found) > query.limit
        following = self._cursors.seal(scope, [CURSOR_KIND, page[-1].position]) if more else None
        return LogPage(self._entries(organisation, page), following)

    def _entries(self, organisation: Organisation, page: Sequence[LogRow]) -> list[LogEntry]:
        names = self._names(organisation, {*map(subject_of, page), *(entry.actor for entry in page)})
        changed = self._changes_by_position(page)
        entries = []
        for entry in page:
            facts, subject = from_json(entry.payload), subject_of(entry)
            entries.append(
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
        return entries

    def _changes_by_position(self, page: Sequence[LogRow]) -> dict[int, list[AttributeChange]]:
        """Return the changes of each entry: each stream is replayed up to its entries."""
        wanted: dict[UUID, dict[int, int]] = {}
        apart: list[int] = []
        for entry in page:
            if owner_of(entry.stream_id) == entry.stream_id:
                wanted.setdefault(entry.stream_id, {})[entry.version] = entry.position
            else:
                apart.append(entry.position)
        found: dict[int, list[AttributeChange]] = {}
        for stream_id, events in groupby(self._audit_reader.streams(wanted), attrgetter("originator_id")):
            positions = wanted[stream_id]
            found |= {
                positions[version]: changed for version, changed in _changes_by_version(events, positions)
            }
        for position, event in self._audit_reader.at(apart):
            found[position] = _without_defaults(changes({}, describe_facts(vars(event))))
        return found


def _changes_by_version(
    events: Iterable[Any], versions: Collection[int]
) -> Iterator[tuple[int, list[AttributeChange]]]:
    """Yield the changes that each of these versions of a stream made."""
    aggregate, before = None, describe(None)
    for event in events:
        aggregate = event.mutate(aggregate)
        version = event.originator_version
        if version in versions or version + 1 in versions:
            after = describe(aggregate)
            if version in versions:
                changed = changes(before, after)
                yield version, changed if before else _without_defaults(changed)
            before = after


def _without_defaults(changes: list[AttributeChange]) -> list[AttributeChange]:
    """Leave out attributes of a new user or organisation that are `nej` or 0."""
    return [one for one in changes if one.after not in ("nej", "0")]


def _read_instant(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
