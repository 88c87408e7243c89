"""The context of one request of a logged-in user: actor, permissions and responses."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from brugerbog.application.actors import Actor
from brugerbog.application.refusals.requests import NotAllowed, OrganisationUnknown, UserUnknown
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.http.routing import cached_on, identify_with
from brugerbog.entrypoints.web.context import WebContext, web_context_of

if TYPE_CHECKING:
    from uuid import UUID

    from brugerbog.application.commands.administration import Administration
    from brugerbog.application.queries.menu import Menu
    from brugerbog.application.queries.queries import Queries
    from brugerbog.application.queries.user_list import UserView
    from brugerbog.infrastructure.web.sessions import Session

FLASH: Final = "said"
"""The key in a session of the flash message for the next page."""


class NotLoggedIn(Exception):
    """The request needs a login; `reason` is a code that the login page explains."""

    def __init__(self, reason: str | None = None) -> None:
        super().__init__()
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RequestContext:
    """A request within a session. The service decides each time what the actor may do."""

    request: Request
    web_context: WebContext
    session: Session
    actor: Actor
    menu: Menu

    @property
    def administration(self) -> Administration:
        """The commands of the service."""
        return self.web_context.service.administration

    @property
    def queries(self) -> Queries:
        """The queries of the service."""
        return self.web_context.service.queries

    def new_id(self) -> UUID:
        """Return a new id, such as the command id of a form: sent twice, the form is one command."""
        return self.web_context.ids.random_id()

    def may(self, command: str) -> bool:
        """Whether to show links to a command or query."""
        return self.menu.may(command)

    def require(self, command: str) -> None:
        """Refuse a page whose command would be refused; the observer logs it. Raises: NotAllowed."""
        if not self.may(command):
            refusal = NotAllowed(command)
            self.web_context.service.observer.refused(command, self.actor, refusal)
            raise refusal

    def undeleted_user(self, user_id: UUID) -> UserView:
        """Return a user who isn't deleted. Raises: UserUnknown, AlreadyDeleted."""
        user = self.queries.user(self.actor, user_id)
        if user.status is Status.DELETED:
            raise AlreadyDeleted(user_id)
        return user

    def page(self, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:  # noqa: ANN401 - a template's
        """Return a page with the menu, and with the session's flash message."""
        flash = self.session.data.get(FLASH)
        if flash is not None:
            self.web_context.sessions.keep(self.session, **{FLASH: None})
        path = self.request.url.path
        facts |= {"context": self, "menu": self.menu, "flash": flash, "path": path}
        text = self.web_context.templates.render(template, facts)
        return HTMLResponse(text, status)

    def redirect(self, path: str, *, flash: str | None = None, kind: str = "success") -> RedirectResponse:
        """Redirect to another page, which shows the flash message at its top."""
        if flash is not None:
            self.web_context.sessions.keep(self.session, **{FLASH: {"text": flash, "kind": kind}})
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def request_context_of(request: Request) -> RequestContext:
    """Return the request's context, computed once per request. Raises: as `_identify`."""
    return cached_on(request, "request_context", lambda: _identify(request))


def _identify(request: Request) -> RequestContext:
    """Return the context of a session. Raises: NotLoggedIn, also when this request ends the session.

    A session ends at once when its user is no longer active, or loses a role from the time of the login.
    """
    web_context = web_context_of(request)
    cookie = request.cookies.get(web_context.cookie)
    if not cookie:
        raise NotLoggedIn
    token = Secret(cookie)
    session = web_context.sessions.find(token)
    if session is None:
        raise NotLoggedIn("session_over")
    actor = Actor(session.user_id, session.organisation_id, Door.WEB)
    try:
        menu = web_context.service.queries.menu(actor)
    except (NotAllowed, UserUnknown, OrganisationUnknown):
        web_context.sessions.end(token)
        raise NotLoggedIn("not_active") from None
    # The query of the menu has noticed a new token key, which ends all sessions.
    ended_at = menu.sessions_ended_at
    if ended_at is not None and session.begun_at <= ended_at:
        web_context.sessions.end(token)
        raise NotLoggedIn("session_over")
    if not web_context.sessions.is_in_force(session):
        raise NotLoggedIn("session_over")
    if not session.roles <= menu.roles:
        web_context.sessions.end(token)
        raise NotLoggedIn("role_taken")
    return RequestContext(request, web_context, session, actor, menu)


identify_with(request_context_of, request_context_of)

LoggedIn = Annotated[RequestContext, Depends(request_context_of)]
"""The context as a dependency of pages that need a login."""
