"""Puts the pages together: which there are, what guards them, and what answers when something goes wrong."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.api.app import NO_TELEMETRY, PATH, create_api
from brugerbog.entrypoints.api.problems import problem_response
from brugerbog.entrypoints.http import health
from brugerbog.entrypoints.http.head_requests import HeadAsGet
from brugerbog.entrypoints.http.limiters import IDENTIFYING, Limiters
from brugerbog.entrypoints.http.methods import allowed_at
from brugerbog.entrypoints.http.refusals import TooLarge, TooSlow, Unexpected
from brugerbog.entrypoints.http.security_middleware import SecurityMiddleware
from brugerbog.entrypoints.http.uploads import UploadMemory
from brugerbog.entrypoints.web import first_page
from brugerbog.entrypoints.web.audit import event_log, log_export, past_state
from brugerbog.entrypoints.web.context import WebContext, web_context_of
from brugerbog.entrypoints.web.error_pages import refusal_response, told, told_plainly
from brugerbog.entrypoints.web.imports import files, imported_user, imported_users, send_to_activation
from brugerbog.entrypoints.web.login import login
from brugerbog.entrypoints.web.login_provider import LOGIN_PAGE
from brugerbog.entrypoints.web.organisation import notices, reports, roles, sessions, settings
from brugerbog.entrypoints.web.rendering import DESIGN_SYSTEM, STATIC
from brugerbog.entrypoints.web.request_context import NotLoggedIn
from brugerbog.entrypoints.web.self_service import activation_link, my_profile
from brugerbog.entrypoints.web.self_service.link_step import NO_LONGER_GOOD, link_refused
from brugerbog.entrypoints.web.users import (
    activation,
    bulk_actions,
    contact,
    creation,
    deactivation,
    deletion,
    disclosure,
    entitlements,
    history,
    means,
    placement,
    profile,
    user_list,
)
from brugerbog.infrastructure.logs import logger
from brugerbog.service import StoreFailure, refusal_of_failure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

ROUTERS: Final = (
    health,
    first_page,
    login,
    activation_link,
    my_profile,
    notices,
    user_list,
    files,
    bulk_actions,
    imported_users,
    imported_user,
    send_to_activation,
    creation,
    profile,
    contact,
    activation,
    disclosure,
    means,
    entitlements,
    placement,
    history,
    deactivation,
    deletion,
    roles,
    sessions,
    settings,
    reports,
    event_log,
    past_state,
    log_export,
)
"""The pages, story by story: each module has a `router`."""


_STORE_AWAY: Final = "Lageret kan ikke nås lige nu. Intet er meldt gennemført; kontrollér, og prøv igen."


def create_app(web_context: WebContext) -> FastAPI:
    """The application. It shows nothing of itself: no documentation pages, no error details."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = IDENTIFYING
        api.state.log_head_poller.stop_on_signal()
        yield
        await to_thread.run_sync(web_context.background_jobs.close)

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan, telemetry=NO_TELEMETRY)
    app.state.http_context = app.state.web_context = web_context
    app.state.limiters = Limiters(patience=web_context.settings.request_seconds)
    app.state.probes = health.Probes()
    app.state.upload_memory = UploadMemory()
    for room in ROUTERS:
        app.include_router(room.router)
    app.include_router(web_context.login_provider.router)
    api = create_api(web_context.service, app.state.limiters, app.state.upload_memory)
    app.state.api = api
    app.mount(PATH, api)
    if find_spec("scim2_server") is not None:
        from brugerbog.entrypoints.scim import endpoint  # noqa: PLC0415 - an extra that may not be installed

        app.include_router(endpoint.router)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.mount("/dkfds", StaticFiles(directory=DESIGN_SYSTEM, check_dir=False))
    app.add_middleware(HeadAsGet)
    app.add_middleware(
        SecurityMiddleware,
        settings=web_context.settings,
        tell=partial(_told, web_context),
        observer=web_context.service.observer,
        ids=web_context.ids,
    )
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    return app


_PROBLEMS: Final[dict[HTTPStatus, type[Refusal]]] = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
    HTTPStatus.REQUEST_TIMEOUT: TooSlow,
}


def _told(web_context: WebContext, status: HTTPStatus, said: str) -> ASGIApp:
    """What the guards say, to people as a page and to systems as a problem."""

    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        answer: ASGIApp = told_plainly(web_context, status, said)
        if scope["path"].startswith(PATH):
            answer = problem_response(_PROBLEMS.get(status, Unexpected)())
        await answer(scope, receive, send)

    return tell


async def _not_logged_in(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """To the login page, and from there back to the page that was asked for."""
    query = {"videre": request.url.path} if request.method == "GET" else {}
    if error.why:
        query["fordi"] = error.why
    address = f"{LOGIN_PAGE}?{urlencode(query)}" if query else LOGIN_PAGE
    response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    if error.why:
        response.delete_cookie(
            web_context_of(request).cookie, path="/", secure=web_context_of(request).settings.is_secure
        )
    return response


def _refused(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    return refusal_response(request, error)


def _misread(request: Request, _error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """A form or address that our pages never made. What it said isn't repeated: it may hold a CPR number."""
    return told(request, HTTPStatus.BAD_REQUEST, "Siden blev bedt om noget, den ikke forstår. Begynd forfra.")


def _no_such_page(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    said = {
        HTTPStatus.NOT_FOUND: "Siden findes ikke.",
        HTTPStatus.METHOD_NOT_ALLOWED: "Siden kan ikke bruges på den måde. Gå tilbage, og prøv igen.",
    }.get(error.status_code, "Siden kunne ikke vises.")
    response = told(request, HTTPStatus(error.status_code), said)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        rooms = [*(room.router for room in ROUTERS), web_context_of(request).login_provider.router]
        theirs = (error.headers or {}).get("Allow", "GET, HEAD")
        response.headers["allow"] = allowed_at(request, rooms) or theirs
    return response


def _store_failed(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    logger("brugerbog.web").error("store_failed", failure=type(error).__name__)
    slow = refusal_of_failure(error)
    said = slow.message if slow else _STORE_AWAY
    return told_plainly(web_context_of(request), HTTPStatus.SERVICE_UNAVAILABLE, said)


_HANDLERS: Final[dict[Any, Any]] = {
    NotLoggedIn: _not_logged_in,
    **dict.fromkeys(NO_LONGER_GOOD, link_refused),
    Refusal: _refused,
    RequestValidationError: _misread,
    HTTPException: _no_such_page,
    StoreFailure: _store_failed,
}
