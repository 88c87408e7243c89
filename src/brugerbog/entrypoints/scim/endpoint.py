"""The HTTP endpoint of SCIM: authenticates the client and passes the request to the SCIM library."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar

from scim2_models import Error, PayloadTooLargeException, SCIMException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation
from starlette.requests import Request
from starlette.responses import Response

from brugerbog.application.actors import Actor
from brugerbog.application.client_authentication import TokenNotGood
from brugerbog.application.rate_limits import TooManyTries
from brugerbog.application.refusals.store import StoreOutOfReach
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.masking import masked
from brugerbog.entrypoints.http.context import http_context_of
from brugerbog.entrypoints.http.failure_limits import count_failure, count_wrong_secret
from brugerbog.entrypoints.http.limiters import ServerBusy
from brugerbog.entrypoints.http.routing import Router, run_as, run_identifying
from brugerbog.entrypoints.http.security_middleware import location_of
from brugerbog.entrypoints.scim.errors import REFUSAL_HEADER, codes_of, exception_of
from brugerbog.entrypoints.scim.scim_service import UserScimService
from brugerbog.entrypoints.scim.storage import UserStorage
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.infrastructure.logs import logger
from brugerbog.service import StoreFailure, refusal_of_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.service import Service

Found = TypeVar("Found")

ROOT: Final = "/scim/v2"
LARGEST_BODY: Final = 1 << 18
"""Bytes; a user takes some hundred."""

UNEXPECTED: Final = "Something unexpected went wrong. Read the user before you try again."

router = Router()


async def _body(request: Request) -> bytes | None:
    """Return the body; None if it is larger than `LARGEST_BODY`."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return body


@router.api_route(
    ROOT + "/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
)
async def scim(request: Request, path: str) -> Response:
    """Answer a SCIM request; the body is read only after authentication."""
    http_context = http_context_of(request)
    with_body = partial(
        ScimRequest,
        method=request.method,
        base_url=f"{http_context.settings.base_url}{ROOT}",
        path=f"/{path}",
        query=dict(request.query_params),
        headers=request.headers.items(),
    )
    try:
        response = await _respond(http_context.service, request, with_body)
    except ServerBusy as busy:
        response = _error_response(UserScimService(lambda: ""), exception_of(busy))
    content = b"" if response.body is None else json.dumps(response.body, ensure_ascii=False).encode()
    return Response(content, response.status, response.headers)


async def _respond(service: Service, request: Request, with_body: Callable[..., ScimRequest]) -> ScimResponse:
    """Authenticate and handle a request, each in a thread of its limiter. Raises: ServerBusy."""
    actor = await run_identifying(partial(_guarded, service, request, with_body(body=b""), _authenticate))
    if not isinstance(actor, Actor):
        return actor
    body = await _body(request)
    workload = Workload.QUESTION if request.method == "GET" else Workload.COMMAND
    work = _too_large if body is None else partial(_handle, actor=actor)
    guarded = partial(_guarded, service, request, with_body(body=body or b""), work)
    return await run_as(workload, actor.organisation_id, guarded)


def _authenticate(service: Service, request: Request, scim_request: ScimRequest) -> Actor | ScimResponse:
    """Return the client, or the response if the request needs no authentication.

    Only the service provider configuration is public: it describes the authentication (RFC 7643, section 5).
    """
    scim_service = UserScimService(lambda: "")
    if scim_service.match(scim_request).operation is Operation.service_provider_config:
        return scim_service.service_provider_config(scim_request.url, scim_request.query)
    return actor_of(service, request, scim_request.header("authorization"))


def _handle(service: Service, _request: Request, scim_request: ScimRequest, *, actor: Actor) -> ScimResponse:
    scim_service = UserScimService(lambda: service.queries.organisation(actor).settings.ial.value)
    return ScimHandler(scim_service, UserStorage(service, actor)).handle(scim_request)


def _too_large(_service: Service, _request: Request, _scim_request: ScimRequest) -> ScimResponse:
    """Raises: PayloadTooLargeException."""
    raise PayloadTooLargeException


def _guarded(
    service: Service, request: Request, scim_request: ScimRequest, work: Callable[..., Found]
) -> Found | ScimResponse:
    """Return the result of the work, or a SCIM error response for whatever it raises."""
    scim_service = UserScimService(lambda: "")
    try:
        return work(service, request, scim_request)
    except SCIMException as exception:
        return _error_response(scim_service, exception)
    except Refusal as refusal:
        response = _error_response(scim_service, exception_of(refusal))
        if isinstance(refusal, TooManyTries):
            response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    except StoreFailure as failure:
        logger("brugerbog.scim").error("scim_failed", failure=type(failure).__name__, at=location_of(failure))
        return _error_response(scim_service, exception_of(refusal_of_failure(failure) or StoreOutOfReach()))
    except Exception as error:  # noqa: BLE001 - every error gets a SCIM response, never a traceback
        logger("brugerbog.scim").error("scim_failed", failure=type(error).__name__, at=location_of(error))
        return ScimResponse(
            HTTPStatus.INTERNAL_SERVER_ERROR, Error(status=500, detail=UNEXPECTED).model_dump()
        )


def _error_response(scim_service: UserScimService, exception: SCIMException) -> ScimResponse:
    response = scim_service.error_response(exception)
    if response.body is not None:
        response.body["detail"] = masked(str(response.body.get("detail", "")))
    if codes := codes_of(exception):
        response.headers[REFUSAL_HEADER] = codes
    return response


def actor_of(service: Service, request: Request, authorization: str | None) -> Actor:
    """Return the client of a bearer token: an access token, or a client's key (a single long-lived secret).

    Raises: TokenNotGood; TooManyTries, after many wrong tokens.
    """
    scheme, _, token = (authorization or "").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise TokenNotGood
    try:
        return service.access.authenticate(token, Door.SCIM)
    except TokenNotGood:
        client_id, dot, _secret = token.rpartition(".")
        if dot:
            count_wrong_secret(service.rate_limiter, request, client_id)
        else:
            count_failure(service.rate_limiter, request)
        raise
