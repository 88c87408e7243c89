"""Bounds on connections: how many there are, how large a request's headers are, how long they may take."""

from __future__ import annotations

import resource
import socket
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from brugerbog.infrastructure.settings import request_seconds

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

READER_SECONDS: Final = 60.0
"""So long may a caller not read what waits to be sent."""

IDLE_SECONDS: Final = 20
"""So long stays a connection open between two requests; a proxy in front keeps its own for less."""

LARGEST_HEAD: Final = 64 << 10
"""So many bytes may the address and the headers of a request have, and what follows a body."""

MOST_AHEAD: Final = 32
"""So many requests may a caller send ahead, before the answers to earlier ones (pipelining)."""

_HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)

MOST_FILES: Final = 65_536
MOST_CONNECTIONS: Final = 4096
RESERVED: Final = 128
"""Descriptors for connections to the store, files and the rest."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which itself has a deadline for idle connections, and no other bound."""

    _headers_due: asyncio.TimerHandle | None = None
    _reading_due: asyncio.TimerHandle | None = None
    _since_body = 0
    """Bytes that have come and are no body: the parser keeps them until a line ends, and copies them."""

    _cycles: tuple[RequestResponseCycle, ...] = ()
    """The requests that aren't answered yet: uvicorn itself knows only the last of them."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.abort()
            return
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        self._since_body += len(data)
        super().data_received(data)
        if self._since_body > LARGEST_HEAD and not self.transport.is_closing():
            self._refuse_head()
        self._expect_headers()

    def on_headers_complete(self) -> None:
        """Begin or queue a request. Raises: ValueError, which ends the parsing, beyond a bound."""
        fields = sum(len(name) + len(value) for name, value in self.headers)
        if len(self.url) + fields > LARGEST_HEAD:
            self._refuse_head()
            raise ValueError
        if len(self.pipeline) >= MOST_AHEAD:
            self.transport.abort()
            raise ValueError
        super().on_headers_complete()
        if self.cycle is not None:
            open_ = [one for one in self._cycles if not one.response_complete]
            self._cycles = (*open_, self.cycle)

    def on_body(self, body: bytes) -> None:
        self._since_body = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._since_body = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        self.transport.write(_HEAD_TOO_LARGE)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.pipeline.clear()
        for cycle in self._cycles:
            if not cycle.response_complete:
                cycle.disconnected = True
            cycle.message_event.set()
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
