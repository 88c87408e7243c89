"""What has happened since a position of the log: told to systems that follow along."""

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
"""What is told of somebody and changes nothing about him."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change by its ids: `kind` is the event's topic, `user_id` None where it befell the organisation."""

    position: int
    kind: str
    user_id: UUID | None
    recorded_at: datetime
    command_id: UUID


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes in the order they happened; ask on after `position`. With `more`, some wait already."""

    changes: list[Change]
    position: int
    more: bool


class ChangeQueries(QueryExecution):
    """The feed of changes. Positions are handed out in the order of commits, so none is ever skipped."""

    @question("see_changes")
    def changes(self, actor: Actor, *, after: int = 0, limit: int = 100) -> ChangePage:
        """What has changed in the organisation after a position. Raises: LimitOutOfRange."""
        scope = self._authorized_organisation("see_changes", actor).id
        if not 1 <= limit <= MOST_CHANGES:
            raise LimitOutOfRange(limit)
        self._projector.catch_up()
        found = self._audit_reader.after(scope, after, limit + 1, excluded_topics=_NOT_CHANGES)
        told = [
            Change(
                position=one.position,
                kind=one.topic,
                user_id=None if one.stream_id == scope else one.stream_id,
                recorded_at=instant(one.recorded_at),
                command_id=one.command_id,
            )
            for one in found[:limit]
        ]
        return ChangePage(told, told[-1].position if told else after, more=len(found) > limit)

    def position(self) -> int:
        """The log's last position; 0 of an empty one. It tells of no organisation."""
        return self._audit_reader.size()
