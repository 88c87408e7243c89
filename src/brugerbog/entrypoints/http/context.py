"""What every page is served with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

    from brugerbog.application.ports.event_log import Ids
    from brugerbog.application.rate_limits import RateLimiter
    from brugerbog.bootstrap import Service
    from brugerbog.entrypoints.web.background_jobs import BackgroundJobs
    from brugerbog.entrypoints.web.login.completion import LoginProvider
    from brugerbog.entrypoints.web.rendering import Pages
    from brugerbog.infrastructure.crypto.sealed_tokens import SealedTokens
    from brugerbog.infrastructure.web.sessions import StoredSessions
    from brugerbog.infrastructure.web.settings import WebSettings
    from brugerbog.infrastructure.web.uploads import StoredUploads
    from brugerbog.infrastructure.web.used_logins import UsedLogins


@dataclass(frozen=True, slots=True)
class WebContext:
    """The opened service, and what the web pages need besides: sessions, uploads, templates, the log-in."""

    service: Service
    settings: WebSettings
    sessions: StoredSessions
    tickets: SealedTokens
    used_logins: UsedLogins
    uploads: StoredUploads
    background_jobs: BackgroundJobs
    ids: Ids
    pages: Pages
    login_provider: LoginProvider

    @property
    def rate_limiter(self) -> RateLimiter:
        """Counts for all processes of the store."""
        return self.service.rate_limiter

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; one with this prefix is never sent in the clear or to others."""
        return "__Host-brugerbog" if self.settings.is_secure else "brugerbog"


def web_context_of(request: Request) -> WebContext:
    """The desk of the application that a request came to."""
    web_context: WebContext = request.app.state.web_context
    return web_context
