"""Whether this process lives and can serve, for what watches over it; nothing of those it serves."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse

from brugerbog.application.checkup import MOST_BEHIND, SILENT
from brugerbog.bootstrap import StoreFailure
from brugerbog.entrypoints.web.desk import desk_of
from brugerbog.entrypoints.web.guards import LIVEZ, READYZ
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.positions import FAILED

if TYPE_CHECKING:
    from brugerbog.bootstrap import Service

router = APIRouter()

_TYPE: Final = "application/health+json"


@router.get(LIVEZ)
async def is_alive() -> PlainTextResponse:
    """The process answers; one that doesn't should be replaced."""
    return PlainTextResponse("ok\n")


@router.get(READYZ)
def is_ready(request: Request) -> JSONResponse:
    """Whether to send people here: 200 when the store answers, else 503.

    What all processes share, and replacing one can't mend, is a warning: read tables that are behind or have
    stopped, and no worker at work, without whom mails and due dates wait.
    """
    try:
        checks = _checks(desk_of(request).service)
    except StoreFailure as error:
        logger("brugerbog.web").error("store_failed", failure=type(error).__name__)
        failed = {"status": "fail", "checks": {"store": {"status": "fail"}}}
        return JSONResponse(failed, HTTPStatus.SERVICE_UNAVAILABLE, media_type=_TYPE)
    worst = "warn" if any(one["status"] == "warn" for one in checks.values()) else "pass"
    return JSONResponse({"status": worst, "checks": checks}, media_type=_TYPE)


def _checks(service: Service) -> dict[str, dict[str, Any]]:
    projections = service.runner.status()
    stale = list(service.runner.find_stale(service.queries.now()))
    lag = max((one.lag for one in projections), default=0)
    stopped = [one.name for one in projections if one.state == FAILED]
    now = service.queries.now()
    turn = service.pulse.last(now)
    works = turn is not None and now - turn <= SILENT
    return {
        "store": {"status": "pass"},
        "projections": {
            "status": _warned(bool(stopped or stale) or lag > MOST_BEHIND),
            "lag": lag,
            "stopped": stopped,
        },
        "worker": {"status": _warned(not works), "last_turn_at": turn and turn.isoformat()},
    }


def _warned(is_amiss: bool) -> str:  # noqa: FBT001 - a word for it
    return "warn" if is_amiss else "pass"
