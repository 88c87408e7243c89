"""HEAD is answered as GET is, without the body (RFC 9110, section 9.3.2), wherever GET is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Told(Exception):
    """The headers are sent: nobody waits for the rest of an answer that comes piece by piece."""


class HeadAsGet:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        # A copy: the server goes by its own, in which an answer to HEAD has a length and no body.
        inner = {**scope, "method": "GET"}

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            elif message.get("more_body", False):
                raise _Told

        try:
            await self._app(inner, receive, send_head)
        except* _Told:
            pass
        finally:
            # Whoever watches reads there which page it was.
            scope.update(inner, method="HEAD")
