"""A check-up of an installation, put together: what `brugerbog doctor` looks at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from brugerbog.application.diagnostics.checks import Check, NotOpen, examine
from brugerbog.bootstrap import backend_of, erase_list_of, master_keys_of
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.infrastructure.diagnostics.background_work import due, erasures, projections, worker
from brugerbog.infrastructure.diagnostics.check_context import CheckContext, Wiring
from brugerbog.infrastructure.diagnostics.clients import clients
from brugerbog.infrastructure.diagnostics.clock import clock
from brugerbog.infrastructure.diagnostics.connection import connection
from brugerbog.infrastructure.diagnostics.disk import checkpoints, disk, erase_list
from brugerbog.infrastructure.diagnostics.keys import keys
from brugerbog.infrastructure.diagnostics.log_proof import proof
from brugerbog.infrastructure.diagnostics.mail import mail_server, mails
from brugerbog.infrastructure.diagnostics.organisations import organisations
from brugerbog.infrastructure.diagnostics.pages import pages
from brugerbog.infrastructure.diagnostics.store import store, versions
from brugerbog.infrastructure.settings import Installation
from brugerbog.infrastructure.system import SystemClock
from brugerbog.projections.catalogue import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.application.ports.clock import Clock


def check_up(
    url: str | None = None, *, full: bool = False, clock: Clock | None = None
) -> Iterator[tuple[str, Finding]]:
    """Look at everything that an installation needs; each finding with the name of what was looked at.

    Nothing is changed. It goes to the end whatever is broken, and tells most of a store that can't be opened.
    With `full` the whole log is derived anew, which takes as long as `audit verify`.
    """
    checkup = _Checkup(url, clock or SystemClock(), full=full)
    try:
        yield from examine(checkup.checks())
    finally:
        checkup.ground.close()


class _Checkup:
    """The checks, in an order in which each finds what those before it have opened."""

    def __init__(self, url: str | None, now: Clock, *, full: bool) -> None:
        self._url = url
        self._full = full
        self._installation: Installation | None = None
        self.ground = CheckContext(
            Wiring(
                lambda: backend_of(self._url or self._set().store),
                lambda backend, path: master_keys_of(backend, path, self._set(), None, None),
            ),
            now,
        )

    def checks(self) -> list[Check]:
        ground = self.ground
        looks: dict[str, Callable[[], Iterable[Finding]]] = {
            "settings": self._settings,
            "versions": partial(versions, ground),
            "store": partial(store, ground),
            "keys": partial(keys, ground, full=self._full),
            "organisations": partial(organisations, ground),
            "clients": partial(clients, ground),
            "clock": partial(clock, ground),
            "connection": partial(connection, ground),
            "projections": partial(projections, ground, PROJECTIONS),
            "worker": partial(worker, ground),
            "due": partial(due, ground, PROJECTIONS),
            "erasures": partial(erasures, ground),
            "erase_list": self._erase_list,
            "proof": lambda: proof(ground, self._set().checkpoints, full=self._full),
            "checkpoints": lambda: checkpoints(self._set().checkpoints),
            "disk": partial(disk, ground),
            "mail_server": mail_server,
            "mails": partial(mails, ground),
            "pages": pages,
        }
        return [Check(name, look) for name, look in looks.items()]

    def _settings(self) -> list[Finding]:
        """Raises: EnvironmentInvalid."""
        self._installation = Installation.from_environment()
        return []

    def _set(self) -> Installation:
        if self._installation is None:
            raise NotOpen
        return self._installation

    def _erase_list(self) -> Iterator[Finding]:
        ground = self.ground
        try:
            port = ground.master_keys()
        except Refusal:
            # What is wrong with the keys another check says.
            raise NotOpen from None
        return erase_list(ground, erase_list_of(self._set(), ground.path, port))
