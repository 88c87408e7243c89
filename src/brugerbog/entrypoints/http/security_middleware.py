"""What every request passes: whose page sent it, how large it is; and the headers every answer carries."""

from __future__ import annotations

import time
from http import HTTPStatus
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Final

from anyio import fail_after
from starlette.responses import PlainTextResponse

from brugerbog.application.ports.observation import Operation, OperationKind
from brugerbog.application.queries.staleness import collect_stale
from brugerbog.entrypoints.http.request_ids import REQUEST_ID, request_id_of, traceparent_of
from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from brugerbog.application.ports.clock import Ids
    from brugerbog.application.ports.observation import Observer
    from brugerbog.infrastructure.web.settings import WebSettings

MEBIBYTE: Final = 1 << 20
LARGEST_FORM: Final = 2 * MEBIBYTE
LARGEST_UPLOAD: Final = 51 * MEBIBYTE
"""A file of 50 MB, and what a browser puts around it."""

LARGEST: Final = {
    "/api/v1/token": 16 << 10,
    "/api/v1/activities": LARGEST_FORM,
    "/api/": MEBIBYTE,
    "/aktivering/": 16 << 10,
    "/identifikationsmidler/": 16 << 10,
    "/log-ind": 16 << 10,
}
"""The most bytes of a body by the first part of its path; other forms may be as large as `LARGEST_FORM`."""

LEAST_RATE: Final = 16 << 10
LONGEST_BODY: Final = 600.0
"""A body that comes slower than so many bytes a second is cut off, and after so many seconds any is."""

UPLOADS: Final = ("/brugere/fil", "/api/v1/imports")
SYSTEM_ACTORS: Final = ("/api/", "/scim/")
"""Here systems come by tokens, which no browser sends by itself: whose page sent them is all the same."""

LIVEZ: Final = "/livez"
READYZ: Final = "/readyz"
"""What watches over a process asks for these by the machine's address, whatever name the pages go by."""

RETRY_AFTER: Final = b"5"
"""Seconds to wait where whoever refuses for now has named none."""

STALE: Final = b"brugerbog-stale"
"""The header that names read tables an answer came from though they don't show all that is recorded."""

_FOR_NOW: Final = (429, 503)
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_KEEPABLE: Final = ("/static/", "/dkfds/")


_FOREIGN: Final = "Formularen kom ikke fra vores egne sider og er afvist."
_UNEXPECTED: Final = "Der skete en uventet fejl. Intet er meldt gennemført; kontrollér, og prøv igen."


class _BodyRefused(Exception):
    """A body is cut off, and the connection closed after the answer."""

    status: HTTPStatus
    said: str


class _TooLarge(_BodyRefused):
    """More comes than anything here takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    said = "Det sendte er for stort. En fil må højst fylde 50 MB."


class _TooSlow(_BodyRefused):
    """A body comes so slowly that whoever sends it is cut off."""

    status = HTTPStatus.REQUEST_TIMEOUT
    said = "Det sendte kom for langsomt. Intet er gennemført; prøv igen."


class Body:
    """The body of a request as it comes: no more than so many bytes, and no slower than a least rate."""

    def __init__(self, receive: Receive, most: int, grace: float) -> None:
        """Take how many bytes there may be, and how many seconds even the smallest body may take."""
        self._receive = receive
        self._grace = grace
        self._most = most
        self._come = 0
        self._since: float | None = None
        self._is_slow = False
        self.is_whole = False

    async def receive(self) -> Message:
        """The next message. Raises: _TooLarge, _TooSlow."""
        if self.is_whole:
            return await self._receive()
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        allowed = min(self._grace + self._come / LEAST_RATE, LONGEST_BODY)
        try:
            with fail_after(self._since + allowed - now):
                message = await self._receive()
        except TimeoutError:
            self._is_slow = True
            raise _TooSlow from None
        self._come += len(message.get("body", b""))
        self.is_whole = not message.get("more_body", False)
        self.must_be_sound()
        return message

    def must_be_sound(self) -> None:
        """Raises: _TooLarge, _TooSlow."""
        if self._come > self._most:
            raise _TooLarge
        if self._is_slow:
            raise _TooSlow


def has_body(headers: Mapping[str, str]) -> bool:
    """Whether a request announces a body."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def most_of(path: str) -> int:
    """How many bytes a body may have that is sent to a path."""
    if path in UPLOADS:
        return LARGEST_UPLOAD
    return next((most for start, most in LARGEST.items() if path.startswith(start)), LARGEST_FORM)


