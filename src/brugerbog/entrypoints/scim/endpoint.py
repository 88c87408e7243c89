"""The door of SCIM: proves who asks, hands the request to the SCIM server, and writes down its answer."""

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
from brugerbog.entrypoints.http.security_middleware import place_of
from brugerbog.entrypoints.scim.errors import REFUSAL, codes_of, exception_of
from brugerbog.entrypoints.scim.scim_service import Protocol
from brugerbog.entrypoints.scim.storage import Users
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.infrastructure.logs import logger
from brugerbog.service import StoreFailure, refusal_of_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.service import Service

Found = TypeVar("Found")

ROOT: Final = "/scim/v2"
LARGEST_BODY: Final = 1 << 18
"""A user takes some hundred bytes."""

UNEXPECTED: Final = "Something unexpected went wrong. Read the user before you try again."

router = Router()


async def _body(request: Request) -> bytes | None:
    """What was sent; None when it is more than anybody has to say of a user."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            return None
    return body


@router.api_route(
    ROOT + "/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
)
async def scim(request: Request, path: str) -> Response:
    """Whatever is asked in SCIM; the body is taken once it is known who asks."""
    http_context = http_context_of(request)
    asked = partial(
        ScimRequest,
        method=request.method,
        base_url=f"{http_context.settings.base_url}{ROOT}",
        path=f"/{path}",
        query=dict(request.query_params),
        headers=request.headers.items(),
    )
    try:
        answer = await _in_turn(http_context.service, request, asked)
    except ServerBusy as busy:
        answer = _refused(Protocol(lambda: ""), exception_of(busy))
    content = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()
    return Response(content, answer.status, answer.headers)


async def _in_turn(service: Service, request: Request, asked: Callable[..., ScimRequest]) -> ScimResponse:
    """The answer, each part of it in a thread of its limiter. Raises: ServerBusy."""
    found = await run_identifying(partial(_answer, service, request, asked(body=b""), _identified))
    if not isinstance(found, Actor):
        return found
    body = await _body(request)
    its = Workload.QUESTION if request.method == "GET" else Workload.COMMAND
    work = _too_large if body is None else partial(_handled, actor=found)
    whole = partial(_answer, service, request, asked(body=body or b""), work)
    return await run_as(its, found.organisation_id, whole)


def _identified(service: Service, request: Request, asked: ScimRequest) -> Actor | ScimResponse:
    """Who asks; or the answer to what anybody may ask: how to prove who one is (RFC 7643, section 5)."""
    protocol = Protocol(lambda: "")
    if protocol.match(asked).operation is Operation.service_provider_config:
        return protocol.service_provider_config(asked.url, asked.query)
    return actor_of(service, request, asked.header("authorization"))


def _handled(service: Service, _request: Request, asked: ScimRequest, *, actor: Actor) -> ScimResponse:
    protocol = Protocol(lambda: service.queries.organisation(actor).settings.ial.value)
    return ScimHandler(protocol, Users(service, actor)).handle(asked)


def _too_large(_service: Service, _request: Request, _asked: ScimRequest) -> ScimResponse:
    """Raises: PayloadTooLargeException."""
    raise PayloadTooLargeException


def _answer(
    service: Service, request: Request, asked: ScimRequest, work: Callable[..., Found]
) -> Found | ScimResponse:
    """What work comes to; whatever it raises is answered in SCIM."""
    protocol = Protocol(lambda: "")
    try:
        return work(service, request, asked)
    except SCIMException as exception:
        return _refused(protocol, exception)
    except Refusal as refusal:
        answer = _refused(protocol, exception_of(refusal))
        if isinstance(refusal, TooManyTries):
            answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer
    except StoreFailure as failure:
        logger("brugerbog.scim").error("scim_failed", failure=type(failure).__name__, at=place_of(failure))
        return _refused(protocol, exception_of(refusal_of_failure(failure) or StoreOutOfReach()))
    except Exception as error:  # noqa: BLE001 - whatever happens is answered in SCIM, and in no traceback
        logger("brugerbog.scim").error("scim_failed", failure=type(error).__name__, at=place_of(error))
        return ScimResponse(
            HTTPStatus.INTERNAL_SERVER_ERROR, Error(status=500, detail=UNEXPECTED).model_dump()
        )


def _refused(protocol: Protocol, exception: SCIMException) -> ScimResponse:
    answer = protocol.error_response(exception)
    if answer.body is not None:
        answer.body["detail"] = masked(str(answer.body.get("detail", "")))
    if codes := codes_of(exception):
        answer.headers[REFUSAL] = codes
    return answer


def actor_of(service: Service, request: Request, authorization: str | None) -> Actor:
    """Who shows these credentials: a client's key, for directories that keep one secret, or an access token.

    Raises: TokenNotGood; TooManyTries, for one that nobody has.
    """
    scheme, _, shown = (authorization or "").strip().partition(" ")
    shown = shown.strip()
    if scheme.lower() != "bearer" or not shown:
        raise TokenNotGood
    try:
        return service.access.authenticate(shown, Door.SCIM)
    except TokenNotGood:
        client_id, dot, _secret = shown.rpartition(".")
        if dot:
            count_wrong_secret(service.rate_limiter, request, client_id)
        else:
            count_failure(service.rate_limiter, request)
        raise
