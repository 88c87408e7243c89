"""Bounds on connections: how many there are, how long a request's headers and a slow reader may take."""

from __future__ import annotations

import resource
import socket
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from brugerbog.infrastructure.settings import request_seconds

if TYPE_CHECKING:
    import asyncio

READER_SECONDS: Final = 60.0
"""So long may a caller not read what waits to be sent."""

IDLE_SECONDS: Final = 20
"""So long stays a connection open between two requests; a proxy in front keeps its own for less."""

MOST_FILES: Final = 65_536
MOST_CONNECTIONS: Final = 4096
RESERVED: Final = 128
"""Descriptors for connections to the store, files and the rest."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which itself has a deadline for idle connections only."""

    _headers_due: asyncio.TimerHandle | None = None
    _reading_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.abort()
            return
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._headers_due, self._reading_due):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading_due = self.loop.call_later(READER_SECONDS, self._abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reading_due is not None:
            self._reading_due.cancel()
            self._reading_due = None

    def _expect_headers(self) -> None:
        """Set a deadline where the next request's headers are to come; end it where they have."""
        is_due = self.cycle is None or self.cycle.response_complete
        if is_due and self._headers_due is None:
            self._headers_due = self.loop.call_later(_header_seconds(), self._abort)
        elif not is_due and self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None

    def _abort(self) -> None:
        """Close at once, with what waits to be sent."""
        if not self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()


@cache
def _header_seconds() -> float:
    """So long may the headers of a request take, from the connection or the first byte on."""
    return 1.5 * request_seconds()


def raise_descriptor_limit() -> None:
    """Take as many descriptors as this process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """How many connections a process bears: fewer than it may have descriptors."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(16, min(MOST_CONNECTIONS, soft - RESERVED))


def watch_for_dead_peers(listening: socket.socket) -> None:
    """Let connections end whose other end has gone or reads nothing (Linux; they inherit it)."""
    options: dict[str, Any] = {
        "TCP_KEEPIDLE": 60,
        "TCP_KEEPINTVL": 15,
        "TCP_KEEPCNT": 4,
        "TCP_USER_TIMEOUT": round(READER_SECONDS * 1000),
    }
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in options.items():
        if hasattr(socket, name):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
