"""The context of a request by a mail's link, and the next step of the activation or of new means."""

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

LINK_REFUSALS: Final = (LinkUnknown, LinkVoided, LinkExpired, LinkUsed)
"""The refusals of a link that can't be used."""


@dataclass(frozen=True, slots=True, repr=False)
class LinkContext:
    """A request without a login: the link's token gives access, within the limits of the service."""

    request: Request
    web_context: WebContext
    token: str
    purpose: LinkPurpose

    @classmethod
    def of(cls, request: Request, token: str) -> LinkContext:
        """Return the context of a request with a link's token."""
        return cls(request, web_context_of(request), token, _PURPOSES[request.url.path.split("/")[1]])

    @property
    def self_service(self) -> SelfService:
        """The service's commands for users with a link."""
        return self.web_context.service.self_service

    @property
    def path(self) -> str:
        """The path of the link."""
        return "/".join(self.request.url.path.split("/")[:3])

    def opened(self) -> OpenedLink:
        """Return the link's present state. Raises: the refusals in `LINK_REFUSALS`."""
        if self.purpose is LinkPurpose.ACTIVATION:
            return self.self_service.open_activation(self.token)
        return self.self_service.open_means(self.token)

    def page(self, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:  # noqa: ANN401 - a template's
        """Return a page without a menu."""
        is_activation = self.purpose is LinkPurpose.ACTIVATION
        text = self.web_context.templates.render(
            template, facts | {"path": self.path, "is_activation": is_activation}
        )
        return HTMLResponse(text, status)


def step_of(opened: OpenedLink) -> str:
    """Return the next step: `identity`, `code` or `means`."""
    if not opened.identity_confirmed:
        return "identity"
    return "code" if opened.needs_code else "means"


def errors_on_step(refusal: Refusal, opened: OpenedLink) -> FormErrors:
    """Return the error of a refusal, at its field if the page of the next step has that field."""
    field = _FIELDS.get(type(refusal))
    shown = {"code": ("code",), "means": ("means", "consent")}.get(step_of(opened), ())
    return FormErrors([(field if field in shown else None, refusal.message)])


def link_refused(request: Request, refusal: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """Return the page of a link that can't be used, with the reason and the person to contact.

    An unknown link counts as a failure of the caller.
    """
    if isinstance(refusal, LinkUnknown):
        try:
            count_failure(web_context_of(request).rate_limiter, request)
        except TooManyTries as too_many:
            return refusal_response(request, too_many)
    expired_at = day_and_time(refusal.expires_at) if isinstance(refusal, LinkExpired) else None
    facts = {"kind": refusal.code, "message": refusal.message, "expired_at": expired_at}
    return HTMLResponse(
        web_context_of(request).templates.render("link_refused.html", facts), status_of(refusal)
    )
