"""Finishes erasures after they are recorded: destroys keys, updates read tables, then marks them finished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid5

from brugerbog.application.actors import SCHEDULE_ID
from brugerbog.application.commands.reservations import reservation_for
from brugerbog.application.ports.event_log import AppendRequest, Conflict
from brugerbog.domain.kernel.command_context import CommandContext
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.application.ports.read_store import Projector
    from brugerbog.domain.kernel.aggregate import Aggregate

_BATCH: Final = 500


def finish_erasures(log: EventLog, projector: Projector) -> None:
    """Destroy the remaining data of users whose erasure is in the log.

    The transaction of the erasure has deleted the encrypted rows and the reservation, and marked the rest as
    pending. After an interruption, the next start finishes the erasure before it serves anything. Inside a
    larger transaction, which may be rolled back, nothing is destroyed until the transaction has ended.
    """
    if log.in_transaction:
        return
    pending = log.pending_erasures()
    if not pending:
        return
    listed = log.list_erased(pending)
    log.destroy_keys(pending)
    projector.catch_up()
    log.purge_deleted()
    log.erasures_done(pending, listed)


def erase_again(log: EventLog, projector: Projector, clock: Clock, listed: Sequence[UUID]) -> int:
    """Erase the users whom a restored backup brought back; return their number.

    The schedule records each as deleted and erased. Users who are not in this log, or are erased in it, are
    skipped.
    """
    erased = 0
    for start in range(0, len(listed), _BATCH):
        remaining = log.not_erased(listed[start : start + _BATCH])
        while remaining and not _record(log, remaining, clock.now()):
            remaining = log.not_erased(remaining)
        erased += len(remaining)
    if erased:
        projector.catch_up()
        finish_erasures(log, projector)
    return erased


def _record(log: EventLog, user_ids: Sequence[UUID], now: datetime) -> bool:
    """Record the erasure of these users; return False after a conflict."""
    users = list(log.users(user_ids).values())
    changed: list[Aggregate] = [*users]
    organisations = {
        organisation_id: organisation
        for organisation_id in {user.organisation_id for user in users}
        if (organisation := log.organisation(organisation_id))
    }
    for user in users:
        context = _context(user.organisation_id, user.id, now)
        user.erase_again(context)
        if user.organisation_id in organisations:
            organisations[user.organisation_id].take_all_roles(context, user.id)
    changed += [organisation for organisation in organisations.values() if organisation.pending_events]
    try:
        log.record(changed, AppendRequest(reservations=[reservation_for(user) for user in users]))
    except Conflict:
        return False
    return True


def _context(organisation_id: UUID, user_id: UUID, now: datetime) -> CommandContext:
    command_id = uuid5(user_id, "erased again")
    return CommandContext(
        organisation_id=organisation_id,
        actor=SCHEDULE_ID,
        role=Role.SCHEDULE,
        door=Door.SCHEDULE,
        recorded_at=now,
        command_id=command_id,
        correlation_id=command_id,
    )
