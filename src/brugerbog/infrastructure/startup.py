"""The steps before a store is served: check files and keys, catch up, finish and redo erasures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.application.commands.erasure import erase_again, finish_erasures
from brugerbog.application.refusals.store import StoreReadOnly
from brugerbog.infrastructure.backup.file_integrity import check_moved_files, store_inodes
from brugerbog.infrastructure.keys.key_check import check_all, check_newest_user_has_key, unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.projections.runner import ProjectionRunner

_BATCH_SIZE: Final = 500


def make_ready(log: BrugerbogLog, runner: ProjectionRunner, clock: Clock, *, erase_unreadable: bool) -> None:
    """Check that the files and keys belong to the log, catch up the projections, and finish erasures.

    A process without access to the read tables serves no requests and skips all of this; processes with
    access do it when they start. With `erase_unreadable`, users without a key are recorded as erased;
    without, a store whose keys don't belong to its log is refused. All users' keys are checked if the files
    have been moved, else that of the newest user.
    Raises: StoreTorn, KeysOutdated, StoreReadOnly; as `StoreEraseList.unread_users`; what the store raises.
    """
    if not log.backend.can_access_read_tables:
        return
    files_were_unknown = check_moved_files(log.backend)
    listed = log.erase_list.unread_users()
    if not erase_unreadable:
        check_keys = check_all if files_were_unknown else check_newest_user_has_key
        check_keys(log.backend, set(listed))
    if log.backend.is_read_only:
        _check_no_erasure_pending(log, listed)
        return
    runner.prepare()
    runner.catch_up()
    finish_erasures(log, runner)
    _erase_listed_again(log, runner, clock, listed)
    if erase_unreadable:
        erase_again(log, runner, clock, list(unreadable(log.backend)))
    if files_were_unknown:
        store_inodes(log.backend)


def _check_no_erasure_pending(log: BrugerbogLog, listed: Sequence[UUID]) -> None:
    """Check that no erasure must be finished or redone in a read-only store. Raises: StoreReadOnly."""
    if log.pending_erasures() or _any_not_erased(log, listed):
        raise StoreReadOnly


def _erase_listed_again(
    log: BrugerbogLog, runner: ProjectionRunner, clock: Clock, listed: Sequence[UUID]
) -> None:
    """Erase the listed users that a restored backup brought back, and store that the list is read."""
    if _any_not_erased(log, listed):
        log.erase_list.mark_log_older()
        erase_again(log, runner, clock, listed)
    log.erase_list.mark_read()


def _any_not_erased(log: BrugerbogLog, user_ids: Sequence[UUID]) -> bool:
    batches = (user_ids[start : start + _BATCH_SIZE] for start in range(0, len(user_ids), _BATCH_SIZE))
    return any(map(log.not_erased, batches))
