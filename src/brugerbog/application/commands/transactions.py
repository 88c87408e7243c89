"""Several commands as one transaction: all of them, or nothing."""

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

    Raises: what the block raises, and then nothing of it is stored; what the store raises.
    """
    with log.transaction() as opened:
        yield opened
    if not log.in_transaction:
        projector.catch_up()
        finish_erasures(log, projector)


def refuse_in_transaction(log: EventLog) -> None:
    """Refuse what must stay in the log, or takes effect outside of it, whatever becomes of a transaction.

    Raises: NotInTransaction.
    """
    if log.in_transaction:
        raise NotInTransaction
