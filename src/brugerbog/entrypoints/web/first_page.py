"""Where somebody comes who names no page."""

from __future__ import annotations

from starlette.responses import RedirectResponse

from brugerbog.entrypoints.web.routing import Router
from brugerbog.entrypoints.web.visit import Visiting
from brugerbog.entrypoints.web.ways_in import SEE_OTHER

router = Router()


@router.get("/")
def first_page(visit: Visiting) -> RedirectResponse:
    """The list of users for administrators, for everybody else his own page."""
    return RedirectResponse("/brugere" if visit.may("see_users") else "/min-profil", SEE_OTHER)
