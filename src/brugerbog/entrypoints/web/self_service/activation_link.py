"""The user's own side: the pages that the links in his mails lead to, step by step, with nobody logged in."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends
from fastapi import Form as Filled
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
from brugerbog.entrypoints.web.self_service.link_step import LinkContext, step_of, what_is_wrong

if TYPE_CHECKING:
    from brugerbog.application.commands.self_service import OpenedLink

steps = Router()
router = Router()

_TEMPLATES: Final = {"identity": "link_identity.html", "code": "link_code.html", "means": "link_means.html"}


def arriving(request: Request, token: str) -> LinkContext:
    """Whoever comes with a link."""
    return LinkContext.of(request, token)


class CodeForm(BaseModel):
    """The temporary code, and how many tries the page said were left."""

    model_config = Form.model_config

    code: Text
    tries_left: int


class OrderForm(Form):
    """A device to be sent to the user."""

    means: Means


class TakingForm(Form):
    """The means to be taken into use now, and whether a private MitID may be relied on."""

    means: tuple[Means, ...] = ()
    consent: bool = False


@steps.get("/{token}")
def open_link(link: Annotated[LinkContext, Depends(arriving)]) -> HTMLResponse:
    """What the link leads to, and the next thing to be done. Opening it changes nothing.

    Raises: LinkUnknown and its kin.
    """
    return _step(link, link.opened())


@steps.post("/{token}/identitet", response_model=None)
async def confirm_identity(link: Annotated[LinkContext, Depends(arriving)]) -> Response:
    """Off to the broker, which sends whoever has proved his identity back to his link."""
    return await link.web_context.login_provider.to_identity(link.request, link.path)


@steps.post("/{token}/kode", response_model=None)
def enter_code(
    link: Annotated[LinkContext, Depends(arriving)], form: Annotated[CodeForm, Filled()]
) -> Response:
    """Give the temporary code; one that is sent twice is one try."""
    try:
        link.self_service.enter_code(link.token, form.code, tries_left=form.tries_left, door=Door.WEB)
    except Refusal as refusal:
        return _again(link, refusal)
    return RedirectResponse(link.path, HTTPStatus.SEE_OTHER)


@steps.post("/{token}/bestil", response_model=None)
def order_means(
    link: Annotated[LinkContext, Depends(arriving)], form: Annotated[OrderForm, Filled()]
) -> Response:
    """Have a device sent by mail."""
    try:
        link.self_service.order_means(link.token, form.means, command_id=form.command_id, door=Door.WEB)
    except Refusal as refusal:
        return _again(link, refusal)
    return RedirectResponse(link.path, HTTPStatus.SEE_OTHER)


@steps.post("/{token}/aktiver", response_model=None)
def activate(
    link: Annotated[LinkContext, Depends(arriving)], form: Annotated[TakingForm, Filled()]
) -> Response:
    """Become active, or take means into use that were assigned later; then say what happens now."""
    opened, door = link.opened(), link.self_service
    try:
        if link.purpose is LinkPurpose.ACTIVATION:
            door.activate(link.token, form.means, consent=form.consent, door=Door.WEB)
        else:
            door.take_means(
                link.token, form.means, consent=form.consent, command_id=form.command_id, door=Door.WEB
            )
    except Refusal as refusal:
        return _again(link, refusal, form)
    left = Counter(opened.may_take) - Counter(form.means)
    return link.page(
        "link_done.html",
        opened=opened,
        taken=form.means,
        coming=[one for one in left if one in opened.ordered],
        open_still=[one for one in left if one not in opened.ordered],
    )


def _again(link: LinkContext, refusal: Refusal, filled: TakingForm | None = None) -> Response:
    """The step that is to be done now, with what was refused on it. Raises: LinkUnknown and its kin."""
    opened = link.opened()
    if isinstance(refusal, CodeVoid | NoCodeNeeded) and not opened.needs_code:
        # The same code has come in meanwhile: sent twice, it was right.
        return RedirectResponse(link.path, HTTPStatus.SEE_OTHER)
    return _step(link, opened, what_is_wrong(refusal, opened), filled)


def _step(
    link: LinkContext,
    opened: OpenedLink,
    errors: FormErrors = NO_ERRORS,
    filled: TakingForm | None = None,
) -> HTMLResponse:
    step = step_of(opened)
    free = Counter(opened.may_take) - Counter(opened.ordered)
    now = [one for one in free.elements() if one not in HARDWARE]
    only = now if len(opened.may_take) == 1 else ()
    return link.page(
        _TEMPLATES[step],
        status=422 if errors.reasons else 200,
        opened=opened,
        errors=errors,
        step=step,
        steps=2 if opened.tries_left is None else 3,
        may_order={one: many for one, many in free.items() if one in HARDWARE},
        now=now,
        chosen=filled.means if filled else only,
        consent=filled is not None and filled.consent,
        new_id=link.web_context.ids.random_id,
    )


for page in LINK_PAGES:
    router.include_router(steps, prefix=page.rstrip("/"))
