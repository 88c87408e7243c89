"""Diagnostics of an installation: the checks of `brugerbog doctor`, in their order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from brugerbog.application.diagnostics.checks import Check, run_checks
from brugerbog.infrastructure.diagnostics.background_work import due, erasures, projections, worker
from brugerbog.infrastructure.diagnostics.check_context import CheckContext
from brugerbog.infrastructure.diagnostics.clients import clients
from brugerbog.infrastructure.diagnostics.clock import clock
from brugerbog.infrastructure.diagnostics.connection import connection
from brugerbog.infrastructure.diagnostics.disk import checkpoints, disk, erase_list
from brugerbog.infrastructure.diagnostics.keys import keys
from brugerbog.infrastructure.diagnostics.log_proof import proof
from brugerbog.infrastructure.diagnostics.mail import mail_server, mails
from brugerbog.infrastructure.diagnostics.organisations import organisations
from brugerbog.infrastructure.diagnostics.pages import pages
from brugerbog.infrastructure.diagnostics.settings import settings
from brugerbog.infrastructure.diagnostics.store import store, versions
from brugerbog.infrastructure.system import SystemClock
from brugerbog.projections.catalogue import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.application.ports.clock import Clock


def check_up(
    url: str | None = None, *, full: bool = False, clock: Clock | None = None
) -> Iterator[tuple[str, Finding]]:
    """Check everything that an installation needs; yields each finding with the name of its check.

    Nothing is changed. All checks run whatever is broken, and most report on a store that can't be opened.
    With `full` the whole log is verified, which takes as long as `audit verify`.
    """
    context = CheckContext(url, clock or SystemClock())
    try:
        yield from run_checks(_checks(context, full=full))
    finally:
        context.close()


def _checks(context: CheckContext, *, full: bool) -> list[Check]:
    """The checks, each after those that open what it needs."""
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "settings": partial(settings, context),
        "versions": partial(versions, context),
        "store": partial(store, context),
        "keys": partial(keys, context, full=full),
        "organisations": partial(organisations, context),
        "clients": partial(clients, context),
        "clock": partial(clock, context),
        "connection": partial(connection, context),
        "projections": partial(projections, context, PROJECTIONS),
        "worker": partial(worker, context),
        "due": partial(due, context, PROJECTIONS),
        "erasures": partial(erasures, context),
        "erase_list": lambda: erase_list(context, context.erase_list()),
        "proof": lambda: proof(context, context.settings.checkpoints, full=full),
        "checkpoints": lambda: checkpoints(context.settings.checkpoints),
        "disk": partial(disk, context),
        "mail_server": mail_server,
        "mails": partial(mails, context),
        "pages": pages,
    }
    return [Check(name, look) for name, look in checks.items()]
