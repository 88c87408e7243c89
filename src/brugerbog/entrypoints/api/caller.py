"""Who calls, and on which conditions: what every request to the API says of itself in its headers."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

from anyio import sleep, to_thread
from fastapi import Depends, Header, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2

from brugerbog.application.access import TokenNotGood
from brugerbog.application.actors import Actor
from brugerbog.application.administration import Administration
from brugerbog.application.queries import Queries
from brugerbog.bootstrap import Service
from brugerbog.domain.act import Door
from brugerbog.entrypoints.api.entity_tags import EntityTags
from brugerbog.entrypoints.api.refusals import NotShownYet, RequestInvalid
from brugerbog.entrypoints.web.rates import count_failure

if TYPE_CHECKING:
    from starlette.applications import Starlette

LONGEST_WAIT: Final = 30
"""Seconds that somebody may have us wait for a position."""

LATEST: Final = 2**53 - 1
"""Positions are whole numbers that every reader of JSON holds exactly."""

_LOOKS_EVERY: Final = 0.05
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
    """The client whose token was shown. Raises: TokenNotGood; TooManyTries, for one that is none of ours."""
    kind, _, token = (said or "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise TokenNotGood
    service = service_of(request)
    try:
        return service.access.by_token(token.strip(), Door.API)
    except TokenNotGood:
        count_failure(service.rate_limiter, request)
        raise


@dataclass(frozen=True, slots=True)
class Asking:
    """A client with a question."""

    service: Service
    actor: Actor

    @property
    def queries(self) -> Queries:
        return self.service.queries


@dataclass(frozen=True, slots=True)
class Giving(Asking):
    """A client with a command, and the id that makes a repeat of it safe."""

    command_id: UUID | None

    @property
    def administration(self) -> Administration:
        return self.service.administration


@dataclass(frozen=True, slots=True)
class GivingOn(Giving):
    """A client with a command on a user, which may depend on the version he was read at."""

    expected: EntityTags

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
) -> None:
    """Raises: NotShownYet."""
    if position is None:
        return
    said = _WAIT.search(prefer or "")
    until = time.monotonic() + (min(int(said[1]), LONGEST_WAIT) if said else 0)
    while await to_thread.run_sync(_reached, service_of(request)) < position:
        if time.monotonic() >= until:
            raise NotShownYet(position)
        await sleep(_LOOKS_EVERY)


def _reached(service: Service) -> int:
    return min((one.position for one in service.runner.status()), default=0)


def asking(
    request: Request, actor: Annotated[Actor, Depends(actor_of)], _shown: Annotated[None, Depends(_shown)]
) -> Asking:
    """What a question is answered with."""
    return Asking(service_of(request), actor)


def command_id(
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


def giving(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    key: Annotated[UUID | None, Depends(command_id)],
) -> Giving:
    """What a command is carried out with."""
    return Giving(service_of(request), actor, key)


def giving_on(
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
) -> GivingOn:
    """What a command on a user is carried out with. Raises: RequestInvalid."""
    if if_match is None:
        return GivingOn(service_of(request), actor, key, EntityTags(anything=True))
    whole = ", ".join(request.headers.getlist("if-match"))
    return GivingOn(service_of(request), actor, key, EntityTags.read("If-Match", whole))


def _unreadable(field: str, what: str, how: str) -> RequestInvalid:
    refusal = RequestInvalid(what, how)
    refusal.concerns = field
    return refusal


Question = Annotated[Asking, Depends(asking)]
Command = Annotated[Giving, Depends(giving)]
CommandOnUser = Annotated[GivingOn, Depends(giving_on)]
