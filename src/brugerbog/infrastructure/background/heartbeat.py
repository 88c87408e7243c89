"""The heartbeats of workers, stored beside the read tables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Table, delete, func, insert, or_, select, update

from brugerbog.domain.kernel.instants import MAX_CLOCK_SKEW, instant, microseconds
from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from brugerbog.application.background.worker import WorkerRun
    from brugerbog.infrastructure.database.backend import Backend

_DELETED_AFTER: Final = timedelta(days=1)

heartbeats = Table(
    "heartbeats",
    read_tables,
    Column("worker_id", Uid, primary_key=True),
    Column("beat_at", INSTANT, nullable=False),
)


class StoredHeartbeat:
    """One row for each worker that has run within a day (port: `Heartbeat`)."""

    def __init__(self, backend: Backend, worker_id: UUID | None = None) -> None:
        """Take the worker's id; None for a reader of heartbeats."""
        self._backend = backend
        self._worker_id = worker_id

    def beat(self, run: WorkerRun) -> None:
        at = microseconds(run.at)
        with self._backend.write_transaction(self._backend.read, replicated=False) as connection:
            mine = heartbeats.c.worker_id == self._worker_id
            if not connection.execute(update(heartbeats).where(mine).values(beat_at=at)).rowcount:
                connection.execute(insert(heartbeats).values(worker_id=self._worker_id, beat_at=at))
            long_ago = microseconds(run.at - _DELETED_AFTER)
            far_ahead = microseconds(run.at + _DELETED_AFTER)
            connection.execute(
                delete(heartbeats).where(
                    or_(heartbeats.c.beat_at < long_ago, heartbeats.c.beat_at > far_ahead)
                )
            )

    def last(self, now: datetime) -> datetime | None:
        return self._latest(heartbeats.c.beat_at <= microseconds(now + MAX_CLOCK_SKEW))

    def ahead(self, now: datetime) -> datetime | None:
        return self._latest(heartbeats.c.beat_at > microseconds(now + MAX_CLOCK_SKEW))

    def _latest(self, condition: ColumnElement[bool]) -> datetime | None:
        with self._backend.read_connection(self._backend.read) as connection:
            latest = connection.execute(select(func.max(heartbeats.c.beat_at)).where(condition)).scalar()
        return None if latest is None else instant(latest)
