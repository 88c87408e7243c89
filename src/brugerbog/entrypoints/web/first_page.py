"""The root address, which redirects to a page by role."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import RedirectResponse

from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.request_context import LoggedIn

router = Router()


@router.get("/")
def first_page(context: LoggedIn) -> RedirectResponse:
    """Redirect administrators to the list of users, and all others to their own profile."""
    return RedirectResponse("/brugere" if context.may("see_users") else "/min-profil", HTTPStatus.SEE_OTHER)
