"""The login page, login and logout."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.entrypoints.http.routing import Router, run_identifying
from brugerbog.entrypoints.web.context import web_context_of
from brugerbog.entrypoints.web.login.completion import local_path
from brugerbog.entrypoints.web.login_provider import LOGIN_PAGE

router = Router()

FORGET: Final = '"cache", "storage"'
"""The data that the browser deletes at the end of a session (`Clear-Site-Data`)."""

_REASONS: Final = {
    "session_over": "Du har været logget ind for længe uden at bruge siden. Log ind igen.",
    "not_active": "Du er logget ud, fordi din bruger ikke længere er aktiv. Kontakt jeres administrator.",
    "role_taken": "Du er logget ud, fordi en af dine roller er taget fra dig. Log ind igen.",
    "logged_out": "Du er nu logget ud.",
    "refused": "Du kunne ikke logges ind. Din bruger skal være oprettet og aktiv i MitID Erhverv.",
    "level": "Dit MitID har et for lavt sikringsniveau til at logge ind her.",
    "denied": "Du afbrød login med MitID. Prøv igen, når du er klar.",
    "failed": "Loginudbyderen svarede ikke, som den skulle. Prøv igen.",
}


@router.get(LOGIN_PAGE)
def login_page(request: Request, videre: str = "/", fordi: str = "") -> HTMLResponse:
    """Return the login page, with the reason for a missing session."""
    web_context = web_context_of(request)
    facts = {"next_path": local_path(videre), "why": _REASONS.get(fordi), "done": fordi == "logged_out"}
    return HTMLResponse(web_context.templates.render("login.html", facts))


@router.post(LOGIN_PAGE)
async def log_in(request: Request, videre: str = "/") -> Response:
    """Redirect to the broker. The start of a login counts as no failure, so it has no rate limit."""
    return await web_context_of(request).login_provider.start_login(request, local_path(videre))


@router.post("/log-af")
async def log_out(request: Request) -> Response:
    """End the session on the server, so that no copy of its cookie works any more."""
    web_context = web_context_of(request)
    cookie = request.cookies.get(web_context.cookie)
    if cookie:
        await run_identifying(partial(web_context.sessions.end, Secret(cookie)))
    response = await web_context.login_provider.after_logout(request)
    response.delete_cookie(web_context.cookie, path="/", secure=web_context.settings.is_secure)
    response.headers["clear-site-data"] = FORGET
    return response
