"""The way in by a MitID broker: OpenID Connect's code flow with PKCE, state and nonce.

What must survive a browser's trip to the broker lies sealed in a cookie of its own, and in no session.
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
from brugerbog.entrypoints.web.login.completion import confirm, let_in, logged_out, own_path
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
_LONGEST_PATH: Final = 1000
"""A cookie holds some 4000 characters; where somebody was going is dropped rather than his login."""

_NOT_PROVED: Final = {
    "denied": "Du afbrød bekræftelsen.",
    "level": "Dit MitID har et for lavt sikringsniveau.",
    "failed": "Loginudbyderen svarede ikke, som den skulle.",
}


_FORGED: Final = frozenset(
    {
        "ticket_invalid",
        "ticket_used",
        "state_wrong",
        "issuer_wrong",
        "code_missing",
        "token_refused:invalid_grant",
    }
)
"""What nobody meets whom the broker sends back: state, code or ticket are made up, or used already."""


class Denied(LoginFailed):
    """Whoever was to prove who he is broke off."""

    def __init__(self) -> None:
        super().__init__("denied")


@dataclass(eq=False)
class IdentityNotProved(Refusal):
    """Nobody vouched for whoever comes back, and which link he came by isn't known any more."""

    code = "identity_not_proved"
    danish = "Din identitet er ikke bekræftet. Åbn linket i din e-mail igen, og prøv igen."
    english = "The identity wasn't proved at the broker."


