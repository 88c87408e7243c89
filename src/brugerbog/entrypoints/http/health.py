"""Liveness and readiness of this process, for load balancers and monitoring; without personal data."""

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

CACHE_SECONDS: Final = 1.0
"""Seconds for which results are cached, so that many probes cost little."""

_PASSED: Final[dict[str, Any]] = {"status": "pass"}
_FAILED: Final[dict[str, Any]] = {"status": "fail"}
_TYPE: Final = "application/health+json"


@router.get(LIVEZ)
async def is_alive() -> PlainTextResponse:
    """Return 200. A process that doesn't respond should be replaced."""
    return PlainTextResponse("ok\n")


@router.get(READYZ)
async def is_ready(request: Request) -> JSONResponse:
    """Return 200 when the store can be read, else 503.

    With `?need=writing` the status is 503 too when the store can't be written. Conditions that all processes
    share, and that replacing one process can't mend, are warnings: a store that can't be written, projections
    that lag or have stopped, and no running worker, without which mails and due dates wait.
    """
    probes: Probes = request.app.state.probes
    checks = await probes.checks(http_context_of(request).service, request.app.state.limiters[Workload.PROBE])
    needed = {"reading", *request.query_params.getlist("need")} & checks.keys()
    has_failed = any(checks[name]["status"] == "fail" for name in needed)
    has_warning = any(check["status"] != "pass" for check in checks.values())
    status = "fail" if has_failed else "warn" if has_warning else "pass"
    code = HTTPStatus.SERVICE_UNAVAILABLE if has_failed else HTTPStatus.OK
    return JSONResponse({"status": status, "checks": checks}, code, media_type=_TYPE)


class Probes:
    """Checks whether the store can be read and written, at most once a second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._checked_at = -math.inf
        self._checks: dict[str, dict[str, Any]] = {}

    async def checks(self, service: Service, limiter: FairLimiter) -> dict[str, dict[str, Any]]:
        """Return the results, at most `CACHE_SECONDS` old."""
        async with self._lock:
            if time.monotonic() - self._checked_at > CACHE_SECONDS:
                found = {"store": _FAILED, "reading": _FAILED, "writing": _FAILED}
                found |= await self._run_probe(limiter, partial(_check_reading, service))
                found |= await self._run_probe(limiter, partial(_check_writing, service))
                self._checks, self._checked_at = found, time.monotonic()
            return self._checks

    async def _run_probe(
        self, limiter: FairLimiter, probe: Callable[[], dict[str, dict[str, Any]]]
    ) -> dict[str, dict[str, Any]]:
        """Return the result of a probe; empty when the store fails or exceeds the deadline."""
        try:
            return await limiter.run(None, probe)
        except (StoreFailure, Refusal) as error:
            logger("brugerbog.web").error("store_failed", failure=type(error).__name__)
            return {}


def _check_reading(service: Service) -> dict[str, dict[str, Any]]:
    projections = service.runner.status()
    stale = list(service.runner.find_stale(service.queries.now()))
    lag = max((projection.lag for projection in projections), default=0)
    stopped = [projection.name for projection in projections if projection.state == FAILED]
    now = service.queries.now()
    last_run = service.heartbeat.last(now)
    is_working = last_run is not None and now - last_run <= SILENT_AFTER
    return {
        "store": _PASSED,
        "reading": _PASSED,
        "projections": {
            "status": _warn_if(bool(stopped or stale) or lag > HIGHEST_NORMAL_LAG),
            "lag": lag,
            "stopped": stopped,
        },
        "worker": {"status": _warn_if(not is_working), "last_turn_at": last_run and last_run.isoformat()},
    }


def _check_writing(service: Service) -> dict[str, dict[str, Any]]:
    service.log.backend.probe_write()
    return {"writing": _PASSED}


def _warn_if(has_warning: bool) -> str:  # noqa: FBT001 - a word for it
    return "warn" if has_warning else "pass"
