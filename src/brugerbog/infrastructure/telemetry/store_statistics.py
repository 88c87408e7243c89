"""Statistics of a store: length of the log, waiting work and its age, and the last worker run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from brugerbog.domain.kernel.instants import instant, microseconds
from brugerbog.infrastructure.database.schema import checkpoints, head, mail_intents
from brugerbog.projections.due.table import due

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from brugerbog.application.background.worker import Heartbeat
    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.projections.positions import ProjectionStatus
    from brugerbog.infrastructure.projections.runner import ProjectionRunner


@dataclass(frozen=True, slots=True)
class StoreStatistics:
    """A store at an instant. Ages are given as instants, None where there is no such thing."""

    at: datetime
    events: int
    last_checkpoint: datetime | None
    projections: Sequence[ProjectionStatus]
    last_turn: datetime | None
    overdue: int
    overdue_since: datetime | None
    mails_waiting: int
    mails_waiting_since: datetime | None


class StoreStatisticsReader:
    """Reads the statistics by indexes and head rows: quick for a log of any length."""

    def __init__(
        self, backend: Backend, runner: ProjectionRunner, heartbeat: Heartbeat, clock: Clock
    ) -> None:
        self._backend = backend
        self._runner = runner
        self._heartbeat = heartbeat
        self._clock = clock

    def read(self) -> StoreStatistics:
        """Raises: what the store raises."""
        now = self._clock.now()
        unsent = mail_intents.c.next_at.is_not(None)
        with self._backend.log.connect() as connection:
            events = connection.execute(select(head.c.size)).scalar_one()
            last = select(checkpoints.c.made_at).order_by(
                checkpoints.c.size.desc(), checkpoints.c.made_at.desc()
            )
            signed_at = connection.execute(last.limit(1)).scalar()
            mails, mail_since = connection.execute(
                select(func.count(), func.min(mail_intents.c.created_at)).where(unsent)
            ).one()
        with self._backend.read.connect() as connection:
            overdue, since = connection.execute(
                select(func.count(), func.min(due.c.due_at)).where(due.c.due_at <= microseconds(now))
            ).one()
        return StoreStatistics(
            at=now,
            events=events,
            last_checkpoint=_instant(signed_at),
            projections=self._runner.status(),
            last_turn=self._heartbeat.last(now),
            overdue=overdue,
            overdue_since=_instant(since),
            mails_waiting=mails,
            mails_waiting_since=_instant(mail_since),
        )


def _instant(at: int | None) -> datetime | None:
    return None if at is None else instant(at)
