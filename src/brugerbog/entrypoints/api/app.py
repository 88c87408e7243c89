"""Puts the API together: its rooms, its description, and what answers when something goes wrong."""

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
from brugerbog.entrypoints.api.change_feed import Following, Reaching
from brugerbog.entrypoints.api.description import described
from brugerbog.entrypoints.api.problems import ConflictingUser, misread, problem
from brugerbog.entrypoints.api.request_context import identify, reached, service_of
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
from brugerbog.entrypoints.http.methods import allowed_at
from brugerbog.entrypoints.http.refusals import (
    NoSuchMethod,
    NoSuchPath,
    RequestInvalid,
    StoreAway,
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
"""FastAPI's own holds addresses, in which secrets stand, and what errors say; requests are watched by us."""

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
"""The API, story by story: each module has a `router`. Paths without ids come before those with."""


def create_api(service: Service, limiters: Limiters, upload_memory: UploadMemory) -> FastAPI:
    """The API of an opened service, to be mounted at `PATH`; it tells of itself at `openapi.json`."""
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
    api.state.following = Following(service.queries.position)
    api.state.reaching = Reaching(partial(reached, service))
    for room in ROUTERS:
        api.include_router(room.router)
    for kind, handler in _HANDLERS.items():
        api.add_exception_handler(kind, handler)
    api.openapi = lambda: described(api)  # type: ignore[method-assign]
    return api


async def _refused(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    refusal: Refusal = error
    headers = {"www-authenticate": 'Bearer realm="brugerbog"'} if refusal.code == "invalid_token" else None
    return problem(refusal, met=await run_in_threadpool(_met, request, refusal), headers=headers)


def _met(request: Request, refusal: Refusal) -> ConflictingUser | None:
    """Who stands in the way, if whoever asks may see him."""
    if isinstance(refusal, Refusals):
        found = [one.refusal for one in refusal.objections if isinstance(one.refusal, CprInUse | PersonInUse)]
        return _met(request, found[0]) if found else None
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


def _misread(_request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    return problem(misread(error.errors()))


def _not_understood(request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """What the framework itself refuses: the wrong address or method, a body that is none."""
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem(NoSuchPath())
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return problem(
            NoSuchMethod(), headers={"allow": allowed_at(request, [room.router for room in ROUTERS])}
        )
    return problem(RequestInvalid("Indholdet kan ikke læses.", "not readable"))


def _store_failed(_request: Request, error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    logger("brugerbog.api").error("store_failed", failure=type(error).__name__)
    return problem(refusal_of_failure(error) or StoreAway())


def _unexpected(_request: Request, _error: Any) -> Response:  # noqa: ANN401 - as Starlette calls it
    """The guards log it: what is raised goes on to them."""
    return problem(Unexpected())


_HANDLERS: Final[dict[Any, Any]] = {
    Refusal: _refused,
    RequestValidationError: _misread,
    HTTPException: _not_understood,
    StoreFailure: _store_failed,
    Exception: _unexpected,
}
