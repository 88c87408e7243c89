"""A service's pages at an address of this machine, in which people are logged in without a broker."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import uvicorn

from brugerbog.demo.login import DemoLogin
from brugerbog.entrypoints.server.serving import application, listen
from brugerbog.infrastructure.web.settings import WebSettings
from tests.rate_limits import reset_rate_limits

if TYPE_CHECKING:
    from fastapi import FastAPI

    from brugerbog.application.ports.clock import Clock
    from brugerbog.domain.kernel.privacy import Secret
    from brugerbog.domain.kernel.roles import Role
    from brugerbog.entrypoints.web.context import WebContext
    from brugerbog.entrypoints.web.login_provider import LoginProvider
    from brugerbog.service import Service
    from tests.e2e.window import Window


@dataclass
class Stage:
    """What is served, at what time, and where."""

    service: Service
    clock: Clock
    app: FastAPI
    address: str

    @property
    def desk(self) -> WebContext:
        desk: WebContext = self.app.state.web_context
        return desk

    def forget_rates(self) -> None:
        """All tests come from one address."""
        reset_rate_limits(self.service)

    def log_in(self, window: Window, user_id: UUID, organisation_id: UUID, roles: Sequence[Role]) -> None:
        """As if the broker had just vouched for him."""
        self.show_token(window, self.desk.sessions.begin(user_id, organisation_id, frozenset(roles)))

    def show_token(self, window: Window, token: Secret[str]) -> None:
        """Let a browser be in a session."""
        cookie = {"name": self.desk.cookie, "value": token.reveal(), "url": self.address}
        window.page.context.add_cookies([cookie])  # type: ignore[list-item]


@contextmanager
def served(service: Service, clock: Clock, login_provider: LoginProvider | None = None) -> Iterator[Stage]:
    """Serve from a thread of this process, until all is done."""
    listening = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = application(service, WebSettings(base_url=address), login_provider or DemoLogin([]))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Stage(service, clock, app, address)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
