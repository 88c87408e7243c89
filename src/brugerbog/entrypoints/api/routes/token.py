"""Access tokens for client credentials (RFC 6749, section 4.4)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import unquote_plus

from fastapi import Form, Header, Request
from starlette.responses import JSONResponse

from brugerbog.application.client_authentication import CredentialsWrong
from brugerbog.application.rate_limits import TooManyTries
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.entrypoints.api.request_context import service_of
from brugerbog.entrypoints.api.responses.access import Token
from brugerbog.entrypoints.http.failure_limits import count_wrong_secret
from brugerbog.entrypoints.http.routing import Router

if TYPE_CHECKING:
    from collections.abc import Mapping

router = Router(tags=["access"])

_GRANT: Final = "client_credentials"
_BASIC: Final = {"www-authenticate": 'Basic realm="brugerbog"'}
_REFUSED: Final = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
                "required": ["error", "error_description"],
            }
        }
    }
}


@router.post(
    "/token",
    response_model=Token,
    responses={
        400: _REFUSED | {"description": "The grant type is missing or not supported."},
        401: _REFUSED | {"description": "No client has this id and secret."},
        429: _REFUSED | {"description": "Too many wrong secrets; the right one is still accepted."},
    },
    openapi_extra={"security": []},
)
def token(
    request: Request,
    grant_type: Annotated[str, Form(max_length=100, description=f"`{_GRANT}`")] = "",
    client_id: Annotated[str, Form(max_length=200)] = "",
    client_secret: Annotated[str, Form(max_length=200, json_schema_extra={"format": "password"})] = "",
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Token | JSONResponse:
    """Send id and secret as form fields or as HTTP Basic; use the token as `Authorization: Bearer …`."""
    if grant_type != _GRANT:
        return _refusal_response("unsupported_grant_type", f"The grant type is to be {_GRANT}.", 400)
    if authorization is not None and authorization[:6].lower() == "basic ":
        client_id, client_secret = _from_basic(authorization[6:])
    service = service_of(request)
    try:
        issued = service.access.issue_access_token(client_id, Secret(client_secret), Door.API)
    except CredentialsWrong as wrong:
        try:
            count_wrong_secret(service.rate_limiter, request, client_id)
        except TooManyTries as too_many:
            return _refusal_response(
                too_many.code, too_many.detail, 429, {"retry-after": str(too_many.retry_after)}
            )
        return _refusal_response(wrong.code, wrong.detail, 401, _BASIC)
    return Token(access_token=issued.token, token_type="Bearer", expires_in=issued.expires_in)  # noqa: S106 - its kind


def _refusal_response(
    error: str, description: str, status: int, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, status, headers)


def _from_basic(encoded: str) -> tuple[str, str]:
    """Decode HTTP Basic credentials; malformed ones give an empty id and secret, which no client has."""
    try:
        client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)
