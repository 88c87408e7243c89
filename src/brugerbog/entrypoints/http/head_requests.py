"""HEAD on every route that takes GET: the same headers without the body (RFC 9110, section 9.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _HeadersSent(Exception):
    """The headers are sent: the rest of a streaming response isn't needed."""


class HeadAsGet:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        # A copy: the server needs HEAD in its own scope, to send a response with a length and no body.
        inner = {**scope, "method": "GET"}

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            elif message.get("more_body", False):
                raise _HeadersSent

        try:
            await self._app(inner, receive, send_head)
        except* _HeadersSent:
            pass
        finally:
            # The observer reads the route from the scope.
            scope.update(inner, method="HEAD")
