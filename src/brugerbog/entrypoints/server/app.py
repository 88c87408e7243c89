"""Composes the application: routes, middleware, and the responses to exceptions."""

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
from brugerbog.entrypoints.http.limiters import IDENTIFYING_THREADS, Limiters
from brugerbog.entrypoints.http.methods import allowed_methods
from brugerbog.entrypoints.http.refusals import TooLarge, TooSlow, Unexpected
from brugerbog.entrypoints.http.security_middleware import SecurityMiddleware
from brugerbog.entrypoints.http.uploads import UploadMemory
from brugerbog.entrypoints.web import first_page
from brugerbog.entrypoints.web.audit import event_log, log_export, past_state
from brugerbog.entrypoints.web.context import WebContext, web_context_of
from brugerbog.entrypoints.web.error_pages import error_response, plain_error_response, refusal_response
from brugerbog.entrypoints.web.imports import files, imported_user, imported_users, send_to_activation
from brugerbog.entrypoints.web.login import login
from brugerbog.entrypoints.web.login_provider import LOGIN_PAGE
from brugerbog.entrypoints.web.organisation import notices, reports, roles, sessions, settings
from brugerbog.entrypoints.web.rendering import DESIGN_SYSTEM, STATIC
from brugerbog.entrypoints.web.request_context import NotLoggedIn
from brugerbog.entrypoints.web.self_service import activation_link, my_profile
from brugerbog.entrypoints.web.self_service.link_step import LINK_REFUSALS, link_refused
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
"""The modules of the pages; each has a `router`."""


_STORE_UNAVAILABLE: Final = (
    "Lageret kan ikke nås lige nu. Intet er meldt gennemført; kontrollér, og prøv igen."
)


def create_app(web_context: WebContext) -> FastAPI:
    """Return the application, without FastAPI's documentation pages and without error details."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = IDENTIFYING_THREADS
        api.state.log_head_poller.stop_on_signal()
        yield
        await to_thread.run_sync(web_context.background_jobs.close)

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan, telemetry=NO_TELEMETRY)
    app.state.http_context = app.state.web_context = web_context
    app.state.limiters = Limiters(max_wait=web_context.settings.request_seconds)
    app.state.probes = health.Probes()
    app.state.upload_memory = UploadMemory()
    for module in ROUTERS:
        app.include_router(module.router)
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
        render_error=partial(_error_app, web_context),
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


def _error_app(web_context: WebContext, status: HTTPStatus, message: str) -> ASGIApp:
    """Return the middleware's response to an error: a page, or below the API's path a problem document."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        response: ASGIApp = plain_error_response(web_context, status, message)
        if scope["path"].startswith(PATH):
            response = problem_response(_PROBLEMS.get(status, Unexpected)())
        await response(scope, receive, send)

    return respond


async def _not_logged_in(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """Redirect to the login page, which returns to the requested page."""
    query = {"videre": request.url.path} if request.method == "GET" else {}
    if error.reason:
        query["fordi"] = error.reason
    address = f"{LOGIN_PAGE}?{urlencode(query)}" if query else LOGIN_PAGE
    response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    if error.reason:
        response.delete_cookie(
            web_context_of(request).cookie, path="/", secure=web_context_of(request).settings.is_secure
        )
    return response


def _refusal_page(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    return refusal_response(request, error)


def _invalid_request(request: Request, _error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """Refuse a form or address that no page made. Its values aren't repeated: one may be a CPR number."""
    return error_response(
        request, HTTPStatus.BAD_REQUEST, "Siden blev bedt om noget, den ikke forstår. Begynd forfra."
    )


def _http_error(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    message = {
        HTTPStatus.NOT_FOUND: "Siden findes ikke.",
        HTTPStatus.METHOD_NOT_ALLOWED: "Siden kan ikke bruges på den måde. Gå tilbage, og prøv igen.",
    }.get(error.status_code, "Siden kunne ikke vises.")
    response = error_response(request, HTTPStatus(error.status_code), message)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        routers = [*(module.router for module in ROUTERS), web_context_of(request).login_provider.router]
        fallback = (error.headers or {}).get("Allow", "GET, HEAD")
        response.headers["allow"] = allowed_methods(request, routers) or fallback
    return response


def _store_failed(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    logger("brugerbog.web").error("store_failed", failure=type(error).__name__)
    refusal = refusal_of_failure(error)
    message = refusal.message if refusal else _STORE_UNAVAILABLE
    return plain_error_response(web_context_of(request), HTTPStatus.SERVICE_UNAVAILABLE, message)


_HANDLERS: Final[dict[Any, Any]] = {
    NotLoggedIn: _not_logged_in,
    **dict.fromkeys(LINK_REFUSALS, link_refused),
    Refusal: _refusal_page,
    RequestValidationError: _invalid_request,
    HTTPException: _http_error,
    StoreFailure: _store_failed,
}
