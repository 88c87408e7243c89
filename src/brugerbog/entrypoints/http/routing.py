"""Routes that authenticate before they read the body, and run in the limiter of their workload."""

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
    """Set the workload of an endpoint. The default is QUESTION for GET and HEAD, else COMMAND."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _WORKLOAD, of)
        return endpoint

    return mark


def identify_with(dependency: Callable[..., Any], identify: Callable[[Request], Any]) -> None:
    """Let routes with this dependency call `identify` first. Both use `cached_on` for the result."""
    _identifying[dependency] = identify


def cached_on(request: Request, name: str, find: Callable[[], Found]) -> Found:
    """Return a value that is computed once per request, and stored under `name` in its state."""
    found: Found | None = getattr(request.state, name, None)
    if found is None:
        found = find()
        setattr(request.state, name, found)
    return found


async def run_as(of: Workload, organisation_id: UUID | None, work: Callable[[], Found]) -> Found:
    """Run a part of the current request in a thread of a workload. Raises: ServerBusy."""
    request = _request.get()
    assert request is not None  # noqa: S101 - every route sets it
    limiters: Limiters = request.app.state.limiters
    return await limiters[of].run(organisation_id, work, partial(_is_connected, request))


async def run_identifying(work: Callable[[], Found]) -> Found:
    """Run the authentication of the current request, or a part of it. Raises: ServerBusy.

    The body may be unread yet, so this doesn't check whether the client has disconnected.
    """
    request = _request.get()
    assert request is not None  # noqa: S101 - every route sets it
    limiters: Limiters = request.app.state.limiters
    return await limiters.identifying.run(None, work)


async def _is_connected(request: Request) -> bool:
    """Whether the client is still connected. Without a body, the first message is no disconnect."""
    return not (await request.is_disconnected() or await request.is_disconnected())


class BoundedRoute(APIRoute):
    """A route whose endpoint runs in the limiter of its workload, in the share of its organisation."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **rest: Any) -> None:  # noqa: ANN401 - FastAPI's own
        methods = rest.get("methods") or ("GET",)
        default = Workload.QUESTION if set(methods) <= {"GET", "HEAD"} else Workload.COMMAND
        self._workload: Workload = getattr(endpoint, _WORKLOAD, default)
        has_own_workload = hasattr(endpoint, _WORKLOAD)
        super().__init__(path, _limited(endpoint, self._workload, has_own_workload=has_own_workload), **rest)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        dependencies = _dependencies_of(self.dependant)
        identifying = [_identifying[call] for call in dependencies if call in _identifying]

        async def handle_in_order(request: Request) -> Response:
            _request.set(request)
            set_workload(self._workload)
            for identify in identifying:
                await run_identifying(partial(identify, request))
            return await handle(request)

        return handle_in_order


class Router(APIRouter):
    """A router of bounded routes."""

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401 - FastAPI's own
        super().__init__(route_class=BoundedRoute, **rest)


def _dependencies_of(dependant: Dependant) -> set[Callable[..., Any]]:
    """Return the callables of all dependencies of a route, also indirect ones."""
    calls = {dependency.call for dependency in dependant.dependencies if dependency.call is not None}
    return calls.union(*(_dependencies_of(dependency) for dependency in dependant.dependencies))


def _limited(endpoint: Callable[..., Any], of: Workload, *, has_own_workload: bool) -> Callable[..., Any]:
    """Return an endpoint that runs in its limiter. Asynchronous endpoints call `run_as` themselves."""
    if iscoroutinefunction(endpoint) or isasyncgenfunction(endpoint):
        return endpoint

    @wraps(endpoint)
    async def run(**values: Any) -> Any:  # noqa: ANN401 - the endpoint's own parameters and result
        organisation_id, actual, until_shown = None, of, None
        for value in values.values():
            actor = getattr(value, "actor", None)
            if actor is not None:
                organisation_id = actor.organisation_id
                actual = of if has_own_workload else getattr(value, "workload", of)
                until_shown = getattr(value, "until_shown", None)
        work = partial(endpoint, **values)
        if until_shown is not None:
            if not has_own_workload:
                await run_as(actual, organisation_id, work)  # refuses without permission before the wait
            await until_shown()
        return await run_as(actual, organisation_id, work)

    return run
