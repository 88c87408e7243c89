"""Login with a MitID broker: OpenID Connect's authorization code flow with PKCE, state and nonce.

The state of a pending login is in a sealed cookie of its own, and in no session.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from brugerbog.application.rate_limits import FAILURES_OF_ACCOUNT, FAILURES_OF_TICKET
from brugerbog.application.refusals.requests import NotAllowed, OrganisationUnknown, UserUnknown
from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.failure_limits import count_failure
from brugerbog.entrypoints.http.routing import Router, run_identifying
from brugerbog.entrypoints.web.context import web_context_of
from brugerbog.entrypoints.web.login.broker_claims import Claims, LevelTooLow
from brugerbog.entrypoints.web.login.completion import (
    confirm_identity,
    local_path,
    logged_out_response,
    start_session,
)
from brugerbog.entrypoints.web.login_provider import LOGIN_PAGE
from brugerbog.infrastructure.keys.sealed_tokens import LOGIN_LIFETIME
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.web.oidc_client import AuthorizationRequest, LoginFailed, OidcClient, error_code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from brugerbog.infrastructure.web.settings import OidcSettings

LOGIN_RETURN: Final = "/log-ind/retur"
IDENTITY_RETURN: Final = "/bekraeft-identitet/retur"
LOGOUT_RETURN: Final = "/log-af/retur"

_LOGIN, _IDENTITY = "login", "identity"
_RETURNS: Final = {_LOGIN: LOGIN_RETURN, _IDENTITY: IDENTITY_RETURN}
_MAX_PATH: Final = 1000
"""A cookie holds some 4000 characters; beyond this length the target is dropped, and the login works."""

_NOT_PROVED: Final = {
    "denied": "Du afbrød bekræftelsen.",
    "level": "Dit MitID har et for lavt sikringsniveau.",
    "failed": "Loginudbyderen svarede ikke, som den skulle.",
}


_FORGED_CODES: Final = frozenset(
    {
        "ticket_invalid",
        "ticket_used",
        "state_wrong",
        "issuer_wrong",
        "code_missing",
        "token_refused:invalid_grant",
    }
)
"""Codes of no genuine return from the broker: state, code or sealed cookie are forged or used already."""


class LoginDenied(LoginFailed):
    """The user cancelled at the broker."""

    def __init__(self) -> None:
        super().__init__("denied")


@dataclass(eq=False)
class IdentityNotProved(Refusal):
    """The identity isn't proved, and the link that the user came from is no longer known."""

    code = "identity_not_proved"
    danish = "Din identitet er ikke bekræftet. Åbn linket i din e-mail igen, og prøv igen."
    english = "The identity wasn't proved at the broker."


