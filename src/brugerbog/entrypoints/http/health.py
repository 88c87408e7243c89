"""Whether this process lives and can serve, for what watches over it; nothing of those it serves."""

from __future__ import annotations

import math
import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from anyio import Lock
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse

from brugerbog.application.diagnostics.checks import HIGHEST_NORMAL_LAG, SILENT_AFTER
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.context import http_context_of
from brugerbog.entrypoints.http.security_middleware import LIVEZ, READYZ
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.projections.positions import FAILED
from brugerbog.service import StoreFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.entrypoints.http.limiters import FairLimiter
    from brugerbog.service import Service

router = APIRouter()

GOOD_FOR: Final = 1.0
"""Seconds for which an answer stands, so that probes cost little however many ask."""

_PASSED: Final[dict[str, Any]] = {"status": "pass"}
_FAILED: Final[dict[str, Any]] = {"status": "fail"}
_TYPE: Final = "application/health+json"


@router.get(LIVEZ)
async def is_alive() -> PlainTextResponse:
    """The process answers; one that doesn't should be replaced."""
    return PlainTextResponse("ok\n")


@router.get(READYZ)
async def is_ready(request: Request) -> JSONResponse:
    """Whether to send people here: 200 when the store can be read, else 503.

    With `?need=writing` it is 503 too when nothing can be written. What all processes share, and replacing
    one can't mend, is a warning: that nothing can be written, read tables that are behind or have stopped,
    and no worker at work, without whom mails and due dates wait.
    """
    probes: Probes = request.app.state.probes
    checks = await probes.checks(http_context_of(request).service, request.app.state.limiters[Workload.PROBE])
    needed = {"reading", *request.query_params.getlist("need")} & checks.keys()
    has_failed = any(checks[name]["status"] == "fail" for name in needed)
    is_amiss = any(one["status"] != "pass" for one in checks.values())
    status = "fail" if has_failed else "warn" if is_amiss else "pass"
    code = HTTPStatus.SERVICE_UNAVAILABLE if has_failed else HTTPStatus.OK
    return JSONResponse({"status": status, "checks": checks}, code, media_type=_TYPE)


class Probes:
    """Asks the store whether it can be read and written, once for all who ask within a second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked_at = -math.inf
        self._checks: dict[str, dict[str, Any]] = {}

    async def checks(self, service: Service, limiter: FairLimiter) -> dict[str, dict[str, Any]]:
        """What was found, at most a second ago."""
        async with self._lock:
            if time.monotonic() - self._asked_at > GOOD_FOR:
                found = {"store": _FAILED, "reading": _FAILED, "writing": _FAILED}
                found |= await self._probed(limiter, partial(_read, service))
                found |= await self._probed(limiter, partial(_written, service))
                self._checks, self._asked_at = found, time.monotonic()
            return self._checks

    async def _probed(
        self, limiter: FairLimiter, probe: Callable[[], dict[str, dict[str, Any]]]
    ) -> dict[str, dict[str, Any]]:
        """What a probe found; nothing when the store fails, or doesn't answer before the deadline."""
        try:
            return await limiter.run(None, probe)
        except (StoreFailure, Refusal) as error:
            logger("brugerbog.web").error("store_failed", failure=type(error).__name__)
            return {}


def _read(service: Service) -> dict[str, dict[str, Any]]:
    projections = service.runner.status()
    stale = list(service.runner.find_stale(service.queries.now()))
    lag = max((one.lag for one in projections), default=0)
    stopped = [one.name for one in projections if one.state == FAILED]
    now = service.queries.now()
    turn = service.heartbeat.last(now)
    works = turn is not None and now - turn <= SILENT_AFTER
    return {
        "store": _PASSED,
        "reading": _PASSED,
        "projections": {
            "status": _warned(bool(stopped or stale) or lag > HIGHEST_NORMAL_LAG),
            "lag": lag,
            "stopped": stopped,
        },
        "worker": {"status": _warned(not works), "last_turn_at": turn and turn.isoformat()},
    }


def _written(service: Service) -> dict[str, dict[str, Any]]:
    service.log.backend.probe_write()
    return {"writing": _PASSED}


def _warned(is_amiss: bool) -> str:  # noqa: FBT001 - a word for it
    return "warn" if is_amiss else "pass"
