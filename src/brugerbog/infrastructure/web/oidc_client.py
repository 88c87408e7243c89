"""The OpenID Connect client of a MitID broker."""

from __future__ import annotations

import logging
import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx2
from anyio import fail_after
from authlib.integrations.starlette_client import OAuth, OAuthError

from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from brugerbog.infrastructure.web.settings import OidcSettings

TIMEOUT_SECONDS: Final = 10
"""How long a broker may take to answer."""

METADATA_SECONDS: Final = 3600
"""How long a broker's metadata is used before it is read again."""

_LEEWAY: Final = 60
"""How many seconds a broker's clock may differ from ours."""

_AUTH_TIME_LEEWAY: Final = 30
"""How many seconds before the request a user may have logged in at a broker, by the broker's clock."""

_ASYMMETRIC_ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
_CODE: Final = re.compile(r"[a-z_]{1,40}")


class LoginFailed(Exception):
    """A login failed; `code` is the reason for the log, without any content of the broker's answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, repr=False)
class AuthorizationRequest:
    """An authorization request: the browser's redirect, and the values that only its own return can match.

    `min_auth_time` is the earliest time, in seconds since 1970, at which the user may have logged in at the
    broker; None if any time will do.
    """

    url: str
    state: str
    nonce: str
    verifier: str
    min_auth_time: int | None


class OidcClient:
    """The client of one broker.

    The broker's metadata is read when first needed, and again from time to time.
    """

    def __init__(self, settings: OidcSettings, seconds: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._seconds = seconds
        self._client: Any = None
        self._tls = httpx2.create_ssl_context()
        """Made once: it takes longer than a whole page, and each request would make its own."""
        self._read_at = 0.0
        self._log = logger("brugerbog.web")
        # At debug level the library logs secrets of a login.
        logging.getLogger("authlib").setLevel(logging.INFO)

    async def start(self, back: str, scopes: str, parameters: Mapping[str, str]) -> AuthorizationRequest:
        """Start an authorization that returns to `back`. Raises: LoginFailed."""
        client = await self._current_client()
        async with _broker_failures("metadata_unusable"):
            made = await client.create_authorization_url(back, scope=scopes, **parameters)
        max_age = parameters.get("max_age")
        since = None if max_age is None else int(time.time()) - int(max_age)
        return AuthorizationRequest(made["url"], made["state"], made["nonce"], made["code_verifier"], since)

    async def check_issuer(self, issuer: str | None) -> None:
        """Check that a response comes from this broker, as far as it names an issuer (RFC 9207).

        Raises: LoginFailed.
        """
        metadata = (await self._current_client()).server_metadata
        sends_issuer = metadata.get("authorization_response_iss_parameter_supported")
        if issuer != self._settings.issuer and (issuer is not None or sends_issuer is True):
            raise LoginFailed("issuer_wrong")

    async def claims(
        self, code: str, back: str, authorization_request: AuthorizationRequest
    ) -> Mapping[str, Any]:
        """The broker's claims about the user to whom it issued this code.

        Raises: LoginFailed, also if the user had to log in anew and didn't, or the time of login is missing.
        """
        client = await self._current_client()
        expected = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        async with _broker_failures("token_refused"):
            token = await client.fetch_access_token(
                redirect_uri=back, code=code, code_verifier=authorization_request.verifier
            )
        async with _broker_failures("token_invalid"):
            claims = await client.parse_id_token(
                token, authorization_request.nonce, claims_options=expected, leeway=_LEEWAY
            )
        if claims is None:
            raise LoginFailed("token_missing")
        _check_auth_time(claims.get("auth_time"), authorization_request.min_auth_time)
        if "userinfo_endpoint" not in client.server_metadata or "access_token" not in token:
            return dict(claims)
        async with _broker_failures("userinfo_refused"):
            more = await client.userinfo(token=token)
        if more.get("sub") != claims["sub"]:
            raise LoginFailed("userinfo_of_another")
        return {**more, **claims}

    async def logout_url(self, back: str) -> str | None:
        """The broker's logout page, if the broker has one. Raises: LoginFailed.

        The id token hint, which would save the user a question, isn't sent: it would put personal data into a
        URL.
        """
        client = await self._current_client()
        if not client.server_metadata.get("end_session_endpoint"):
            return None
        async with _broker_failures("metadata_unusable"):
            made = await client.create_logout_url(back, client_id=self._settings.client_id)
        return str(made["url"])

    async def _current_client(self) -> Any:  # noqa: ANN401 - Authlib's client, which has no types
        """A client with the broker's metadata.

        While the broker doesn't answer, the metadata read last stay in use.
        """
        if self._client is not None and self._seconds() - self._read_at < METADATA_SECONDS:
            return self._client
        try:
            self._client = await self._discover()
        except LoginFailed as failed:
            if self._client is None:
                raise
            self._log.warning("broker_not_read", code=failed.code)
        self._read_at = self._seconds()
        return self._client

    async def _discover(self) -> Any:  # noqa: ANN401 - as above
        secret = self._settings.client_secret
        client = OAuth().register(
            "broker",
            client_id=self._settings.client_id,
            client_secret=secret.reveal() if secret else None,
            server_metadata_url=f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "code_challenge_method": "S256",
                "timeout": TIMEOUT_SECONDS,
                "verify": self._tls,
            },
        )
        async with _broker_failures("metadata_unreadable"):
            metadata = await client.load_server_metadata()
            if metadata["issuer"] != self._settings.issuer:
                raise LoginFailed("metadata_of_another")
            algorithms = set(metadata.get("id_token_signing_alg_values_supported", ["RS256"]))
            metadata["id_token_signing_alg_values_supported"] = sorted(algorithms & _ASYMMETRIC_ALGORITHMS)
            if not algorithms & _ASYMMETRIC_ALGORITHMS:
                raise LoginFailed("signing_algorithm_unknown")
            methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if secret and "client_secret_basic" not in methods:
                client.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 - a way
        return client


def _check_auth_time(auth_time: object, since: int | None) -> None:
    """Check that the user has logged in at the broker since then (OpenID Connect Core, 3.1.3.7, 13).

    A broker may ignore `prompt=login`, but then states the time of login. Raises: LoginFailed.
    """
    if since is None:
        return
    if not isinstance(auth_time, int) or isinstance(auth_time, bool):
        raise LoginFailed("auth_time_missing")
    if not since - _AUTH_TIME_LEEWAY <= auth_time <= time.time() + _LEEWAY:
        raise LoginFailed("auth_time_too_old")


@asynccontextmanager
async def _broker_failures(code: str) -> AsyncIterator[None]:
    """Turn every failure of a request to the broker into `LoginFailed`, without the content of the answer."""
    try:
        with fail_after(TIMEOUT_SECONDS):
            yield
    except LoginFailed:
        raise
    except (TimeoutError, httpx2.TimeoutException):
        raise LoginFailed("broker_too_slow") from None
    except httpx2.TransportError:
        raise LoginFailed("broker_out_of_reach") from None
    except OAuthError as error:
        raise LoginFailed(error_code(code, error.error)) from None
    except Exception as error:  # noqa: BLE001 - a broker may answer anything, and none of it is a fault of ours
        raise LoginFailed(f"{code}:{type(error).__name__}") from None


def error_code(code: str, broker_code: object) -> str:
    """A code with the broker's own error code, if that is one word and no sentence about somebody."""
    is_word = isinstance(broker_code, str) and _CODE.fullmatch(broker_code)
    return f"{code}:{broker_code}" if is_word else code
