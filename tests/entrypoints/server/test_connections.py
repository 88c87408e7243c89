"""What a connection may ask of the server before anybody is known: bounded headers, few requests ahead."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import closing, suppress
from typing import Any

import pytest
import uvicorn

from brugerbog.entrypoints.server.connections import MAX_HEAD_BYTES, MAX_PIPELINED, BoundedProtocol

Message = MutableMapping[str, Any]
PATIENCE = 10.0
GET = b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n"
WAIT = b"GET /waiting HTTP/1.1\r\nhost: x\r\n\r\n"


class Waiting:
    """Answers at once, but at `/waiting` only when whoever asks has hung up."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.begun += 1
        if scope["path"] == "/waiting":
            while (await receive())["type"] != "http.disconnect":
                pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        self.ended += 1


@pytest.fixture
def app() -> Waiting:
    return Waiting()


@pytest.fixture
def port(app: Waiting) -> Iterator[int]:
    config = uvicorn.Config(app, http=BoundedProtocol, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def status_of(port: int, *pieces: bytes) -> bytes:
    """The status of what is sent piece by piece, each in a packet of its own; empty when it is cut off."""
    with closing(connected(port)) as one:
        try:
            for piece in pieces:
                one.sendall(piece)
                time.sleep(0.02)
            return one.recv(65_536)[9:12]
        except (ConnectionResetError, BrokenPipeError):
            return b""


def wait_until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.mark.parametrize(
    "start",
    [b"GET /", b"GET / HTTP/1.1\r\nhost: x\r\nx: ", b"POST / HTTP/1.1\r\nte: x\r\nx"],
    ids=["address", "value", "name"],
)
def test_one_line_without_an_end_is_cut_off(port: int, start: bytes) -> None:
    piece = b"a" * (MAX_HEAD_BYTES // 4)
    with closing(connected(port)) as one:
        one.sendall(start)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            one.sendall(piece * 1000)


def test_headers_that_are_too_large_are_refused_however_they_come(app: Waiting, port: int) -> None:
    many = [b"GET / HTTP/1.1\r\nhost: x\r\n", *[b"x-a: b\r\n" * 1000] * 20, b"\r\n"]
    assert status_of(port, b"".join(many)) == b"431"
    assert status_of(port, *many) in (b"431", b"")
    assert app.begun == 0


def test_trailers_after_a_body_are_bounded_too(port: int) -> None:
    start = b"POST /waiting HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nx: "
    with closing(connected(port)) as one:
        one.sendall(start)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            one.sendall(b"a" * (250 * MAX_HEAD_BYTES))


def test_headers_as_browsers_and_systems_send_them_are_taken(port: int) -> None:
    large = b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"a" * (MAX_HEAD_BYTES // 2)
    assert status_of(port, large, b"\r\n\r\n") == b"204"


def test_a_body_much_larger_than_headers_may_be_is_taken(port: int) -> None:
    body = b"a" * (10 * MAX_HEAD_BYTES)
    plain = b"POST /quick HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert status_of(port, plain, body) == b"204"


def test_anyone_who_hangs_up_ends_all_that_the_connection_asked_for(app: Waiting, port: int) -> None:
    with closing(connected(port)) as one:
        one.sendall(WAIT + GET + WAIT)
        wait_until(lambda: app.begun == 1)
    wait_until(lambda: app.ended == 1)
    assert app.begun == 1


def test_few_requests_may_come_ahead_of_an_answer(app: Waiting, port: int) -> None:
    with closing(connected(port)) as one:
        one.sendall(GET * MAX_PIPELINED)
        wait_until(lambda: app.ended == MAX_PIPELINED)
    with closing(connected(port)) as one:
        one.sendall(WAIT + GET * (MAX_PIPELINED + 1))
        with suppress(ConnectionResetError):
            assert one.recv(1) == b""
    wait_until(lambda: app.begun == app.ended == MAX_PIPELINED + 1)
