"""Middleware around the application: origin checks, body limits, security headers, request ids."""

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
MAX_FORM_BYTES: Final = 2 * MEBIBYTE
MAX_UPLOAD_BYTES: Final = 51 * MEBIBYTE
"""A file of 50 MB, and the multipart encoding around it."""

MAX_BYTES_BY_PATH: Final = {
    "/api/v1/token": 16 << 10,
    "/api/v1/activities": MAX_FORM_BYTES,
    "/api/": MEBIBYTE,
    "/aktivering/": 16 << 10,
    "/identifikationsmidler/": 16 << 10,
    "/log-ind": 16 << 10,
}
"""The most bytes of a body, by the prefix of its path; the limit of other paths is `MAX_FORM_BYTES`."""

MIN_BYTES_PER_SECOND: Final = 16 << 10
MAX_BODY_SECONDS: Final = 600.0
"""A body below this rate is cut off, and every body after this time."""

UPLOADS: Final = ("/brugere/fil", "/api/v1/imports")
TOKEN_PATHS: Final = ("/api/", "/scim/")
"""Paths authenticated by tokens. No browser sends these by itself, so the origin doesn't matter."""

LIVEZ: Final = "/livez"
READYZ: Final = "/readyz"
"""The paths of probes, which use the machine's address instead of the host name of the pages."""

RETRY_AFTER: Final = b"5"
"""The seconds in `Retry-After` of a temporary refusal that names none."""

STALE_HEADER: Final = b"brugerbog-stale"
"""The header with the names of the lagging projections that a response was read from."""

_TEMPORARY: Final = (429, 503)
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_CACHEABLE: Final = ("/static/", "/dkfds/")


_FOREIGN_FORM: Final = "Formularen kom ikke fra vores egne sider og er afvist."
_UNEXPECTED: Final = "Der skete en uventet fejl. Intet er meldt gennemført; kontrollér, og prøv igen."


class _BodyRefused(Exception):
    """A body that is cut off. The connection closes after the response."""

    status: HTTPStatus
    message: str


class _TooLarge(_BodyRefused):
    """The body exceeds the limit of its path."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    message = "Det sendte er for stort. En fil må højst fylde 50 MB."


class _TooSlow(_BodyRefused):
    """The body arrives more slowly than the minimum rate."""

    status = HTTPStatus.REQUEST_TIMEOUT
    message = "Det sendte kom for langsomt. Intet er gennemført; prøv igen."


class LimitedBody:
    """The body of a request as it arrives, with a maximum size and a minimum rate."""

    def __init__(self, receive: Receive, max_bytes: int, grace_seconds: float) -> None:
        """Take the most bytes, and the seconds that even the smallest body may take."""
        self._receive = receive
        self._grace_seconds = grace_seconds
        self._max_bytes = max_bytes
        self._received = 0
        self._since: float | None = None
        self._is_slow = False
        self.is_complete = False

    async def receive(self) -> Message:
        """Return the next message. Raises: _TooLarge, _TooSlow."""
        if self.is_complete:
            return await self._receive()
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        allowed = min(self._grace_seconds + self._received / MIN_BYTES_PER_SECOND, MAX_BODY_SECONDS)
        try:
            with fail_after(self._since + allowed - now):
                message = await self._receive()
        except TimeoutError:
            self._is_slow = True
            raise _TooSlow from None
        self._received += len(message.get("body", b""))
        self.is_complete = not message.get("more_body", False)
        self.check()
        return message

    def check(self) -> None:
        """Raises: _TooLarge, _TooSlow."""
        if self._received > self._max_bytes:
            raise _TooLarge
        if self._is_slow:
            raise _TooSlow


def has_body(headers: Mapping[str, str]) -> bool:
    """Whether a request announces a body."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def max_body_bytes(path: str) -> int:
    """Return the most bytes of a body sent to a path."""
    if path in UPLOADS:
        return MAX_UPLOAD_BYTES
    limits = (limit for prefix, limit in MAX_BYTES_BY_PATH.items() if path.startswith(prefix))
    return next(limits, MAX_FORM_BYTES)


