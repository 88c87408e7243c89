"""The error page, for errors that no form shows."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse

from brugerbog.application.rate_limits import TooManyTries
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.masking import masked
from brugerbog.entrypoints.web.context import WebContext, web_context_of
from brugerbog.entrypoints.web.request_context import NotLoggedIn, request_context_of
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


def error_response(request: Request, status: HTTPStatus, message: str) -> Response:
    """Return an error page, with the menu for a logged-in user."""
    try:
        return request_context_of(request).page(
            "message.html", status=status, heading=_heading(status), message=message
        )
    except (NotLoggedIn, Refusal, StoreFailure):
        return plain_error_response(web_context_of(request), status, message)


def refusal_response(request: Request, refusal: Refusal) -> Response:
    """Return the page of a refusal, with `Retry-After` for a rate limit."""
    response = error_response(request, status_of(refusal), masked(refusal.message))
    if isinstance(refusal, TooManyTries):
        response.headers["retry-after"] = str(refusal.retry_after)
    return response


def plain_error_response(web_context: WebContext, status: HTTPStatus, message: str) -> Response:
    """Return an error page without a menu, which needs no access to the store."""
    facts = {"context": None, "heading": _heading(status), "message": message}
    return HTMLResponse(web_context.templates.render("message.html", facts), status)


def _heading(status: HTTPStatus) -> str:
    return _HEADINGS.get(status, "Det lykkedes ikke")
