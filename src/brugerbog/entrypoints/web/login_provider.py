"""The port of a login provider: a MitID broker, or the page that takes its place in the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from fastapi import APIRouter
    from starlette.requests import Request
    from starlette.responses import Response

LOGIN_PAGE: Final = "/log-ind"
LINK_PAGES: Final = ("/aktivering/", "/identifikationsmidler/")
"""The first parts of the addresses in mails; the token of the link follows."""


class LoginProvider(Protocol):
    """A broker, or in the demo a page that stands in for one."""

    @property
    def router(self) -> APIRouter:
        """The pages that belong to it."""
        ...

    async def to_login(self, request: Request, onward: str) -> Response:
        """Send a browser off to prove on whose behalf somebody acts; then it comes back and goes `onward`."""
        ...

    async def to_identity(self, request: Request, onward: str) -> Response:
        """Send a browser off to prove who somebody is himself, for the link at `onward`."""
        ...

    async def after_logout(self, request: Request) -> Response:
        """Where somebody comes who has logged off here: out of the broker's hands too, if it lets him go."""
        ...
