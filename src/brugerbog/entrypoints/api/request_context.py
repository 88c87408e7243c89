"""Who calls, and on which conditions: what every request to the API says of itself in its headers."""

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
from brugerbog.application.queries.users import Queries
from brugerbog.domain.kernel.doors import Door
from brugerbog.entrypoints.api.change_feed import Reaching
from brugerbog.entrypoints.api.entity_tags import EntityTags
from brugerbog.entrypoints.http.failure_limits import count_failure
from brugerbog.entrypoints.http.refusals import NotShownYet, RequestInvalid
from brugerbog.entrypoints.http.routing import identified_by, kept, run_as
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.service import Service

if TYPE_CHECKING:
    from starlette.applications import Starlette

LONGEST_WAIT: Final = 30
"""Seconds that somebody may have us wait for a position."""

LATEST: Final = 2**53 - 1
"""Positions are whole numbers that every reader of JSON holds exactly."""

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")

_CREDENTIALS = OAuth2(
    flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl="/api/v1/token", scopes={})),
    scheme_name="clientCredentials",
    description="`brugerbog clients create` gives id and secret; `/token` gives a token for an hour.",
    auto_error=False,
)


def service_of(request: Request) -> Service:
    """The opened service that a request came to."""
    return service_in(request.app)


def service_in(app: Starlette) -> Service:
    """The opened service of an application."""
    service: Service = app.state.service
    return service


def actor_of(request: Request, said: Annotated[str | None, Security(_CREDENTIALS)]) -> Actor:
    """The client whose token was shown, found once in a request. Raises: as `actor_now`."""
    return kept(request, "actor", lambda: actor_now(request, said))


def identify(request: Request) -> Actor:
    """The same, where no dependency has read the header. Raises: as `actor_now`."""
    return actor_of(request, request.headers.get("authorization"))


identified_by(actor_of, identify)


def actor_now(request: Request, said: str | None) -> Actor:
    """The client whose token was shown. Raises: TokenNotGood; TooManyTries, for one that is none of ours."""
    kind, _, token = (said or "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise TokenNotGood
    service = service_of(request)
    try:
        return service.access.authenticate_token(token.strip(), Door.API)
    except TokenNotGood:
        count_failure(service.rate_limiter, request)
        raise


_ANY_VERSION: Final = EntityTags(anything=True)

UntilShown = Callable[[], Awaitable[None]]
"""Waits until a position shows. Raises: NotShownYet."""


@dataclass(frozen=True, slots=True)
class ApiQuery:
    """A client with a question."""

    service: Service
    actor: Actor
    until_shown: UntilShown | None = None

    workload: ClassVar[Workload] = Workload.QUESTION

    @property
    def queries(self) -> Queries:
        return self.service.queries


@dataclass(frozen=True, slots=True)
class ApiCommand(ApiQuery):
    """A client with a command, and the id that makes a repeat of it safe."""

    command_id: UUID | None = None

    workload: ClassVar[Workload] = Workload.COMMAND

    @property
    def administration(self) -> Administration:
        return self.service.administration


@dataclass(frozen=True, slots=True)
class ApiUserCommand(ApiCommand):
    """A client with a command on a user, which may depend on the version he was read at."""

    expected: EntityTags = _ANY_VERSION

    def on(self, user_id: UUID) -> Administration:
        """The commands, on that condition if there is one."""
        if self.expected.anything:
            return self.service.administration
        return self.service.administration.only_if(user_id, *self.expected.versions())


async def _shown(
    request: Request,
    position: Annotated[
        int | None,
        Header(
            alias="Brugerbog-Position",
            ge=0,
            le=LATEST,
            description="Answer only from what shows this position of the log, as a command answered it.",
        ),
    ] = None,
    prefer: Annotated[
        str | None,
        Header(
            description=f"`wait=N`: wait up to N seconds for that position, at most {LONGEST_WAIT}.",
            max_length=200,
        ),
    ] = None,
) -> UntilShown | None:
    """What waits for that position, where it isn't shown yet."""
    service = service_of(request)
    if position is None:
        return None
    organisation_id = identify(request).organisation_id  # known by now
    if await run_as(Workload.QUESTION, organisation_id, partial(reached, service)) >= position:
        return None
    said = _WAIT.search(prefer or "")
    seconds = min(int(said[1]), LONGEST_WAIT) if said else 0
    return partial(_wait, request, position, seconds)


async def _wait(request: Request, position: int, seconds: float) -> None:
    """Wait for a position, holding no thread, until it shows or the caller hangs up. Raises: NotShownYet."""
    waiting: Reaching = request.app.state.reaching
    is_shown = False

    async def end_when_hung_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    async with create_task_group() as group:
        group.start_soon(end_when_hung_up)
        is_shown = await waiting.wait_for(position, seconds)
        group.cancel_scope.cancel()
    if not is_shown:
        raise NotShownYet(position)


def reached(service: Service) -> int:
    """The position that every read table has come to, stopped ones left out: answers from those say so."""
    return min((one.position for one in service.runner.status() if not one.has_stopped), default=0)


async def asking(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    until_shown: Annotated[UntilShown | None, Depends(_shown)],
) -> ApiQuery:
    """What a question is answered with."""
    return ApiQuery(service_of(request), actor, until_shown)


async def command_id(
    said: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            max_length=64,
            description="A UUID of your own for this command: "
            "sent again with it, it is done once and gets the same answer.",
            json_schema_extra={"format": "uuid"},
        ),
    ] = None,
) -> UUID | None:
    """Raises: RequestInvalid."""
    if said is None:
        return None
    try:
        return UUID(said.strip().strip('"'))
    except ValueError:
        raise _unreadable("header.Idempotency-Key", "Et id er ikke et UUID.", "not a UUID") from None


async def giving(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    key: Annotated[UUID | None, Depends(command_id)],
) -> ApiCommand:
    """What a command is carried out with."""
    return ApiCommand(service_of(request), actor, command_id=key)


async def giving_on(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    key: Annotated[UUID | None, Depends(command_id)],
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=1000,
            description="The `ETag` of the user as it was read, or several: refused with 412 unless the user "
            "is at one of them. A weak tag (`W/`) never matches.",
        ),
    ] = None,
) -> ApiUserCommand:
    """What a command on a user is carried out with. Raises: RequestInvalid."""
    if if_match is None:
        return ApiUserCommand(service_of(request), actor, command_id=key)
    whole = ", ".join(request.headers.getlist("if-match"))
    return ApiUserCommand(
        service_of(request), actor, command_id=key, expected=EntityTags.read("If-Match", whole)
    )


def _unreadable(field: str, what: str, how: str) -> RequestInvalid:
    refusal = RequestInvalid(what, how)
    refusal.concerns = field
    return refusal


Question = Annotated[ApiQuery, Depends(asking)]
Command = Annotated[ApiCommand, Depends(giving)]
CommandOnUser = Annotated[ApiUserCommand, Depends(giving_on)]
