"""The context of an API request from its headers: client, command id, expected version, position."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar, Final
from uuid import UUID

from anyio import create_task_group
from fastapi import Depends, Header, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2

from brugerbog.application.actors import Actor
from brugerbog.application.client_authentication import TokenNotGood
from brugerbog.application.commands.administration import Administration
from brugerbog.application.queries.queries import Queries
from brugerbog.domain.kernel.doors import Door
from brugerbog.entrypoints.api.change_feed import ProjectionPoller
from brugerbog.entrypoints.api.entity_tags import EntityTags
from brugerbog.entrypoints.http.failure_limits import count_failure
from brugerbog.entrypoints.http.refusals import NotShownYet, RequestInvalid
from brugerbog.entrypoints.http.routing import cached_on, identify_with, run_as
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.service import Service

if TYPE_CHECKING:
    from starlette.applications import Starlette

LONGEST_WAIT: Final = 30
"""Seconds."""

LATEST: Final = 2**53 - 1
"""The largest position: the largest integer that every JSON reader represents exactly."""

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")

_CREDENTIALS = OAuth2(
    flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl="/api/v1/token", scopes={})),
    scheme_name="clientCredentials",
    description="`brugerbog clients create` shows id and secret; `/token` returns a token for an hour.",
    auto_error=False,
)


def service_of(request: Request) -> Service:
    """Return the opened service of a request's application."""
    return service_in(request.app)


def service_in(app: Starlette) -> Service:
    """Return the opened service of an application."""
    service: Service = app.state.service
    return service


def actor_of(request: Request, authorization: Annotated[str | None, Security(_CREDENTIALS)]) -> Actor:
    """Return the client of the access token, authenticated once a request. Raises: as `authenticate`."""
    return cached_on(request, "actor", lambda: authenticate(request, authorization))


def identify(request: Request) -> Actor:
    """Return the same client, reading the header itself. Raises: as `authenticate`."""
    return actor_of(request, request.headers.get("authorization"))


identify_with(actor_of, identify)


def authenticate(request: Request, authorization: str | None) -> Actor:
    """Return the client of the access token. Raises: TokenNotGood; TooManyTries, after many wrong tokens."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenNotGood
    service = service_of(request)
    try:
        return service.access.authenticate_token(token.strip(), Door.API)
    except TokenNotGood:
        count_failure(service.rate_limiter, request)
        raise


_ANY_VERSION: Final = EntityTags(anything=True)

UntilShown = Callable[[], Awaitable[None]]
"""Waits until the read tables reach a position. Raises: NotShownYet."""


@dataclass(frozen=True, slots=True)
class ApiQuery:
    """The context of a query: service and client."""

    service: Service
    actor: Actor
    until_shown: UntilShown | None = None

    workload: ClassVar[Workload] = Workload.QUESTION

    @property
    def queries(self) -> Queries:
        return self.service.queries


@dataclass(frozen=True, slots=True)
class ApiCommand(ApiQuery):
    """The context of a command, with the id that makes it idempotent."""

    command_id: UUID | None = None

    workload: ClassVar[Workload] = Workload.COMMAND

    @property
    def administration(self) -> Administration:
        return self.service.administration


@dataclass(frozen=True, slots=True)
class ApiUserCommand(ApiCommand):
    """The context of a command on a user, which may require that the user is at an expected version."""

    expected: EntityTags = _ANY_VERSION

    def on(self, user_id: UUID) -> Administration:
        """Return the commands, conditional on the expected version if there is one."""
        if self.expected.anything:
            return self.service.administration
        return self.service.administration.only_if(user_id, *self.expected.versions())


async def _position_waiter(
    request: Request,
    position: Annotated[
        int | None,
        Header(
            alias="Brugerbog-Position",
            ge=0,
            le=LATEST,
            description="Answer only from data that include this log position, as a command returned it.",
        ),
    ] = None,
    prefer: Annotated[
        str | None,
        Header(
            description=f"`wait=N`: wait up to N seconds for the position, at most {LONGEST_WAIT}.",
            max_length=200,
        ),
    ] = None,
) -> UntilShown | None:
    """Return a function that waits for the position, or None if the read tables have reached it."""
    service = service_of(request)
    if position is None:
        return None
    organisation_id = identify(request).organisation_id  # cached by now
    if await run_as(Workload.QUESTION, organisation_id, partial(projected_position, service)) >= position:
        return None
    wait = _WAIT.search(prefer or "")
    seconds = min(int(wait[1]), LONGEST_WAIT) if wait else 0
    return partial(_wait, request, position, seconds)


async def _wait(request: Request, position: int, seconds: float) -> None:
    """Wait for a position without a thread, until it is reached or the client disconnects.

    Raises: NotShownYet.
    """
    poller: ProjectionPoller = request.app.state.projection_poller
    is_reached = False

    async def cancel_on_disconnect() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    async with create_task_group() as group:
        group.start_soon(cancel_on_disconnect)
        is_reached = await poller.wait_for(position, seconds)
        group.cancel_scope.cancel()
    if not is_reached:
        raise NotShownYet(position)


def projected_position(service: Service) -> int:
    """Return the position that every read table has reached.

    Stopped ones are left out: an answer from those carries a notice that it may be out of date.
    """
    statuses = service.runner.status()
    return min((status.position for status in statuses if not status.has_stopped), default=0)


async def api_query(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    until_shown: Annotated[UntilShown | None, Depends(_position_waiter)],
) -> ApiQuery:
    """Return the context of a query."""
    return ApiQuery(service_of(request), actor, until_shown)


async def command_id(
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            max_length=64,
            description="A UUID of your own for this command: "
            "sent again with the same key, it is executed once and gets the same answer.",
            json_schema_extra={"format": "uuid"},
        ),
    ] = None,
) -> UUID | None:
    """Return the id of a command. Raises: RequestInvalid."""
    if key is None:
        return None
    try:
        return UUID(key.strip().strip('"'))
    except ValueError:
        raise _unreadable("header.Idempotency-Key", "Et id er ikke et UUID.", "not a UUID") from None


async def api_command(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    key: Annotated[UUID | None, Depends(command_id)],
) -> ApiCommand:
    """Return the context of a command."""
    return ApiCommand(service_of(request), actor, command_id=key)


async def api_user_command(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    key: Annotated[UUID | None, Depends(command_id)],
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=1000,
            description="The `ETag` of the user as it was read, or several: refused with 412 unless one of "
            "them matches. A weak tag (`W/`) never matches.",
        ),
    ] = None,
) -> ApiUserCommand:
    """Return the context of a command on a user. Raises: RequestInvalid."""
    if if_match is None:
        return ApiUserCommand(service_of(request), actor, command_id=key)
    whole = ", ".join(request.headers.getlist("if-match"))
    return ApiUserCommand(
        service_of(request), actor, command_id=key, expected=EntityTags.parse("If-Match", whole)
    )


def _unreadable(field: str, danish: str, english: str) -> RequestInvalid:
    refusal = RequestInvalid(danish, english)
    refusal.concerns = field
    return refusal


ApiQueryDep = Annotated[ApiQuery, Depends(api_query)]
ApiCommandDep = Annotated[ApiCommand, Depends(api_command)]
ApiUserCommandDep = Annotated[ApiUserCommand, Depends(api_user_command)]
