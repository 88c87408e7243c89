"""The change feed: events of an organisation after a position of the log, by their ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.application.refusals.requests import LimitOutOfRange
from brugerbog.domain.kernel.instants import instant
from brugerbog.domain.organisation.log_reading import LogRead
from brugerbog.domain.user.activity import ActivityReported

if TYPE_CHECKING:
    from brugerbog.application.actors import Actor

MOST_CHANGES: Final = 1000
_NOT_CHANGES: Final = (ActivityReported.TOPIC, LogRead.TOPIC)
"""Events that change no state."""


@dataclass(frozen=True, slots=True)
class Change:
    """An event by its ids: `kind` is its topic; `user_id` is None for an event of the organisation."""

    position: int
    kind: str
    user_id: UUID | None
    recorded_at: datetime
    command_id: UUID


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes in the order of the log. The next page begins after `position`; with `more`, it isn't empty."""

    changes: list[Change]
    position: int
    more: bool


class ChangeQueries(QueryExecution):
    """The change feed. Positions are assigned in the order of commits, so a reader never skips one."""

    @question("see_changes")
    def changes(self, actor: Actor, *, after: int = 0, limit: int = 100) -> ChangePage:
        """Return the organisation's changes after a position. Raises: LimitOutOfRange."""
        scope = self._authorized_organisation("see_changes", actor).id
        if not 1 <= limit <= MOST_CHANGES:
            raise LimitOutOfRange(limit)
        self._projector.catch_up()
        found = self._audit_reader.after(scope, after, limit + 1, excluded_topics=_NOT_CHANGES)
        changes = [
            Change(
                position=one.position,
                kind=one.topic,
                user_id=None if one.stream_id == scope else one.stream_id,
                recorded_at=instant(one.recorded_at),
                command_id=one.command_id,
            )
            for one in found[:limit]
        ]
        return ChangePage(changes, changes[-1].position if changes else after, more=len(found) > limit)

    def position(self) -> int:
        """Return the log's last position, 0 for an empty log. It contains nothing about any organisation."""
        return self._audit_reader.size()
