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


def let_in(request: Request, user_id: UUID, organisation_id: UUID, onward: str) -> Response:
    """Begin a session for an active user, in a new cookie, and go on. Raises: NotAllowed and its kin.

    A session that the browser was in is over with that.
    """
    web_context = web_context_of(request)
    menu = web_context.service.queries.menu(Actor(user_id, organisation_id, Door.WEB))
    if earlier := request.cookies.get(web_context.cookie):
        web_context.sessions.end(Secret(earlier))
    token = web_context.sessions.begin(user_id, organisation_id, menu.roles)
    logger("brugerbog.web").info("logged_in", actor=str(user_id), organisation=str(organisation_id))
    response = RedirectResponse(own_path(onward), HTTPStatus.SEE_OTHER)
    response.set_cookie(
        web_context.cookie,
        token.reveal(),
        httponly=True,
        secure=web_context.settings.is_secure,
        samesite="lax",
        path="/",
    )
    return response


class Proved(ProvedIdentity):
    """What a broker has just said of somebody, or what stands in for it (port: `IdentityProof`)."""

    __slots__ = ()

    def proved(self) -> ProvedIdentity:
        """Himself."""
        return self


def confirm(request: Request, onward: str, proof: Proved) -> Response:
    """Confirm the identity of whoever came with the link at `onward`, and go back there.

    Where it is another's, or too weakly proved, it is said so, and he may try again. Raises: LinkUnknown and
    its kin.
    """
    page = next((page for page in LINK_PAGES if onward.startswith(page)), None)
    if page is None:
        raise LinkUnknown
    token, web_context = onward.removeprefix(page).partition("/")[0], web_context_of(request)
    try:
        web_context.service.self_service.confirm_identity(token, proof, door=Door.WEB)
    except (IdentityDoesNotMatch, AssuranceTooLow) as refusal:
        facts = {"message": refusal.message, "path": f"{page}{token}"}
        return HTMLResponse(web_context.pages.render("link_not_yours.html", facts), 422)
    return RedirectResponse(f"{page}{token}", HTTPStatus.SEE_OTHER)


def logged_out() -> Response:
    """To the login page, which says so."""
    return RedirectResponse(f"{LOGIN_PAGE}?fordi=logged_out", HTTPStatus.SEE_OTHER)


def own_path(written: str | None) -> str:
    """A path on our own pages; the first page instead of anything else."""
    if not written or not written.startswith("/") or written.startswith("//") or "\\" in written:
        return "/"
    return written if written.isprintable() else "/"
