"""The end of a login and of an identity confirmation: a session begins, or a link goes on."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.responses import HTMLResponse, RedirectResponse

from brugerbog.application.actors import Actor
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.user.identity_confirmation import AssuranceTooLow, IdentityDoesNotMatch, ProvedIdentity
from brugerbog.domain.user.links import LinkUnknown
from brugerbog.entrypoints.web.context import web_context_of
from brugerbog.entrypoints.web.login_provider import LINK_PAGES, LOGIN_PAGE
from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def start_session(request: Request, user_id: UUID, organisation_id: UUID, next_path: str) -> Response:
    """Start a session of an active user in a new cookie, and redirect to `next_path`.

    This ends the browser's earlier session. Raises: NotAllowed, UserUnknown, OrganisationUnknown.
    """
    web_context = web_context_of(request)
    menu = web_context.service.queries.menu(Actor(user_id, organisation_id, Door.WEB))
    if earlier := request.cookies.get(web_context.cookie):
        web_context.sessions.end(Secret(earlier))
    token = web_context.sessions.begin(user_id, organisation_id, menu.roles)
    logger("brugerbog.web").info("logged_in", actor=str(user_id), organisation=str(organisation_id))
    response = RedirectResponse(local_path(next_path), HTTPStatus.SEE_OTHER)
    response.set_cookie(
        web_context.cookie,
        token.reveal(),
        httponly=True,
        secure=web_context.settings.is_secure,
        samesite="lax",
        path="/",
    )
    return response


class BrokerProof(ProvedIdentity):
    """A proof of identity from a broker, or in the demo from a form (port: `IdentityProof`)."""

    __slots__ = ()

    def proved(self) -> ProvedIdentity:
        """Return this proof: the broker has given it already."""
        return self


def confirm_identity(request: Request, next_path: str, proof: BrokerProof) -> Response:
    """Confirm the identity of the user of the link at `next_path`, and redirect to the link.

    For another identity or a too low level, the page explains that and lets the user try again. Raises:
    LinkUnknown, LinkVoided, LinkExpired, LinkUsed.
    """
    page = next((page for page in LINK_PAGES if next_path.startswith(page)), None)
    if page is None:
        raise LinkUnknown
    token, web_context = next_path.removeprefix(page).partition("/")[0], web_context_of(request)
    try:
        web_context.service.self_service.confirm_identity(token, proof, door=Door.WEB)
    except (IdentityDoesNotMatch, AssuranceTooLow) as refusal:
        facts = {"message": refusal.message, "path": f"{page}{token}"}
        return HTMLResponse(web_context.templates.render("link_not_yours.html", facts), 422)
    return RedirectResponse(f"{page}{token}", HTTPStatus.SEE_OTHER)


def logged_out_response() -> Response:
    """Redirect to the login page, which confirms the logout."""
    return RedirectResponse(f"{LOGIN_PAGE}?fordi=logged_out", HTTPStatus.SEE_OTHER)


def local_path(path: str | None) -> str:
    """Return a path on our own pages; the root for anything else."""
    if not path or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return "/"
    return path if path.isprintable() else "/"
