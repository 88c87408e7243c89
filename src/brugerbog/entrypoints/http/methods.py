"""The methods that an address takes, for the header `Allow` of a 405 (RFC 9110, section 15.5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import APIRoute
from starlette.routing import Match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import APIRouter
    from starlette.requests import Request


def allowed_methods(request: Request, routers: Iterable[APIRouter]) -> str:
    """Return the value of `Allow`: the methods of all routes at the address, and HEAD beside GET."""
    routes = (route for router in routers for route in router.routes if isinstance(route, APIRoute))
    methods = {
        method
        for route in routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
