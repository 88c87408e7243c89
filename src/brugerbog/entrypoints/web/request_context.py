"""One request of somebody who is logged in: who he is, what he may, and how he is answered."""

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
from brugerbog.entrypoints.http.routing import identified_by, kept
from brugerbog.entrypoints.web.context import WebContext, web_context_of

if TYPE_CHECKING:
    from uuid import UUID

    from brugerbog.application.commands.administration import Administration
    from brugerbog.application.queries.menu import Menu
    from brugerbog.application.queries.queries import Queries
    from brugerbog.application.queries.user_list import UserView
    from brugerbog.infrastructure.web.sessions import Session

SAID: Final = "said"
"""Where a session remembers what is to be said on the next page."""


class NotLoggedIn(Exception):
    """Whoever asks must log in first; `why` is a word that the login page explains."""

    def __init__(self, why: str | None = None) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True, slots=True)
class RequestContext:
    """A request within a session. Nothing here decides what is allowed: the service does, each time."""

    request: Request
    web_context: WebContext
    session: Session
    actor: Actor
    menu: Menu

    @property
    def administration(self) -> Administration:
        """Takes commands."""
        return self.web_context.service.administration

    @property
    def queries(self) -> Queries:
        """Answers questions."""
        return self.web_context.service.queries

    def new_id(self) -> UUID:
        """An id for a form that is about to be shown: sent twice, it is one command."""
        return self.web_context.ids.random_id()

    def may(self, command: str) -> bool:
        """Whether to show what leads to a command or question."""
        return self.menu.may(command)

    def must(self, command: str) -> None:
        """Show no form to whom its command will be refused; that he asked is logged. Raises: NotAllowed."""
        if not self.may(command):
            refusal = NotAllowed(command)
            self.web_context.service.observer.refused(command, self.actor, refusal)
            raise refusal

    def living_user(self, user_id: UUID) -> UserView:
        """A user whom something can still be done to. Raises: UserUnknown, AlreadyDeleted."""
        user = self.queries.user(self.actor, user_id)
        if user.status is Status.DELETED:
            raise AlreadyDeleted(user_id)
        return user

    def page(self, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:  # noqa: ANN401 - a template's
        """A page with the menu around it, and what was left to be said on it."""
        said = self.session.data.get(SAID)
        if said is not None:
            self.web_context.sessions.keep(self.session, **{SAID: None})
        text = self.web_context.pages.render(
            template, facts | {"visit": self, "menu": self.menu, "said": said, "path": self.request.url.path}
        )
        return HTMLResponse(text, status)

    def go(self, path: str, *, said: str | None = None, kind: str = "success") -> RedirectResponse:
        """After a deed: another page, with what was done said at its top."""
        if said is not None:
            self.web_context.sessions.keep(self.session, **{SAID: {"text": said, "kind": kind}})
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def context(request: Request) -> RequestContext:
    """Who asks, found once in a request. Raises: as `_visit`."""
    return kept(request, "visit", lambda: _visit(request))


def _visit(request: Request) -> RequestContext:
    """Who asks. Raises: NotLoggedIn, also for those whose session is over from one moment to the next.

    A session ends at once when its user is no longer active, or loses a role that he logged in with.
    """
    web_context = web_context_of(request)
    written = request.cookies.get(web_context.cookie)
    if not written:
        raise NotLoggedIn
    token = Secret(written)
    session = web_context.sessions.find(token)
    if session is None:
        raise NotLoggedIn("session_over")
    actor = Actor(session.user_id, session.organisation_id, Door.WEB)
    try:
        menu = web_context.service.queries.menu(actor)
    except (NotAllowed, UserUnknown, OrganisationUnknown):
        web_context.sessions.end(token)
        raise NotLoggedIn("not_active") from None
    # Asking for the menu has followed a change of the token key, which ends all sessions.
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


identified_by(context, context)

LoggedIn = Annotated[RequestContext, Depends(context)]
"""A page for those who are logged in."""
