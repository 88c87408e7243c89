"""Serves the application until a stop signal, and lets running requests finish."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import AF_INET, AF_INET6, create_server
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from brugerbog.application.refusals.configuration import WebSettingMissing
from brugerbog.bootstrap import open_service, web_stores
from brugerbog.entrypoints.server.app import create_app
from brugerbog.entrypoints.server.connections import (
    IDLE_SECONDS,
    BoundedProtocol,
    max_connections,
    raise_descriptor_limit,
    watch_for_dead_peers,
)
from brugerbog.entrypoints.web import rendering
from brugerbog.entrypoints.web.background_jobs import BackgroundJobs
from brugerbog.entrypoints.web.context import WebContext
from brugerbog.entrypoints.web.login.oidc import OidcLogin
from brugerbog.infrastructure.telemetry.log_output import configure_logging
from brugerbog.infrastructure.telemetry.metrics_server import metrics_in_folder
from brugerbog.infrastructure.web.settings import ISSUER, read_web_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from socket import socket
    from threading import Event

    from fastapi import FastAPI

    from brugerbog.entrypoints.web.login_provider import LoginProvider
    from brugerbog.infrastructure.web.settings import WebSettings
    from brugerbog.service import Service

BACKLOG: Final = 2048
SHUTDOWN_SECONDS: Final = 20
"""The most seconds that running requests may take after a stop signal."""

PROCESS_TIMEOUT_SECONDS: Final = 60
"""The seconds without a sign of life after which a process is replaced; a busy machine starts it slowly."""


def application(service: Service, settings: WebSettings, login_provider: LoginProvider) -> FastAPI:
    """Return the application of an opened service."""
    room = web_stores(service, settings.limits)
    return create_app(
        WebContext(
            service=service,
            settings=settings,
            sessions=room.sessions,
            sealed_tokens=room.login_tokens,
            used_logins=room.used_logins,
            uploads=room.uploads,
            background_jobs=BackgroundJobs(room.uploads),
            ids=room.ids,
            templates=rendering.Templates(),
            login_provider=login_provider,
        )
    )


def application_with_broker(service: Service, settings: WebSettings) -> FastAPI:
    """Return the application of an opened service, with the broker of its settings as login provider."""
    assert settings.oidc is not None  # noqa: S101 - `settings_for` refuses settings without a broker
    return application(service, settings, OidcLogin(settings.oidc))


def has_design_system() -> bool:
    """Whether the design system was fetched when the package was built; pages look plain without it."""
    return rendering.has_design_system()


def settings_for(host: str, port: int) -> WebSettings:
    """Return the settings from the environment; a server on a loopback address needs no public address.

    Raises: as `read_web_settings`; WebSettingMissing without a broker.
    """
    served_at = f"http://{host}:{port}" if host in ("127.0.0.1", "localhost") else None
    settings = read_web_settings(served_at=served_at)
    if settings.oidc is None:
        raise WebSettingMissing(ISSUER)
    return settings


@dataclass(frozen=True, slots=True)
class ApplicationFactory:
    """Opens the service and creates its application in one of several processes."""

    store: str | None
    host: str
    port: int
    metrics_folder: Path | None = None

    def __call__(self) -> FastAPI:
        configure_logging(level=logging.INFO)
        settings = settings_for(self.host, self.port)
        watchers = [] if self.metrics_folder is None else [metrics_in_folder(self.metrics_folder)]
        service = open_service(self.store, create=False, catches_up=False, watchers=watchers)
        for watcher in watchers:
            watcher.observe_connections(service.log.backend.connections)
        app = application_with_broker(service, settings)
        lifespan = app.router.lifespan_context

        @asynccontextmanager
        async def closing(app: FastAPI) -> AsyncIterator[None]:
            async with lifespan(app):
                yield
            service.close()

        app.router.lifespan_context = closing
        return app


def listen(host: str, port: int) -> socket:
    """Return a socket that listens at an address; port 0 takes a free one. Raises: OSError."""
    listening = create_server((host, port), family=AF_INET6 if ":" in host else AF_INET, backlog=BACKLOG)
    listening.set_inheritable(True)
    watch_for_dead_peers(listening)
    return listening


def serve(app: FastAPI, settings: WebSettings, listening: socket, stop: Event) -> None:
    """Serve from this process until a stop signal; `stop` is set if the signal came before the start."""
    _Server(_config(app, settings), stop).run([listening])


class _Server(uvicorn.Server):
    """A server that also stops for a signal from before its own signal handlers."""

    def __init__(self, config: uvicorn.Config, stop: Event) -> None:
        super().__init__(config)
        self._stop = stop

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.should_exit = self.should_exit or self._stop.is_set()


def serve_with_processes(
    factory: ApplicationFactory, settings: WebSettings, listening: socket, workers: int, stop: Event
) -> None:
    """Serve from several processes, each with its own opened service. A process that dies is replaced.

    `stop` is as for `serve`.
    """
    processes = Multiprocess(_config(factory, settings, workers=workers), [listening])
    if stop.is_set():
        return
    processes.run()


def _config(app: FastAPI | ApplicationFactory, settings: WebSettings, *, workers: int = 1) -> uvicorn.Config:
    """Return uvicorn's configuration. Its access log, which would contain links and addresses, is off."""
    raise_descriptor_limit()
    return uvicorn.Config(
        app,
        factory=isinstance(app, ApplicationFactory),
        workers=workers,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        http=BoundedProtocol,
        backlog=BACKLOG,
        limit_concurrency=max_connections() * 3 // 4,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_worker_healthcheck=PROCESS_TIMEOUT_SECONDS,
        forwarded_allow_ips=settings.trusted_proxies,
    )
