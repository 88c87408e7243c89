"""Serves the pages until told to stop, letting what is under way come to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

from brugerbog.bootstrap import web_room
from brugerbog.entrypoints.web.app import create_app
from brugerbog.entrypoints.web.desk import Desk
from brugerbog.entrypoints.web.pages import Pages
from brugerbog.entrypoints.web.rates import Rates
from brugerbog.entrypoints.web.workroom import Workroom

if TYPE_CHECKING:
    from fastapi import FastAPI

    from brugerbog.bootstrap import Service
    from brugerbog.entrypoints.web.ways_in import WayIn
    from brugerbog.infrastructure.web.settings import WebSettings

GRACE_SECONDS = 20
"""So long a request that is under way may take when the server is told to stop."""


def application(service: Service, settings: WebSettings, way_in: WayIn) -> FastAPI:
    """The pages of an opened service."""
    room = web_room(service, settings.limits)
    return create_app(
        Desk(
            service=service,
            settings=settings,
            sessions=room.sessions,
            tickets=room.tickets,
            uploads=room.uploads,
            workroom=Workroom(room.uploads),
            ids=room.ids,
            pages=Pages(),
            rates=Rates(),
            way_in=way_in,
        )
    )


def server(app: FastAPI, settings: WebSettings, host: str, port: int) -> uvicorn.Server:
    """A server for an application; its own access log, which would hold links and addresses, is off."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            forwarded_allow_ips=settings.trusted_proxies,
        )
    )
