"""Where somebody comes who names no page."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import RedirectResponse

from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.request_context import LoggedIn

router = Router()


@router.get("/")
def first_page(context: LoggedIn) -> RedirectResponse:
    """The list of users for administrators, for everybody else his own page."""
    return RedirectResponse("/brugere" if context.may("see_users") else "/min-profil", HTTPStatus.SEE_OTHER)
