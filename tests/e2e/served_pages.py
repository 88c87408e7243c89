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
    from tests.e2e.browser_page import BrowserPage


@dataclass
class ServedPages:
    """What is served, at what time, and where."""

    service: Service
    clock: Clock
    app: FastAPI
    address: str

    @property
    def web_context(self) -> WebContext:
        web_context: WebContext = self.app.state.web_context
        return web_context

    def reset_rate_limits(self) -> None:
        """All tests come from one address."""
        reset_rate_limits(self.service)

    def log_in(self, page: BrowserPage, user_id: UUID, organisation_id: UUID, roles: Sequence[Role]) -> None:
        """As if the broker had just vouched for him."""
        self.show_token(page, self.web_context.sessions.begin(user_id, organisation_id, frozenset(roles)))

    def show_token(self, page: BrowserPage, token: Secret[str]) -> None:
        """Let a browser be in a session."""
        cookie = {"name": self.web_context.cookie, "value": token.reveal(), "url": self.address}
        page.driver.context.add_cookies([cookie])  # type: ignore[list-item]


@contextmanager
def serve_pages(
    service: Service, clock: Clock, login_provider: LoginProvider | None = None
) -> Iterator[ServedPages]:
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
        yield ServedPages(service, clock, app, address)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
