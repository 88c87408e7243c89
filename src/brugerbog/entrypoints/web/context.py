"""The context of the web pages: sessions, uploads, templates and the login, besides the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brugerbog.entrypoints.http.context import HttpContext

if TYPE_CHECKING:
    from starlette.requests import Request

    from brugerbog.entrypoints.web.background_jobs import BackgroundJobs
    from brugerbog.entrypoints.web.login_provider import LoginProvider
    from brugerbog.entrypoints.web.rendering import Templates
    from brugerbog.infrastructure.keys.sealed_tokens import SealedTokens
    from brugerbog.infrastructure.web.sessions import StoredSessions
    from brugerbog.infrastructure.web.uploads import StoredUploads
    from brugerbog.infrastructure.web.used_logins import UsedLogins


@dataclass(frozen=True, slots=True)
class WebContext(HttpContext):
    """The dependencies of the web pages."""

    sessions: StoredSessions
    sealed_tokens: SealedTokens
    used_logins: UsedLogins
    uploads: StoredUploads
    background_jobs: BackgroundJobs
    templates: Templates
    login_provider: LoginProvider

    @property
    def cookie(self) -> str:
        """The name of the session cookie.

        Browsers send a cookie with the prefix `__Host-` over TLS only, and to this host only.
        """
        return "__Host-brugerbog" if self.settings.is_secure else "brugerbog"


def web_context_of(request: Request) -> WebContext:
    """Return the context of the application that serves a request."""
    web_context: WebContext = request.app.state.web_context
    return web_context