class OidcLogin:
    """A broker vouches for people (port: `LoginProvider`)."""

    def __init__(self, settings: OidcSettings, broker: OidcClient | None = None) -> None:
        self._settings = settings
        self._broker = broker or OidcClient(settings)
        self._log = logger("brugerbog.web")
        self.router = Router()
        self.router.add_api_route(LOGIN_RETURN, self._log_in, methods=["GET"], response_model=None)
        self.router.add_api_route(IDENTITY_RETURN, self._identify, methods=["GET"], response_model=None)
        self.router.add_api_route(LOGOUT_RETURN, logged_out, methods=["GET"], response_model=None)

    async def to_login(self, request: Request, onward: str) -> Response:
        """Off to the broker; back at the login page if it can't be asked."""
        try:
            return await self._send_off(
                request, _LOGIN, onward, self._settings.scopes, self._settings.parameters
            )
        except LoginFailed as failed:
            return _back_to_login(self._reason(_LOGIN, failed), onward)

    async def to_identity(self, request: Request, onward: str) -> Response:
        """Off to the broker to prove who one is."""
        try:
            return await self._send_off(
                request,
                _IDENTITY,
                onward,
                self._settings.identity_scopes,
                self._settings.identity_parameters,
            )
        except LoginFailed as failed:
            return self._not_proved(request, onward, failed)

    async def after_logout(self, request: Request) -> Response:
        """Log off at the broker too, where somebody would else be let in again without a question."""
        try:
            address = await self._broker.logout_url(_address(request, LOGOUT_RETURN))
        except LoginFailed as failed:
            self._reason("logout", failed)
            address = None
        return logged_out() if address is None else _onward(request, address, "Du logges af")

    async def _log_in(self, request: Request) -> Response:
        onward = "/"
        try:
            ticket = await _ticket(request, _LOGIN)
            onward = ticket["onward"]
            claims = await self._vouched(request, _LOGIN, ticket)
            claims.level()
            cvr, user_id = claims.professional()
        except LoginFailed as failed:
            await _count(request, _LOGIN, failed)
            response = _back_to_login(self._reason(_LOGIN, failed), onward)
        else:
            response = await run_identifying(partial(self._let_in, request, claims, cvr, user_id, onward))
        return _without_ticket(request, _LOGIN, response)

    def _let_in(self, request: Request, claims: Claims, cvr: str, user_id: UUID, onward: str) -> Response:
        organisation_id, service = None, web_context_of(request).service
        try:
            organisation_id = service.organisation_id(cvr)
            if (organisation := service.log.organisation(organisation_id)) is not None:
                claims.level(organisation.settings.ial)
            return let_in(request, user_id, organisation_id, onward)
        except LevelTooLow as failed:
            return _back_to_login(self._reason(_LOGIN, failed), onward)
        except (NotAllowed, OrganisationUnknown, UserUnknown) as refusal:
            self._log.warning(
                "login_refused", code=refusal.code, actor=str(user_id), organisation=str(organisation_id)
            )
            count_failure(
                web_context_of(request).rate_limiter, request, (FAILURES_OF_ACCOUNT, f"{cvr} {user_id}")
            )
            return _back_to_login("refused", "/")

    async def _identify(self, request: Request) -> Response:
        """Raises: IdentityNotProved, and as `confirm`."""
        onward = None
        try:
            ticket = await _ticket(request, _IDENTITY)
            onward = ticket["onward"]
            claims = await self._vouched(request, _IDENTITY, ticket)
            proved = claims.person(today=danish_day(web_context_of(request).service.queries.now()))
        except LoginFailed as failed:
            await _count(request, _IDENTITY, failed)
            response = self._not_proved(request, onward, failed)
        else:
            response = await run_identifying(partial(confirm, request, onward, proved))
        return _without_ticket(request, _IDENTITY, response)

    def _not_proved(self, request: Request, onward: str | None, failed: LoginFailed) -> Response:
        """Back to his link, if it is known; or raises: IdentityNotProved."""
        reason = self._reason(_IDENTITY, failed)
        if onward is None:
            raise IdentityNotProved
        facts = {"message": _NOT_PROVED[reason], "path": onward}
        return HTMLResponse(web_context_of(request).pages.render("link_not_yours.html", facts), 422)

    async def _send_off(
        self, request: Request, purpose: str, onward: str, scopes: str, asked: Mapping[str, str]
    ) -> Response:
        web_context = web_context_of(request)
        authorization_request = await self._broker.start(_address(request, _RETURNS[purpose]), scopes, asked)
        ticket = await run_identifying(
            partial(
                web_context.sealed_tokens.seal_with_current_key,
                {
                    "purpose": purpose,
                    "state": authorization_request.state,
                    "nonce": authorization_request.nonce,
                    "verifier": authorization_request.verifier,
                    "since": authorization_request.min_auth_time,
                    "onward": onward if len(onward) <= _LONGEST_PATH else "/",
                },
            )
        )
        response = _onward(request, authorization_request.url, "Du sendes videre til MitID")
        response.set_cookie(
            _cookie(request, purpose),
            ticket,
            max_age=int(LOGIN_LIFETIME.total_seconds()),
            path="/",
            secure=web_context.settings.is_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def _vouched(self, request: Request, purpose: str, ticket: dict[str, Any]) -> Claims:
        """What the broker says of who comes back from it. Raises: LoginFailed."""
        said = request.query_params
        if not hmac.compare_digest(said.get("state", "").encode(), ticket["state"].encode()):
            raise LoginFailed("state_wrong")
        if not await run_identifying(partial(web_context_of(request).used_logins.use, ticket["state"])):
            raise LoginFailed("ticket_used")
        await self._broker.check_issuer(said.get("iss"))
        if said.get("error") == "access_denied":
            raise Denied
        if "error" in said:
            raise LoginFailed(error_code("broker_refused", said["error"]))
        if not said.get("code"):
            raise LoginFailed("code_missing")
        back = _address(request, _RETURNS[purpose])
        authorization_request = AuthorizationRequest(
            "", ticket["state"], ticket["nonce"], ticket["verifier"], ticket["since"]
        )
        told = await self._broker.claims(said["code"], back, authorization_request)
        return Claims(told, self._settings)

    def _reason(self, purpose: str, failed: LoginFailed) -> str:
        """Why nobody was vouched for, logged by its code, as a word that the login page explains."""
        self._log.warning("not_vouched_for", purpose=purpose, code=failed.code)
        if isinstance(failed, Denied):
            return "denied"
        return "level" if isinstance(failed, LevelTooLow) else "failed"


async def _count(request: Request, purpose: str, failed: LoginFailed) -> None:
    """Count what comes back and fits no log-in; that a broker fails is nobody's try. Raises: TooManyTries."""
    if failed.code in _FORGED:
        ticket = request.cookies.get(_cookie(request, purpose), "")
        limiter = web_context_of(request).rate_limiter
        # Who has none has lost it, as after ten minutes: what many lack is nobody's to count together.
        also = [(FAILURES_OF_TICKET, ticket)] if ticket else []
        await run_identifying(partial(count_failure, limiter, request, *also))


async def _ticket(request: Request, purpose: str) -> dict[str, Any]:
    """What went along with a browser that comes back. Raises: LoginFailed."""
    shown = request.cookies.get(_cookie(request, purpose), "")
    ticket = await run_identifying(
        partial(web_context_of(request).sealed_tokens.open_with_current_key, shown)
    )
    if ticket is None or ticket.get("purpose") != purpose:
        raise LoginFailed("ticket_invalid")
    return ticket


def _cookie(request: Request, purpose: str) -> str:
    return f"{web_context_of(request).cookie}-{purpose}"


def _without_ticket(request: Request, purpose: str, response: Response) -> Response:
    response.delete_cookie(
        _cookie(request, purpose), path="/", secure=web_context_of(request).settings.is_secure, httponly=True
    )
    return response


def _address(request: Request, path: str) -> str:
    """The address that the broker sends a browser back to, as it is registered there."""
    return f"{web_context_of(request).settings.base_url}{path}"


def _back_to_login(reason: str, onward: str) -> Response:
    onward = own_path(onward)
    said = {"fordi": reason} if onward == "/" else {"fordi": reason, "videre": onward}
    return RedirectResponse(f"{LOGIN_PAGE}?{urlencode(said)}", HTTPStatus.SEE_OTHER)


def _onward(request: Request, address: str, heading: str) -> Response:
    """A page that leads away by itself: a form that is answered with a redirect may lead to ourselves only.

    Nor would it do to allow the broker: browsers hold its own redirects to that too, and it has some.
    """
    facts = {"address": address, "heading": heading}
    return HTMLResponse(web_context_of(request).pages.render("onward.html", facts))
