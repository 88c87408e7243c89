"""Limits on connections: their number, the size of a request's headers, and the time that these may take."""

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

MAX_UNREAD_SECONDS: Final = 60.0
"""The time after which a connection is aborted whose peer reads nothing of the response."""

IDLE_SECONDS: Final = 20
"""The keep-alive time of a connection without a request. A reverse proxy needs a shorter one."""

MAX_HEAD_BYTES: Final = 64 << 10
"""The most bytes of a request's address and headers together, and of trailers after a body."""

MAX_PIPELINED: Final = 32
"""The most requests that a client may send before the responses to earlier requests (pipelining)."""

_HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)

MAX_DESCRIPTORS: Final = 65_536
MAX_CONNECTIONS: Final = 4096
RESERVED_DESCRIPTORS: Final = 128
"""File descriptors kept for database connections, files and everything else."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits: uvicorn itself only limits the time of idle connections."""

    _header_timer: asyncio.TimerHandle | None = None
    _reading_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    """Bytes received outside of bodies: the parser buffers and copies them until a line ends."""

    _unanswered: tuple[RequestResponseCycle, ...] = ()
    """The requests without a complete response: uvicorn itself holds only the last one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > max_connections():
            transport.abort()
            return
        self._set_header_timer()

    def data_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse_head()
        self._set_header_timer()

    def on_headers_complete(self) -> None:
        """Start or queue a request. Raises: ValueError beyond a limit, which ends the parsing."""
        fields = sum(len(name) + len(value) for name, value in self.headers)
        if len(self.url) + fields > MAX_HEAD_BYTES:
            self._refuse_head()
            raise ValueError
        if len(self.pipeline) >= MAX_PIPELINED:
            self.transport.abort()
            raise ValueError
        super().on_headers_complete()
        if self.cycle is not None:
            unanswered = [cycle for cycle in self._unanswered if not cycle.response_complete]
            self._unanswered = (*unanswered, self.cycle)

    def on_body(self, body: bytes) -> None:
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        self.transport.write(_HEAD_TOO_LARGE)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.pipeline.clear()
        for cycle in self._unanswered:
            if not cycle.response_complete:
                cycle.disconnected = True
            cycle.message_event.set()
        for timer in (self._header_timer, self._reading_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading_timer = self.loop.call_later(MAX_UNREAD_SECONDS, self._abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None

    def _set_header_timer(self) -> None:
        """Start the timer of the next request's headers, or cancel it once they are there."""
        is_waiting = self.cycle is None or self.cycle.response_complete
        if is_waiting and self._header_timer is None:
            self._header_timer = self.loop.call_later(_header_seconds(), self._abort)
        elif not is_waiting and self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _abort(self) -> None:
        """Close at once, without sending buffered data."""
        if not self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()


@cache
def _header_seconds() -> float:
    """The most seconds for a request's headers, counted from the connection or the first byte."""
    return 1.5 * request_seconds()


def raise_descriptor_limit() -> None:
    """Raise this process's limit of file descriptors to the hard limit, or to `MAX_DESCRIPTORS`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MAX_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def max_connections() -> int:
    """Return the most connections of a process, which are fewer than its file descriptors."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(16, min(MAX_CONNECTIONS, soft - RESERVED_DESCRIPTORS))


def watch_for_dead_peers(listening: socket.socket) -> None:
    """Close connections whose peer is dead or reads nothing (Linux; connections inherit the options)."""
    options: dict[str, Any] = {
        "TCP_KEEPIDLE": 60,
        "TCP_KEEPINTVL": 15,
        "TCP_KEEPCNT": 4,
        "TCP_USER_TIMEOUT": round(MAX_UNREAD_SECONDS * 1000),
    }
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in options.items():
        if hasattr(socket, name):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
