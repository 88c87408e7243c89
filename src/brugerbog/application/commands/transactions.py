"""Several commands in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from brugerbog.application.commands.erasure import finish_erasures
from brugerbog.application.refusals.requests import NotInTransaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.ports.event_log import EventLog, Transaction
    from brugerbog.application.ports.read_store import Projector


@contextmanager
def transaction(log: EventLog, projector: Projector) -> Iterator[Transaction]:
    """Commit all that this thread records in the block at its end; then project it and finish erasures.

    If the block raises, nothing of it is stored. Raises: the exceptions of the block and of the store.
    """
    with log.transaction() as opened:
        yield opened
    if not log.in_transaction:
        projector.catch_up()
        finish_erasures(log, projector)


def refuse_in_transaction(log: EventLog) -> None:
    """Refuse a command that must not be rolled back with a transaction, as its effects must stay.

    Raises: NotInTransaction.
    """
    if log.in_transaction:
        raise NotInTransaction