def with_connection_close(send: Send) -> Send:
    """Send the response and close the connection, without waiting for the rest of the body."""

    async def send_and_close(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return send_and_close


class SecurityMiddleware:
    """Middleware around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        settings: WebSettings,
        render_error: Callable[[HTTPStatus, str], ASGIApp],
        observer: Observer,
        ids: Ids,
    ) -> None:
        """Take the application, the function that renders an error, and the observer of requests."""
        self._app = app
        self._render_error = render_error
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
        operation = Operation(
            OperationKind.REQUEST, "none", scope["method"], request_id, traceparent_of(headers), outcome="0"
        )
        is_cacheable = scope["path"].startswith(_CACHEABLE)
        caching = b"public, max-age=3600" if is_cacheable else b"no-store"

        async def respond(message: Message) -> None:
            if message["type"] == "http.response.start":
                operation.outcome = str(message["status"])
                own = [pair for pair in message["headers"] if pair[0].lower() != b"cache-control"]
                also = ((b"cache-control", caching), (REQUEST_ID.encode(), request_id.encode()))
                if stale:
                    own.append((STALE_HEADER, ",".join(sorted(stale)).encode()))
                if message["status"] in _TEMPORARY and not any(name == b"retry-after" for name, _ in own):
                    own.append((b"retry-after", RETRY_AFTER))
                message = {**message, "headers": [*own, *also, *self._headers]}
            await send(message)

        with collect_stale() as stale, self._observer.observe(operation):
            try:
                refused = self._refusal_of(scope, headers)
                if refused is not None:
                    await refused(scope, receive, respond)
                else:
                    await self._run_with_limits(
                        scope, receive, respond, headers, max_body_bytes(scope["path"])
                    )
            finally:
                operation.name = "static" if is_cacheable else _route_path(scope)

    def _refusal_of(self, scope: Scope, headers: Mapping[str, str]) -> ASGIApp | None:
        """Refuse other host names, and changes sent from pages of another origin."""
        is_ours = headers.get("host") == self._origin.partition("://")[2]
        if not is_ours and scope["path"] not in (LIVEZ, READYZ):
            # Under another host name, even the style sheets are refused.
            return PlainTextResponse(f"Siderne findes på {self._settings.base_url}\n", 421)
        if scope["method"] in _SAFE or scope["path"].startswith(TOKEN_PATHS) or self._is_same_origin(headers):
            return None
        return self._render_error(HTTPStatus.FORBIDDEN, _FOREIGN_FORM)

    def _is_same_origin(self, headers: Mapping[str, str]) -> bool:
        """Whether a request comes from our origin; a browser without either header is too old to trust."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        return headers.get("origin") == self._origin

    async def _run_with_limits(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], max_bytes: int
    ) -> None:
        body = LimitedBody(receive, max_bytes, 1.5 * self._settings.request_seconds)
        begun = False

        async def started(message: Message) -> None:
            nonlocal begun
            if not begun:
                # The form's parser took the failure for an error of the form, and responds with that.
                body.check()
                if not body.is_complete and has_body(headers):
                    # The rest of the body isn't awaited, and must not be parsed as another request.
                    message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            begun = True
            await send(message)

        length = headers.get("content-length", "0")
        try:
            if not length.isascii() or not length.isdecimal() or int(length) > max_bytes:
                raise _TooLarge  # noqa: TRY301 - same response as a body that grows too large
            await self._app(scope, body.receive, started)
        except _BodyRefused as refused:
            if not begun:
                await self._render_error(refused.status, refused.message)(
                    scope, receive, with_connection_close(send)
                )
        except Exception as error:  # noqa: BLE001 - the outermost handler: a response without a traceback
            self._log.error("page_failed", failure=type(error).__name__, at=location_of(error))
            if not begun:
                await self._render_error(HTTPStatus.INTERNAL_SERVER_ERROR, _UNEXPECTED)(scope, receive, send)


def location_of(error: Exception) -> str:
    """Return the file and line of an error, without any data."""
    *_, last = walk_tb(error.__traceback__)
    return f"{Path(last[0].f_code.co_filename).name}:{last[1]}"


def _route_path(scope: Scope) -> str:
    """Return the path with parameter names in place of values, as some values are secret."""
    mounted_at: str = scope.get("root_path", "")
    # A route has the path within its router; FastAPI stores the whole path in another context.
    route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return mounted_at + str(route.path_format) if route is not None else mounted_at or "none"
