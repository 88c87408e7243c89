"""Which methods an address takes, as an answer of 405 must tell (RFC 9110, section 15.5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import APIRoute
from starlette.routing import Match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import APIRouter
    from starlette.requests import Request


def allowed_at(request: Request, routers: Iterable[APIRouter]) -> str:
    """The value of `Allow`: what all routes that share the address take; HEAD where GET is."""
    routes = (route for router in routers for route in router.routes if isinstance(route, APIRoute))
    methods = {
        method
        for route in routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
