"""A request of somebody who has come by the link in his mail, and where on its way that link stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from brugerbog.application.rate_limits import TooManyTries
from brugerbog.domain.danish.dates import day_and_time
from brugerbog.domain.user.activation import MeansNotChosen
from brugerbog.domain.user.activation_code import CodeTriedMeanwhile, CodeWrong
from brugerbog.domain.user.links import LinkExpired, LinkPurpose, LinkUnknown, LinkUsed, LinkVoided
from brugerbog.domain.user.means_held import ConsentMissing, MeansNotAssigned, MeansNotYetOrdered
from brugerbog.entrypoints.http.failure_limits import count_failure
from brugerbog.entrypoints.web.context import WebContext, web_context_of
from brugerbog.entrypoints.web.error_pages import refusal_response
from brugerbog.entrypoints.web.forms import FormErrors
from brugerbog.entrypoints.web.statuses import status_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brugerbog.application.commands.self_service import OpenedLink, SelfService
    from brugerbog.domain.kernel.refusals import Refusal

_PURPOSES: Final = {"aktivering": LinkPurpose.ACTIVATION, "identifikationsmidler": LinkPurpose.MEANS}

_FIELDS: Final[Mapping[type[Refusal], str]] = {
    CodeWrong: "code",
    CodeTriedMeanwhile: "code",
    ConsentMissing: "consent",
    MeansNotChosen: "means",
    MeansNotAssigned: "means",
    MeansNotYetOrdered: "means",
}

NO_LONGER_GOOD: Final = (LinkUnknown, LinkVoided, LinkExpired, LinkUsed)
"""Why a link leads nowhere."""


@dataclass(frozen=True, slots=True, repr=False)
class LinkContext:
    """Nobody is logged in here: the link is what lets in, and the service says how far."""

    request: Request
    web_context: WebContext
    token: str
    purpose: LinkPurpose

    @classmethod
    def of(cls, request: Request, token: str) -> LinkContext:
        """Whoever comes with a link."""
        return cls(request, web_context_of(request), token, _PURPOSES[request.url.path.split("/")[1]])

    @property
    def self_service(self) -> SelfService:
        """Takes what the user does."""
        return self.web_context.service.self_service

    @property
    def path(self) -> str:
        """Where the link leads."""
        return "/".join(self.request.url.path.split("/")[:3])

    def opened(self) -> OpenedLink:
        """What stands behind the link now. Raises: LinkUnknown and its kin."""
        if self.purpose is LinkPurpose.ACTIVATION:
            return self.self_service.open_activation(self.token)
        return self.self_service.open_means(self.token)

    def page(self, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:  # noqa: ANN401 - a template's
        """A page without a menu."""
        is_activation = self.purpose is LinkPurpose.ACTIVATION
        text = self.web_context.pages.render(
            template, facts | {"path": self.path, "is_activation": is_activation}
        )
        return HTMLResponse(text, status)


def step_of(opened: OpenedLink) -> str:
    """What is to be done next: `identity`, `code` or `means`."""
    if not opened.identity_confirmed:
        return "identity"
    return "code" if opened.needs_code else "means"


def what_is_wrong(refusal: Refusal, opened: OpenedLink) -> FormErrors:
    """A refusal with its field, if the page of the step that is next has it."""
    field = _FIELDS.get(type(refusal))
    shown = {"code": ("code",), "means": ("means", "consent")}.get(step_of(opened), ())
    return FormErrors([(field if field in shown else None, refusal.message)])


def link_refused(request: Request, refusal: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """The page of a link that leads nowhere: why, and whom to ask.

    Links that nobody was sent are failures of whoever tries them.
    """
    if isinstance(refusal, LinkUnknown):
        try:
            count_failure(web_context_of(request).rate_limiter, request)
        except TooManyTries as too_many:
            return refusal_response(request, too_many)
    expired_at = day_and_time(refusal.expires_at) if isinstance(refusal, LinkExpired) else None
    facts = {"kind": refusal.code, "message": refusal.message, "expired_at": expired_at}
    return HTMLResponse(web_context_of(request).pages.render("link_refused.html", facts), status_of(refusal))
