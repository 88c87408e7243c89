"""Routes that find out who asks before they take a body, and work in the limiter of their workload."""

from __future__ import annotations

from contextvars import ContextVar
from functools import partial, wraps
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fastapi import APIRouter
from fastapi.routing import APIRoute

from brugerbog.infrastructure.database.deadlines import Workload, set_workload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from uuid import UUID

    from fastapi.dependencies.models import Dependant
    from starlette.requests import Request
    from starlette.responses import Response

    from brugerbog.entrypoints.http.limiters import Limiters

    Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
    Found = TypeVar("Found")

_request: Final[ContextVar[Request | None]] = ContextVar("brugerbog_request", default=None)
_identifying: Final[dict[Callable[..., Any], Callable[[Request], Any]]] = {}
_WORKLOAD: Final = "__brugerbog_workload__"


def workload(of: Workload) -> Callable[[Endpoint], Endpoint]:
    """Let an endpoint be of a workload; else it is a question if it is only read, and a command if not."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _WORKLOAD, of)
        return endpoint

    return mark


def identified_by(dependency: Callable[..., Any], identify: Callable[[Request], Any]) -> None:
    """Let routes with this dependency call `identify` before all else; both keep what they found."""
    _identifying[dependency] = identify


def kept(request: Request, name: str, find: Callable[[], Found]) -> Found:
    """What is found once in a request, and known from then on."""
    found: Found | None = getattr(request.state, name, None)
    if found is None:
        found = find()
        setattr(request.state, name, found)
    return found


async def run_as(of: Workload, organisation_id: UUID | None, work: Callable[[], Found]) -> Found:
    """Do a part of the current request's work in a thread of that workload. Raises: ServerBusy."""
    request = _request.get()
    assert request is not None  # noqa: S101 - every route sets it
    limiters: Limiters = request.app.state.limiters
    return await limiters[of].run(organisation_id, work, partial(_is_connected, request))


async def run_identifying(work: Callable[[], Found]) -> Found:
    """Find out who asks in the current request, or do what belongs to that. Raises: ServerBusy.

    The body may not be taken yet, so it isn't looked whether the caller has hung up.
    """
    request = _request.get()
    assert request is not None  # noqa: S101 - every route sets it
    limiters: Limiters = request.app.state.limiters
    return await limiters.identifying.run(None, work)


async def _is_connected(request: Request) -> bool:
    """Whether the caller hasn't hung up; the first message of a request without a body isn't about that."""
    return not (await request.is_disconnected() or await request.is_disconnected())


class BoundedRoute(APIRoute):
    """A route whose endpoint works in the limiter of its workload, for the organisation of whoever asks."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **rest: Any) -> None:  # noqa: ANN401 - FastAPI's own
        methods = rest.get("methods") or ("GET",)
        otherwise = Workload.QUESTION if set(methods) <= {"GET", "HEAD"} else Workload.COMMAND
        self._workload: Workload = getattr(endpoint, _WORKLOAD, otherwise)
        is_named = hasattr(endpoint, _WORKLOAD)
        super().__init__(path, _limited(endpoint, self._workload, is_named=is_named), **rest)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        identifying = [_identifying[one] for one in _calls_of(self.dependant) if one in _identifying]

        async def handle_in_order(request: Request) -> Response:
            _request.set(request)
            set_workload(self._workload)
            for identify in identifying:
                await run_identifying(partial(identify, request))
            return await handle(request)

        return handle_in_order


class Router(APIRouter):
    """A router of such routes."""

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401 - FastAPI's own
        super().__init__(route_class=BoundedRoute, **rest)


def _calls_of(dependant: Dependant) -> set[Callable[..., Any]]:
    """Every dependency of a route, and theirs."""
    calls = {one.call for one in dependant.dependencies if one.call is not None}
    return calls.union(*(_calls_of(one) for one in dependant.dependencies))


def _limited(endpoint: Callable[..., Any], of: Workload, *, is_named: bool) -> Callable[..., Any]:
    """An endpoint that waits for its limiter; those that are asynchronous call `run_as` themselves."""
    if iscoroutinefunction(endpoint) or isasyncgenfunction(endpoint):
        return endpoint

    @wraps(endpoint)
    async def run(**values: Any) -> Any:  # noqa: ANN401 - whatever the endpoint takes and gives
        organisation_id, its, until_shown = None, of, None
        for value in values.values():
            actor = getattr(value, "actor", None)
            if actor is not None:
                organisation_id = actor.organisation_id
                its = of if is_named else getattr(value, "workload", of)
                until_shown = getattr(value, "until_shown", None)
        work = partial(endpoint, **values)
        if until_shown is not None:
            if not is_named:
                await run_as(its, organisation_id, work)  # whoever may not ask is told so before any waiting
            await until_shown()
        return await run_as(its, organisation_id, work)

    return run
