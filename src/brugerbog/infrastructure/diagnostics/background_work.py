"""Checks of background work: read tables, worker, due work, erasures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from brugerbog.application.diagnostics import findings
from brugerbog.application.diagnostics.checks import HIGHEST_NORMAL_LAG, SILENT_AFTER, PrerequisiteMissing
from brugerbog.domain.kernel.instants import instant, microseconds
from brugerbog.infrastructure.background.heartbeat import StoredHeartbeat, heartbeats
from brugerbog.infrastructure.database.schema import erasures as pending
from brugerbog.infrastructure.database.schema import events, head
from brugerbog.infrastructure.projections.positions import (
    FAILED,
    REBUILDING,
    ProjectionPositions,
    followed_log,
    positions,
)
from brugerbog.projections.due.table import due as planned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Row, Table

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext
    from brugerbog.projections.projection import Projection


def projections(context: CheckContext, known: Sequence[Projection]) -> Iterator[Finding]:
    """Check that each read table has this version, isn't stopped, and is caught up."""
    if not context.backend.can_access_read_tables:
        yield findings.READ_TABLES_ELSEWHERE.finding()
        return
    if not _exists(context, positions):
        yield findings.READ_TABLES_GONE.finding()
        return
    with context.backend.log.connect() as connection:
        size: int = connection.execute(select(head.c.size)).scalar_one()
    current = _of_this_version(context, known)
    found = [finding for row in current for finding in _problems(row)]
    if len(current) < len(known):
        there = {row.name for row in current}
        names = ", ".join(one.name for one in known if one.name not in there)
        found.append(findings.PROJECTIONS_OUTDATED.finding(names=names))
    least = min((row.position for row in current if row.state != FAILED), default=size)
    if size - least > HIGHEST_NORMAL_LAG or _waits_long(context, least):
        found.append(findings.PROJECTIONS_BEHIND.finding(lag=size - least))
    if _exists(context, followed_log) and not _are_of_this_log(context, known):
        found.append(findings.READ_TABLES_OF_ANOTHER_LOG.finding())
    yield from found or [findings.PROJECTIONS_UP.finding(position=least)]


def _waits_long(context: CheckContext, position: int) -> bool:
    """Whether the event after a position is so old that it should have been projected."""
    recorded_at = select(events.c.recorded_at).where(events.c.position == position + 1)
    with context.backend.log.connect() as connection:
        at = connection.execute(recorded_at).scalar()
    return at is not None and instant(at) < context.clock.now() - SILENT_AFTER


def _are_of_this_log(context: CheckContext, known: Sequence[Projection]) -> bool:
    projection_positions = ProjectionPositions(context.backend, [one.name for one in known])
    with context.backend.read.connect() as connection:
        return projection_positions.are_of_this_log(connection)


def _problems(row: Row[Any]) -> Iterator[Finding]:
    if row.state == FAILED:
        at = row.position + 1 if row.failed_at is None else row.failed_at
        yield findings.PROJECTION_STOPPED.finding(name=row.name, position=at, failure=row.failure)
    elif row.state == REBUILDING:
        yield findings.PROJECTION_REBUILDING.finding(name=row.name)


def worker(context: CheckContext) -> Iterator[Finding]:
    """Check that a worker has run lately."""
    if not _exists(context, heartbeats):
        raise PrerequisiteMissing
    heartbeat, now = StoredHeartbeat(context.backend), context.clock.now()
    last = heartbeat.last(now)
    if (ahead := heartbeat.ahead(now)) is not None:
        yield findings.WORKER_AHEAD.finding(at=ahead)
    if last is None:
        yield findings.WORKER_NEVER.finding()
    elif now - last > SILENT_AFTER:
        yield findings.WORKER_SILENT.finding(at=last)
    else:
        yield findings.WORKER_AT_WORK.finding(at=last)


def due(context: CheckContext, known: Sequence[Projection]) -> Iterator[Finding]:
    """Check that no work is overdue."""
    if not _exists(context, positions) or all(
        row.name != planned.name for row in _of_this_version(context, known)
    ):
        raise PrerequisiteMissing
    long_due = planned.c.due_at < microseconds(context.clock.now() - SILENT_AFTER)
    counted = select(func.count(), func.min(planned.c.due_at)).where(long_due)
    with context.backend.read.connect() as connection:
        count, oldest = connection.execute(counted).one()
    yield (
        findings.OVERDUE.finding(count=count, at=instant(oldest))
        if count
        else findings.NOTHING_OVERDUE.finding()
    )


def erasures(context: CheckContext) -> Iterator[Finding]:
    """Check that no erased user has traces left."""
    with context.backend.log.connect() as connection:
        count = connection.execute(select(func.count()).select_from(pending)).scalar_one()
    yield findings.ERASURES_PENDING.finding(count=count) if count else findings.ERASURES_DONE.finding()


def _of_this_version(context: CheckContext, known: Sequence[Projection]) -> list[Row[Any]]:
    """The status of the read tables that have this version."""
    versions = {one.name: one.version for one in known}
    with context.backend.read.connect() as connection:
        rows = connection.execute(select(positions).order_by(positions.c.name)).all()
    return [row for row in rows if versions.get(row.name) == row.version]


def _exists(context: CheckContext, table: Table) -> bool:
    """Whether a read table exists; on SQLite, opening the file would create it.

    Raises: PrerequisiteMissing when this process may not read it.
    """
    if not context.backend.can_access_read_tables:
        raise PrerequisiteMissing
    if not context.backend.has_read_tables():
        return False
    with context.backend.read.connect() as connection:
        return bool(connection.dialect.has_table(connection, table.name))
