"""Logging in and out."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.entrypoints.http.routing import Router, run_identifying
from brugerbog.entrypoints.web.context import web_context_of
from brugerbog.entrypoints.web.login.completion import own_path
from brugerbog.entrypoints.web.login_provider import LOGIN_PAGE

router = Router()

FORGET: Final = '"cache", "storage"'
"""What a browser is asked to throw away when its session ends (`Clear-Site-Data`)."""

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
    """Says why one isn't logged in, and leads to the broker."""
    web_context = web_context_of(request)
    facts = {"onward": own_path(videre), "why": _REASONS.get(fordi), "done": fordi == "logged_out"}
    return HTMLResponse(web_context.pages.render("login.html", facts))


@router.post(LOGIN_PAGE)
async def log_in(request: Request, videre: str = "/") -> Response:
    """Off to the broker. Setting off is no failure, so it is never too often."""
    return await web_context_of(request).login_provider.to_login(request, own_path(videre))


@router.post("/log-af")
async def log_out(request: Request) -> Response:
    """End the session; its cookie opens nothing any more, wherever a copy of it lies."""
    web_context = web_context_of(request)
    written = request.cookies.get(web_context.cookie)
    if written:
        await run_identifying(partial(web_context.sessions.end, Secret(written)))
    response = await web_context.login_provider.after_logout(request)
    response.delete_cookie(web_context.cookie, path="/", secure=web_context.settings.is_secure)
    response.headers["clear-site-data"] = FORGET
    return response
