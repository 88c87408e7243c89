"""Search of the audit log by actor, user, kind, time and words, without decrypting events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import select

from brugerbog.application.ports.audit_reader import LogRow, Scan, ScanCriterion
from brugerbog.application.queries.audit.audited_queries import AuditedQueries
from brugerbog.application.queries.names import SYSTEM_ACTORS
from brugerbog.application.queries.staleness import note_stale
from brugerbog.application.queries.user_list import LARGEST_PAGE
from brugerbog.application.refusals.requests import CursorInvalid, LimitOutOfRange, UserUnknown
from brugerbog.domain.danish.collation import search_text, search_words
from brugerbog.domain.danish.event_names import DANISH_NAMES_BY_TOPIC
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.user.activity import ActivityReported, activity_stream_id
from brugerbog.projections.user_list.table import is_current, user_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CURSOR_KIND: Final = "log"
"""The first part of a cursor of the audit log, which tells it from other cursors."""

_SEARCH_TEXT_BY_TOPIC: Final = {topic: search_text(text) for topic, text in DANISH_NAMES_BY_TOPIC.items()}
_SUBJECT_FIELDS: Final = {
    Organisation.RoleGiven.TOPIC: "user_id",
    Organisation.RoleTaken.TOPIC: "user_id",
    LogRead.TOPIC: "about",
}
"""For the topics in an organisation's streams that concern a user: the payload's field with the user's id."""

_FIRST_BATCH: Final = 256
_LARGEST_BATCH: Final = 20_000
_MOST_USERS_PER_WORD: Final = 500
"""A word that matches more users isn't passed to the store: it is only checked on the loaded rows."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditLogQuery:
    """A filter of the log, whose conditions must all match; the newest entry comes first.

    `about` is the user concerned, `by` the actor, `kind` a topic such as `user.created`. `since` is included,
    `until` is not. Each of the `words` must be the beginning of a word in the name or e-mail of the user or
    the actor, or in the Danish name of the kind. `after` is a cursor.
    """

    about: UUID | None = None
    by: UUID | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    correlation_id: UUID | None = None
    words: str | None = None
    with_activities: bool = False
    limit: int = 100
    after: str | None = None


class AuditLogSearch(AuditedQueries):
    """Search of the log, the newest entry first."""

    def _check(self, scope: UUID, query: AuditLogQuery) -> None:
        if not 1 <= query.limit <= LARGEST_PAGE:
            raise LimitOutOfRange(query.limit)
        if query.kind is not None and query.kind not in DANISH_NAMES_BY_TOPIC:
            raise KindUnknown(", ".join(sorted(DANISH_NAMES_BY_TOPIC)))
        if query.about is not None and not self._log.user_versions(scope, [query.about]):
            raise UserUnknown(query.about)

    def _position_of_cursor(self, scope: UUID, cursor: str) -> int:
        parts = self._cursors.open(scope, cursor)
        if len(parts) != len((CURSOR_KIND, 0)) or parts[0] != CURSOR_KIND:
            raise CursorInvalid
        return int(parts[1])

    def _search(self, scope: UUID, query: AuditLogQuery, before: int | None) -> list[LogRow]:
        """Return the entries of a page and, if there is one, the first of the next page.

        The store is read in growing batches until the page is full.
        """
        criteria = [self._word_criterion(scope, word) for word in search_words(query.words or "")]
        matches = _matches(query, criteria)
        scan = _scan(scope, query)._replace(
            criteria=[
                # The store can't see the user in the payload of these topics: `matches` checks it.
                ScanCriterion([*criterion.topics, *_SUBJECT_FIELDS], criterion.people)
                for criterion in criteria
                if len(criterion.people) <= _MOST_USERS_PER_WORD
            ]
        )
        found: list[LogRow] = []
        batch_size = max(_FIRST_BATCH, query.limit + 1)
        while True:
            batch = self._audit_reader.before(scan, before, batch_size)
            found += [entry for entry in batch if matches(entry)]
            if len(found) > query.limit or len(batch) < batch_size:
                return found[: query.limit + 1]
            before, batch_size = batch[-1].position, min(4 * batch_size, _LARGEST_BATCH)

    def _word_criterion(self, scope: UUID, word: str) -> ScanCriterion:
        """Return the topics and people whose texts have a word that begins with this one."""
        query = select(user_list.c.user_id).where(
            user_list.c.organisation_id == scope,
            is_current,
            user_list.c.search_text.contains(f" {word}", autoescape=True),
        )
        note_stale(self._stale({user_list.name}))
        with self._read.connect() as connection:
            people = set(connection.execute(query).scalars())
        people |= {actor_id for actor_id, name in SYSTEM_ACTORS.items() if f" {word}" in search_text(name)}
        return ScanCriterion(
            {topic for topic, text in _SEARCH_TEXT_BY_TOPIC.items() if f" {word}" in text}, people
        )


def _matches(query: AuditLogQuery, criteria: Sequence[ScanCriterion]) -> Callable[[LogRow], bool]:
    """Return the function that checks an entry against the conditions on its subject and words."""

    def matches(entry: LogRow) -> bool:
        subject = subject_of(entry)
        return query.about in (None, subject) and all(
            entry.topic in criterion.topics or entry.actor in criterion.people or subject in criterion.people
            for criterion in criteria
        )

    return matches


def _scan(scope: UUID, query: AuditLogQuery) -> Scan:
    """Return the conditions that the store can check, without words."""
    streams: tuple[UUID, ...] = ()
    if query.about is not None:
        streams = (query.about, activity_stream_id(query.about), scope, log_reading_stream_id(scope))
    correlation_id = query.correlation_id
    excludes_activities = not query.with_activities and query.kind != ActivityReported.TOPIC
    return Scan(
        scope,
        streams=streams,
        actor=query.by,
        topic=query.kind,
        excluded_topic=ActivityReported.TOPIC if excludes_activities else None,
        since=None if query.since is None else microseconds(query.since),
        until=None if query.until is None else microseconds(query.until),
        payload_contains=None if correlation_id is None else f'"correlation_id":"{correlation_id}"'.encode(),
    )


def subject_of(entry: LogRow) -> UUID:
    """Return the id of the user that the entry concerns: the one in its payload, else its stream's owner."""
    field = _SUBJECT_FIELDS.get(entry.topic)
    user_id = from_json(entry.payload)[field] if field else None
    return UUID(user_id) if user_id else owner_of(entry.stream_id)


@dataclass(eq=False)
class KindUnknown(Refusal):
    """There is no event class with this topic; `kinds` lists the existing ones."""

    code = "kind_unknown"
    danish = "Den art hændelse findes ikke. Vælg en af: {kinds}."
    english = "There is no such kind of event. Choose one of: {kinds}."
    kinds: str
