"""The pages of the links in mails: activation and new means, step by step, without a login."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends
from fastapi import Form as FormBody
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.activation_code import CodeVoid, NoCodeNeeded
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.domain.values.means import HARDWARE, Means
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors, Text
from brugerbog.entrypoints.web.login_provider import LINK_PAGES
from brugerbog.entrypoints.web.self_service.link_step import LinkContext, errors_on_step, step_of

if TYPE_CHECKING:
    from brugerbog.application.commands.self_service import OpenedLink

link_router = Router()
"""The routes of a link, included in `router` under the path of each kind of link."""

router = Router()

_TEMPLATES: Final = {"identity": "link_identity.html", "code": "link_code.html", "means": "link_means.html"}


def link_context(request: Request, token: str) -> LinkContext:
    """Return the context of a request with a link's token."""
    return LinkContext.of(request, token)


class CodeForm(BaseModel):
    """The temporary code as typed; `tries_left` is the number of tries left when the page was shown."""

    model_config = Form.model_config

    code: Text
    tries_left: int


class OrderForm(Form):
    """The kind of device to order."""

    means: Means


class TakeMeansForm(Form):
    """The means to activate now, and the consent to use a private MitID."""

    means: tuple[Means, ...] = ()
    consent: bool = False


@link_router.get("/{token}")
def open_link(link: Annotated[LinkContext, Depends(link_context)]) -> HTMLResponse:
    """Return the page of the next step. A GET request changes nothing.

    Raises: the refusals in `LINK_REFUSALS`.
    """
    return _step_page(link, link.opened())


@link_router.post("/{token}/identitet", response_model=None)
async def confirm_identity(link: Annotated[LinkContext, Depends(link_context)]) -> Response:
    """Redirect to the MitID broker, which redirects back to the link after the proof of identity."""
    return await link.web_context.login_provider.start_identity_confirmation(link.request, link.path)


@link_router.post("/{token}/kode", response_model=None)
def enter_code(
    link: Annotated[LinkContext, Depends(link_context)], form: Annotated[CodeForm, FormBody()]
) -> Response:
    """Enter the temporary code. A wrong code that is sent twice counts as one try."""
    try:
        link.self_service.enter_code(link.token, form.code, tries_left=form.tries_left, door=Door.WEB)
    except Refusal as refusal:
        return _next_step_with_refusal(link, refusal)
    return RedirectResponse(link.path, HTTPStatus.SEE_OTHER)


@link_router.post("/{token}/bestil", response_model=None)
def order_means(
    link: Annotated[LinkContext, Depends(link_context)], form: Annotated[OrderForm, FormBody()]
) -> Response:
    """Order a device, which is sent by post."""
    try:
        link.self_service.order_means(link.token, form.means, command_id=form.command_id, door=Door.WEB)
    except Refusal as refusal:
        return _next_step_with_refusal(link, refusal)
    return RedirectResponse(link.path, HTTPStatus.SEE_OTHER)


@link_router.post("/{token}/aktiver", response_model=None)
def activate(
    link: Annotated[LinkContext, Depends(link_context)], form: Annotated[TakeMeansForm, FormBody()]
) -> Response:
    """Activate the user, or for a link about new means these means; return the last page."""
    opened, self_service = link.opened(), link.self_service
    try:
        if link.purpose is LinkPurpose.ACTIVATION:
            self_service.activate(link.token, form.means, consent=form.consent, door=Door.WEB)
        else:
            self_service.take_means(
                link.token, form.means, consent=form.consent, command_id=form.command_id, door=Door.WEB
            )
    except Refusal as refusal:
        return _next_step_with_refusal(link, refusal, form)
    not_taken = Counter(opened.may_take) - Counter(form.means)
    return link.page(
        "link_done.html",
        opened=opened,
        taken=form.means,
        coming=[kind for kind in not_taken if kind in opened.ordered],
        open_still=[kind for kind in not_taken if kind not in opened.ordered],
    )


def _next_step_with_refusal(
    link: LinkContext, refusal: Refusal, sent: TakeMeansForm | None = None
) -> Response:
    """Return the page of the next step with the refusal. Raises: the refusals in `LINK_REFUSALS`."""
    opened = link.opened()
    if isinstance(refusal, CodeVoid | NoCodeNeeded) and not opened.needs_code:
        # The same code was sent twice, and the first request accepted it.
        return RedirectResponse(link.path, HTTPStatus.SEE_OTHER)
    return _step_page(link, opened, errors_on_step(refusal, opened), sent)


def _step_page(
    link: LinkContext,
    opened: OpenedLink,
    errors: FormErrors = NO_ERRORS,
    sent: TakeMeansForm | None = None,
) -> HTMLResponse:
    step = step_of(opened)
    not_ordered = Counter(opened.may_take) - Counter(opened.ordered)
    now = [kind for kind in not_ordered.elements() if kind not in HARDWARE]
    ticked_first = now if len(opened.may_take) == 1 else ()  # the only choice is ticked already
    return link.page(
        _TEMPLATES[step],
        status=422 if errors.reasons else 200,
        opened=opened,
        errors=errors,
        step=step,
        steps=2 if opened.tries_left is None else 3,
        may_order={kind: number for kind, number in not_ordered.items() if kind in HARDWARE},
        now=now,
        chosen=sent.means if sent else ticked_first,
        consent=sent is not None and sent.consent,
        new_id=link.web_context.ids.random_id,
    )


for page in LINK_PAGES:
    router.include_router(link_router, prefix=page.rstrip("/"))