class OidcLogin:
    """The login provider that uses a broker (port: `LoginProvider`)."""

    def __init__(self, settings: OidcSettings, broker: OidcClient | None = None) -> None:
        self._settings = settings
        self._broker = broker or OidcClient(settings)
        self._log = logger("brugerbog.web")
        self.router = Router()
        self.router.add_api_route(LOGIN_RETURN, self._log_in, methods=["GET"], response_model=None)
        self.router.add_api_route(IDENTITY_RETURN, self._identify, methods=["GET"], response_model=None)
        self.router.add_api_route(LOGOUT_RETURN, logged_out_response, methods=["GET"], response_model=None)

    async def start_login(self, request: Request, next_path: str) -> Response:
        """Redirect to the broker, or to the login page when the broker can't be reached."""
        try:
            return await self._redirect_to_broker(
                request, _LOGIN, next_path, self._settings.scopes, self._settings.parameters
            )
        except LoginFailed as failed:
            return _login_page_with(self._reason(_LOGIN, failed), next_path)

    async def start_identity_confirmation(self, request: Request, next_path: str) -> Response:
        """Redirect to the broker for a proof of identity."""
        try:
            return await self._redirect_to_broker(
                request,
                _IDENTITY,
                next_path,
                self._settings.identity_scopes,
                self._settings.identity_parameters,
            )
        except LoginFailed as failed:
            return self._not_proved(request, next_path, failed)

    async def after_logout(self, request: Request) -> Response:
        """Log out at the broker too, which would otherwise let the next login through without a prompt."""
        try:
            address = await self._broker.logout_url(_redirect_uri(request, LOGOUT_RETURN))
        except LoginFailed as failed:
            self._reason("logout", failed)
            address = None
        return logged_out_response() if address is None else _redirect_page(request, address, "Du logges af")

    async def _log_in(self, request: Request) -> Response:
        next_path = "/"
        try:
            pending = await _pending_login(request, _LOGIN)
            next_path = pending["onward"]
            claims = await self._claims_from_broker(request, _LOGIN, pending)
            claims.assurance_level()
            cvr, user_id = claims.cvr_and_user_id()
        except LoginFailed as failed:
            await _count_forgery(request, _LOGIN, failed)
            response = _login_page_with(self._reason(_LOGIN, failed), next_path)
        else:
            response = await run_identifying(partial(self._let_in, request, claims, cvr, user_id, next_path))
        return _without_pending_login(request, _LOGIN, response)

    def _let_in(self, request: Request, claims: Claims, cvr: str, user_id: UUID, next_path: str) -> Response:
        organisation_id, service = None, web_context_of(request).service
        try:
            organisation_id = service.organisation_id(cvr)
            if (organisation := service.log.organisation(organisation_id)) is not None:
                claims.assurance_level(organisation.settings.ial)
            return start_session(request, user_id, organisation_id, next_path)
        except LevelTooLow as failed:
            return _login_page_with(self._reason(_LOGIN, failed), next_path)
        except (NotAllowed, OrganisationUnknown, UserUnknown) as refusal:
            self._log.warning(
                "login_refused", code=refusal.code, actor=str(user_id), organisation=str(organisation_id)
            )
            count_failure(
                web_context_of(request).rate_limiter, request, (FAILURES_OF_ACCOUNT, f"{cvr} {user_id}")
            )
            return _login_page_with("refused", "/")

    async def _identify(self, request: Request) -> Response:
        """Confirm an identity after the return from the broker.

        Raises: IdentityNotProved, and as `confirm_identity`.
        """
        next_path = None
        try:
            pending = await _pending_login(request, _IDENTITY)
            next_path = pending["onward"]
            claims = await self._claims_from_broker(request, _IDENTITY, pending)
            proved = claims.proof_of_identity(today=danish_day(web_context_of(request).service.queries.now()))
        except LoginFailed as failed:
            await _count_forgery(request, _IDENTITY, failed)
            response = self._not_proved(request, next_path, failed)
        else:
            response = await run_identifying(partial(confirm_identity, request, next_path, proved))
        return _without_pending_login(request, _IDENTITY, response)

    def _not_proved(self, request: Request, next_path: str | None, failed: LoginFailed) -> Response:
        """Return a page that leads back to the link. Raises: IdentityNotProved, when the link isn't known."""
        reason = self._reason(_IDENTITY, failed)
        if next_path is None:
            raise IdentityNotProved
        facts = {"message": _NOT_PROVED[reason], "path": next_path}
        return HTMLResponse(web_context_of(request).templates.render("link_not_yours.html", facts), 422)

    async def _redirect_to_broker(
        self, request: Request, purpose: str, next_path: str, scopes: str, params: Mapping[str, str]
    ) -> Response:
        web_context = web_context_of(request)
        authorization_request = await self._broker.start(
            _redirect_uri(request, _RETURNS[purpose]), scopes, params
        )
        pending = await run_identifying(
            partial(
                web_context.sealed_tokens.seal_with_current_key,
                {
                    "purpose": purpose,
                    "state": authorization_request.state,
                    "nonce": authorization_request.nonce,
                    "verifier": authorization_request.verifier,
                    "since": authorization_request.min_auth_time,
                    "onward": next_path if len(next_path) <= _MAX_PATH else "/",
                },
            )
        )
        response = _redirect_page(request, authorization_request.url, "Du sendes videre til MitID")
        response.set_cookie(
            _cookie(request, purpose),
            pending,
            max_age=int(LOGIN_LIFETIME.total_seconds()),
            path="/",
            secure=web_context.settings.is_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def _claims_from_broker(self, request: Request, purpose: str, pending: dict[str, Any]) -> Claims:
        """Return the broker's claims after the browser's return from it. Raises: LoginFailed."""
        query = request.query_params
        if not hmac.compare_digest(query.get("state", "").encode(), pending["state"].encode()):
            raise LoginFailed("state_wrong")
        if not await run_identifying(partial(web_context_of(request).used_logins.use, pending["state"])):
            raise LoginFailed("ticket_used")
        await self._broker.check_issuer(query.get("iss"))
        if query.get("error") == "access_denied":
            raise LoginDenied
        if "error" in query:
            raise LoginFailed(error_code("broker_refused", query["error"]))
        if not query.get("code"):
            raise LoginFailed("code_missing")
        redirect_uri = _redirect_uri(request, _RETURNS[purpose])
        authorization_request = AuthorizationRequest(
            "", pending["state"], pending["nonce"], pending["verifier"], pending["since"]
        )
        claims = await self._broker.claims(query["code"], redirect_uri, authorization_request)
        return Claims(claims, self._settings)

    def _reason(self, purpose: str, failed: LoginFailed) -> str:
        """Log the code of a failure, and return the reason that the login page explains."""
        self._log.warning("not_vouched_for", purpose=purpose, code=failed.code)
        if isinstance(failed, LoginDenied):
            return "denied"
        return "level" if isinstance(failed, LevelTooLow) else "failed"


async def _count_forgery(request: Request, purpose: str, failed: LoginFailed) -> None:
    """Count a return that fits no pending login, but no failure of the broker. Raises: TooManyTries."""
    if failed.code in _FORGED_CODES:
        pending = request.cookies.get(_cookie(request, purpose), "")
        limiter = web_context_of(request).rate_limiter
        # A missing cookie has expired, as after ten minutes; its absence is no key to count by.
        also = [(FAILURES_OF_TICKET, pending)] if pending else []
        await run_identifying(partial(count_failure, limiter, request, *also))


async def _pending_login(request: Request, purpose: str) -> dict[str, Any]:
    """Return the state of a pending login from the browser's sealed cookie. Raises: LoginFailed."""
    cookie = request.cookies.get(_cookie(request, purpose), "")
    sealed_tokens = web_context_of(request).sealed_tokens
    pending = await run_identifying(partial(sealed_tokens.open_with_current_key, cookie))
    if pending is None or pending.get("purpose") != purpose:
        raise LoginFailed("ticket_invalid")
    return pending


def _cookie(request: Request, purpose: str) -> str:
    return f"{web_context_of(request).cookie}-{purpose}"


def _without_pending_login(request: Request, purpose: str, response: Response) -> Response:
    response.delete_cookie(
        _cookie(request, purpose), path="/", secure=web_context_of(request).settings.is_secure, httponly=True
    )
    return response


def _redirect_uri(request: Request, path: str) -> str:
    """Return the address that the broker redirects to, as registered at the broker."""
    return f"{web_context_of(request).settings.base_url}{path}"


def _login_page_with(reason: str, next_path: str) -> Response:
    next_path = local_path(next_path)
    query = {"fordi": reason} if next_path == "/" else {"fordi": reason, "videre": next_path}
    return RedirectResponse(f"{LOGIN_PAGE}?{urlencode(query)}", HTTPStatus.SEE_OTHER)


def _redirect_page(request: Request, address: str, heading: str) -> Response:
    """Return a page that leads to another host by itself: a form's response may redirect to our host only.

    To allow the broker in `form-action` isn't enough: browsers apply it to the broker's own redirects too.
    """
    facts = {"address": address, "heading": heading}
    return HTMLResponse(web_context_of(request).templates.render("onward.html", facts))
