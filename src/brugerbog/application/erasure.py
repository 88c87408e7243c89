"""Erasing people: the log says it first, then key and read rows go, and only then is it done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brugerbog.application.ports import EventLog, Projector


def finish_erasures(log: EventLog, projector: Projector) -> None:
    """Destroy what is left of everyone whose erasure is in the log.

    The log's own transaction has taken the sealed rows and the claim, and noted that the rest is pending.
    Whatever cuts this off, it is taken up again at the next start, before anything is served.
    """
    pending = log.pending_erasures()
    if not pending:
        return
    log.destroy_keys(pending)
    projector.catch_up()
    log.scrub()
    log.erasures_done(pending)
