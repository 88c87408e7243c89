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
    """A MitID broker, or in the demo a page in its place."""

    @property
    def router(self) -> APIRouter:
        """The routes of the provider's own pages."""
        ...

    async def start_login(self, request: Request, next_path: str) -> Response:
        """Send the browser to the provider to log in for an organisation; it returns to `next_path`."""
        ...

    async def start_identity_confirmation(self, request: Request, next_path: str) -> Response:
        """Send the browser to the provider to prove a person's identity, for the link at `next_path`."""
        ...

    async def after_logout(self, request: Request) -> Response:
        """Return the response after a logout, which ends the session at the broker too, if the broker can."""
        ...
