"""The context of all HTTP requests: the opened service and its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

    from brugerbog.application.ports.clock import Ids
    from brugerbog.application.rate_limits import RateLimiter
    from brugerbog.infrastructure.web.settings import WebSettings
    from brugerbog.service import Service


@dataclass(frozen=True, slots=True)
class HttpContext:
    """The dependencies that the web pages, the API, SCIM and the middleware share."""

    service: Service
    settings: WebSettings
    ids: Ids

    @property
    def rate_limiter(self) -> RateLimiter:
        """The limiter whose counts all processes of the store share."""
        return self.service.rate_limiter


def http_context_of(request: Request) -> HttpContext:
    """Return the context of the application that serves a request."""
    http_context: HttpContext = request.app.state.http_context
    return http_context
