"""Assembles the API: its routers, its OpenAPI document and its exception handlers."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from brugerbog.application.refusals.requests import CprInUse, PersonInUse
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.entrypoints.api.change_feed import LogHeadPoller, ProjectionPoller
from brugerbog.entrypoints.api.description import openapi_document
from brugerbog.entrypoints.api.problems import ConflictingUser, problem_response, validation_refusal
from brugerbog.entrypoints.api.request_context import identify, projected_position, service_of
from brugerbog.entrypoints.api.routes import (
    activation,
    activities,
    anonymity,
    changes,
    entitlements,
    imports,
    log,
    mails,
    organisation,
    previews,
    problem_kinds,
    reports,
    token,
    user_commands,
    users,
)
from brugerbog.entrypoints.http.methods import allowed_methods
from brugerbog.entrypoints.http.refusals import (
    NoSuchMethod,
    NoSuchPath,
    RequestInvalid,
    StoreUnavailable,
    Unexpected,
)
from brugerbog.infrastructure.logs import logger
from brugerbog.service import StoreFailure, refusal_of_failure

if TYPE_CHECKING:
    from starlette.requests import Request

    from brugerbog.entrypoints.http.limiters import Limiters
    from brugerbog.entrypoints.http.uploads import UploadMemory
    from brugerbog.service import Service

PATH: Final = "/api/v1"
NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""Off: FastAPI's telemetry records URLs, which can hold secrets, and error texts. Ours records requests."""

ROUTERS: Final = (
    token,
    users,
    user_commands,
    activation,
    entitlements,
    anonymity,
    organisation,
    imports,
    previews,
    activities,
    reports,
    changes,
    log,
    mails,
    problem_kinds,
)
"""The modules of routes, each with a `router`. Paths without ids come before paths with ids."""


def create_api(service: Service, limiters: Limiters, upload_memory: UploadMemory) -> FastAPI:
    """Return the API of an opened service, to be mounted at `PATH`; `openapi.json` describes it."""
    api = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=lambda route: route.name,
        telemetry=NO_TELEMETRY,
        separate_input_output_schemas=False,
    )
    api.state.service = service
    api.state.upload_memory = upload_memory
    api.state.limiters = limiters
    api.state.log_head_poller = LogHeadPoller(service.queries.position)
    api.state.projection_poller = ProjectionPoller(partial(projected_position, service))
    for module in ROUTERS:
        api.include_router(module.router)
    for kind, handler in _HANDLERS.items():
        api.add_exception_handler(kind, handler)
    api.openapi = lambda: openapi_document(api)  # type: ignore[method-assign]
    return api


async def _refusal_response(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    refusal: Refusal = error
    headers = {"www-authenticate": 'Bearer realm="brugerbog"'} if refusal.code == "invalid_token" else None
    conflicting_user = await run_in_threadpool(_conflicting_user, request, refusal)
    return problem_response(refusal, conflicting_user=conflicting_user, headers=headers)


def _conflicting_user(request: Request, refusal: Refusal) -> ConflictingUser | None:
    """Return the user with the same identity, if the client may see that user."""
    if isinstance(refusal, Refusals):
        conflicts = [
            objection.refusal
            for objection in refusal.objections
            if isinstance(objection.refusal, CprInUse | PersonInUse)
        ]
        return _conflicting_user(request, conflicts[0]) if conflicts else None
    if not isinstance(refusal, CprInUse | PersonInUse):
        return None
    with suppress(Refusal, StoreFailure):
        service = service_of(request)
        user = service.queries.user(identify(request), refusal.user_id)
        return ConflictingUser(
            user_id=user.id,
            status=user.status,
            first_name=user.first_name,
            surname=user.surname,
            email=user.email,
        )
    return None


def _validation_failed(_request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    return problem_response(validation_refusal(error.errors()))


def _http_error(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """Answer the framework's own errors: an unknown path, a wrong method, an unreadable body."""
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem_response(NoSuchPath())
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return problem_response(
            NoSuchMethod(), headers={"allow": allowed_methods(request, [module.router for module in ROUTERS])}
        )
    return problem_response(RequestInvalid("Indholdet kan ikke læses.", "not readable"))


def _store_failed(_request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    logger("brugerbog.api").error("store_failed", failure=type(error).__name__)
    return problem_response(refusal_of_failure(error) or StoreUnavailable())


def _unexpected(_request: Request, _error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """Answer an unexpected error; the exception is raised on to the middleware, which logs it."""
    return problem_response(Unexpected())


_HANDLERS: Final[dict[Any, Any]] = {
    Refusal: _refusal_response,
    RequestValidationError: _validation_failed,
    HTTPException: _http_error,
    StoreFailure: _store_failed,
    Exception: _unexpected,
}
