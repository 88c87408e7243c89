"""A page that says what has gone wrong, where no form of its own shows it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse

from brugerbog.application.rate_limits import TooManyTries
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.masking import masked
from brugerbog.entrypoints.web.context import WebContext, web_context_of
from brugerbog.entrypoints.web.request_context import NotLoggedIn, context
from brugerbog.entrypoints.web.statuses import status_of
from brugerbog.service import StoreFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

_HEADINGS: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "Siden blev ikke forstået",
    HTTPStatus.FORBIDDEN: "Du har ikke adgang",
    HTTPStatus.NOT_FOUND: "Ikke fundet",
    HTTPStatus.GONE: "Findes ikke længere",
    HTTPStatus.TOO_MANY_REQUESTS: "Vent lidt",
    HTTPStatus.SERVICE_UNAVAILABLE: "Prøv igen om lidt",
}


def told(request: Request, status: HTTPStatus, message: str) -> Response:
    """With the menu around it for whoever is logged in, so that he finds on from there."""
    try:
        return context(request).page("message.html", status=status, heading=_heading(status), message=message)
    except (NotLoggedIn, Refusal, StoreFailure):
        return told_plainly(web_context_of(request), status, message)


def refusal_response(request: Request, refusal: Refusal) -> Response:
    """What was refused, and where somebody is to wait, for how long."""
    response = told(request, status_of(refusal), masked(refusal.message))
    if isinstance(refusal, TooManyTries):
        response.headers["retry-after"] = str(refusal.retry_after)
    return response


def told_plainly(web_context: WebContext, status: HTTPStatus, message: str) -> Response:
    """The same without asking the store who it is."""
    facts = {"visit": None, "heading": _heading(status), "message": message}
    return HTMLResponse(web_context.pages.render("message.html", facts), status)


def _heading(status: HTTPStatus) -> str:
    return _HEADINGS.get(status, "Det lykkedes ikke")
