"""Erasing people: the log says it first, then key and read rows go, and only then is it done."""

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
    """Destroy what is left of everyone whose erasure is in the log.

    The log's own transaction has taken the sealed rows and the claim, and noted that the rest is pending.
    Whatever cuts this off, it is taken up again at the next start, before anything is served. Inside a larger
    transaction nothing is destroyed, as that may be rolled back: its end does it.
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
    """Erase those whom a restored backup brought back; returns how many that were.

    They are recorded as deleted and erased by the schedule. Who isn't in this log, or is erased in it, is
    passed over.
    """
    erased = 0
    for start in range(0, len(listed), _BATCH):
        some = log.not_erased(listed[start : start + _BATCH])
        while some and not _record(log, some, clock.now()):
            some = log.not_erased(some)
        erased += len(some)
    if erased:
        projector.catch_up()
        finish_erasures(log, projector)
    return erased


def _record(log: EventLog, user_ids: Sequence[UUID], now: datetime) -> bool:
    """Record that these are erased; False when others wrote first."""
    users = list(log.users(user_ids).values())
    changed: list[Aggregate] = [*users]
    organisations = {
        one: organisation
        for one in {user.organisation_id for user in users}
        if (organisation := log.organisation(one))
    }
    for user in users:
        context = _act(user.organisation_id, user.id, now)
        user.erase_again(context)
        if user.organisation_id in organisations:
            organisations[user.organisation_id].take_all_roles(context, user.id)
    changed += [one for one in organisations.values() if one.pending_events]
    try:
        log.record(changed, AppendRequest(reservations=[reservation_for(user) for user in users]))
    except Conflict:
        return False
    return True


def _act(organisation_id: UUID, user_id: UUID, now: datetime) -> CommandContext:
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
