"""The demo's login without MitID, with made-up people; only `brugerbog demo` offers it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from brugerbog.demo.identity_page import DemoIdentity
from brugerbog.demo.mail_page import DemoPost
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.context import web_context_of
from brugerbog.entrypoints.web.login.completion import local_path, logged_out_response, start_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from brugerbog.demo.identity_page import DemoIdentityData

LOGIN: str = "/demo/log-ind"


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A made-up person to log in as, with suggestions of what to try."""

    user_id: UUID
    organisation_id: UUID
    name: str
    organisation: str
    roles: str
    tries: str


class DemoLogin:
    """A login provider without any authentication (port: `LoginProvider`)."""

    def __init__(
        self, people: Sequence[Person], papers: Sequence[DemoIdentityData] = (), outbox: Path | None = None
    ) -> None:
        """Take the people to log in as, the identities of people with links, and the folder of the mails."""
        self._people = people
        self._has_post = outbox is not None
        self._identity = DemoIdentity(papers)
        self.router = Router()
        self.router.add_api_route(LOGIN, self._page, methods=["GET"])
        self.router.add_api_route(LOGIN, self._enter, methods=["POST"], response_model=None)
        self.router.include_router(self._identity.router)
        if outbox is not None:
            self.router.include_router(DemoPost(outbox).router)

    async def start_login(self, _request: Request, next_path: str) -> Response:
        """Redirect to the page to choose a person."""
        return RedirectResponse(f"{LOGIN}?{urlencode({'videre': next_path})}", HTTPStatus.SEE_OTHER)

    async def start_identity_confirmation(self, request: Request, next_path: str) -> Response:
        """Return the page to claim an identity."""
        return self._identity.page(request, next_path)

    async def after_logout(self, _request: Request) -> Response:
        """Redirect to the login page: there is no session elsewhere."""
        return logged_out_response()

    def _page(self, request: Request, videre: str = "/") -> HTMLResponse:
        facts = {"people": self._people, "next_path": local_path(videre), "has_post": self._has_post}
        return HTMLResponse(web_context_of(request).templates.render("demo_login.html", facts))

    def _enter(
        self, request: Request, person: Annotated[UUID, Form()], videre: Annotated[str, Form()] = "/"
    ) -> Response:
        played = next((each for each in self._people if each.user_id == person), None)
        if played is None:
            return RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)
        return start_session(request, played.user_id, played.organisation_id, videre)