def closing(send: Send) -> Send:
    """Answer, and close the connection: what is left of the body isn't waited for."""

    async def last(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return last


class SecurityMiddleware:
    """Middleware around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        settings: WebSettings,
        tell: Callable[[HTTPStatus, str], ASGIApp],
        observer: Observer,
        ids: Ids,
    ) -> None:
        """Take what is guarded, what makes the page that says what went wrong, and who watches."""
        self._app = app
        self._tell = tell
        self._settings = settings
        self._observer = observer
        self._ids = ids
        self._origin = settings.origin
        self._log = logger("brugerbog.web")
        policy = {
            "default-src": "'none'",
            "style-src": "'self'",
            "script-src": "'self'",
            "img-src": "'self'",
            "font-src": "'self'",
            "connect-src": "'self'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
            "object-src": "'none'",
        }
        headers = {
            "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
        }
        if settings.is_secure:
            headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request_id = request_id_of(headers, self._ids)
        work = Operation(
            OperationKind.REQUEST, "none", scope["method"], request_id, traceparent_of(headers), outcome="0"
        )
        is_kept = scope["path"].startswith(_KEEPABLE)
        caching = b"public, max-age=3600" if is_kept else b"no-store"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                work.outcome = str(message["status"])
                own = [pair for pair in message["headers"] if pair[0].lower() != b"cache-control"]
                also = ((b"cache-control", caching), (REQUEST_ID.encode(), request_id.encode()))
                if stale:
                    own.append((STALE, ",".join(sorted(stale)).encode()))
                if message["status"] in _FOR_NOW and not any(name == b"retry-after" for name, _ in own):
                    own.append((b"retry-after", RETRY_AFTER))
                message = {**message, "headers": [*own, *also, *self._headers]}
            await send(message)

        with collect_stale() as stale, self._observer.observe(work):
            try:
                refused = self._refused(scope, headers)
                if refused is not None:
                    await refused(scope, receive, answer)
                else:
                    await self._limited(scope, receive, answer, headers, most_of(scope["path"]))
            finally:
                work.name = "static" if is_kept else _kind_of_page(scope)

    def _refused(self, scope: Scope, headers: Mapping[str, str]) -> ASGIApp | None:
        """Only our own pages change anything, and only under the name that we go by."""
        is_ours = headers.get("host") == self._origin.partition("://")[2]
        if not is_ours and scope["path"] not in (LIVEZ, READYZ):
            # Of an address that isn't ours, not even our styles can be asked for.
            return PlainTextResponse(f"Siderne findes på {self._settings.base_url}\n", 421)
        if scope["method"] in _SAFE or scope["path"].startswith(SYSTEM_ACTORS) or self._is_from_here(headers):
            return None
        return self._tell(HTTPStatus.FORBIDDEN, _FOREIGN)

    def _is_from_here(self, headers: Mapping[str, str]) -> bool:
        """As the browser says; one that says neither is too old to be believed."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        return headers.get("origin") == self._origin

    async def _limited(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], most: int
    ) -> None:
        body = Body(receive, most, 1.5 * self._settings.request_seconds)
        begun = False

        async def started(message: Message) -> None:
            nonlocal begun
            if not begun:
                # Whoever read the form took the failure for one of the form's and is about to say so.
                body.must_be_sound()
                if not body.is_whole and has_body(headers):
                    # What is left of it isn't waited for, and can't be taken for another request.
                    message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            begun = True
            await send(message)

        said = headers.get("content-length", "0")
        try:
            if not said.isascii() or not said.isdecimal() or int(said) > most:
                raise _TooLarge  # noqa: TRY301 - answered like one that grows too large
            await self._app(scope, body.receive, started)
        except _BodyRefused as cut:
            if not begun:
                await self._tell(cut.status, cut.said)(scope, receive, closing(send))
        except Exception as error:  # noqa: BLE001 - the outermost door: whatever happens is answered, in no traceback
            self._log.error("page_failed", failure=type(error).__name__, at=place_of(error))
            if not begun:
                await self._tell(HTTPStatus.INTERNAL_SERVER_ERROR, _UNEXPECTED)(scope, receive, send)


def place_of(error: Exception) -> str:
    """Where something went wrong: a file and a line, and nothing of what was worked on."""
    *_, last = walk_tb(error.__traceback__)
    return f"{Path(last[0].f_code.co_filename).name}:{last[1]}"


def _kind_of_page(scope: Scope) -> str:
    """The path with names in place of what differs from one address to the next: some of it is secret."""
    mounted_at: str = scope.get("root_path", "")
    # A route knows the path that it was given; the one it has in the whole, FastAPI notes beside it.
    route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return mounted_at + str(route.path_format) if route is not None else mounted_at or "none"
