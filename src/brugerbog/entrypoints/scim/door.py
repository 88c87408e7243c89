"""The door of SCIM: proves who asks, hands the request to the SCIM server, and writes down its answer."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from scim2_models import Error, PayloadTooLargeException, SCIMException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation
from starlette.requests import Request
from starlette.responses import Response

from brugerbog.application.access import TokenNotGood
from brugerbog.application.limits import TooManyTries
from brugerbog.application.store_errors import StoreOutOfReach
from brugerbog.bootstrap import StoreFailure, refusal_of_failure
from brugerbog.domain.act import Door
from brugerbog.domain.errors import Refusal
from brugerbog.domain.masking import masked
from brugerbog.entrypoints.scim.answers import REFUSAL, codes_of, exception_of
from brugerbog.entrypoints.scim.protocol import Protocol
from brugerbog.entrypoints.scim.storage import Users
from brugerbog.entrypoints.web.desk import desk_of
from brugerbog.entrypoints.web.guards import place_of
from brugerbog.entrypoints.web.rates import count_failure, count_wrong_secret
from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from brugerbog.application.actors import Actor
    from brugerbog.bootstrap import Service

ROOT: Final = "/scim/v2"
LARGEST_BODY: Final = 1 << 18
"""A user takes some hundred bytes."""

UNEXPECTED: Final = "Something unexpected went wrong. Read the user before you try again."

router = APIRouter()


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
def scim(request: Request, path: str, body: Annotated[bytes | None, Depends(_body)]) -> Response:
    """Whatever is asked in SCIM."""
    desk = desk_of(request)
    asked = ScimRequest(
        method=request.method,
        base_url=f"{desk.settings.base_url}{ROOT}",
        path=f"/{path}",
        query=dict(request.query_params),
        headers=request.headers.items(),
        body=body or b"",
    )
    answer = _answer(desk.service, request, asked, is_too_large=body is None)
    content = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()
    return Response(content, answer.status, answer.headers)


def _answer(service: Service, request: Request, asked: ScimRequest, *, is_too_large: bool) -> ScimResponse:
    protocol = Protocol(lambda: service.queries.organisation(actor).settings.ial.value)
    try:
        if is_too_large:
            raise PayloadTooLargeException  # noqa: TRY301 - answered like every other refusal
        if protocol.match(asked).operation is Operation.service_provider_config:
            # Whoever wants to know how to prove himself can't have done so (RFC 7643, section 5).
            return protocol.service_provider_config(asked.url, asked.query)
        actor = actor_of(service, request, asked.header("authorization"))
        return ScimHandler(protocol, Users(service, actor)).handle(asked)
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
        return service.access.by_either(shown, Door.SCIM)
    except TokenNotGood:
        client_id, dot, _secret = shown.rpartition(".")
        if dot:
            count_wrong_secret(service.rate_limiter, request, client_id)
        else:
            count_failure(service.rate_limiter, request)
        raise
