"""The users: all with everything in one go or page by page, one by himself, and what was reported of him."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import Header, Query
from pydantic import ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from brugerbog.application.queries.users import HistorySort, Sort, UserQuestion
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.api.entity_tags import EntityTags, tag_of
from brugerbog.entrypoints.api.request_context import ApiQuery, Question
from brugerbog.entrypoints.api.requests import Body, IdsToName, Instant
from brugerbog.entrypoints.api.responses.users import History, Names, Replaced, User, Users
from brugerbog.entrypoints.http.routing import Router, run_as, workload
from brugerbog.infrastructure.database.deadlines import Workload

router = Router(tags=["users"])

NDJSON: Final = "application/x-ndjson"
_AT_ONCE: Final = 1000


class WhichUsers(Body):
    """Which users, in which order."""

    search: Annotated[str | None, Field(max_length=200)] = Field(
        None,
        description="Each word begins a word of the name or e-mail address; or it is a user's id.",
    )
    status: Status | None = None
    imported: bool = Field(False, description="Only those who wait to be sent to activation.")
    link_expired: bool = Field(False, description="Only those whose activation link is no longer good.")
    p_number: Annotated[str | None, Field(max_length=20)] = None
    se_number: Annotated[str | None, Field(max_length=20)] = None
    sort: Sort = Sort.NAME
    descending: bool = False
    at: Instant | None = Field(
        None, description="As of another instant, past or to come (ISO 8601 with offset)."
    )


class UserPageSaid(WhichUsers):
    """Which users, in which order, and from where on."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    limit: int = Field(100, ge=1, le=1000)
    after: Annotated[str | None, Field(max_length=2000)] = Field(
        None, description="`next` of the page before."
    )


@router.get("/users", response_model=Users)
def list_users(ask: Question, said: Annotated[UserPageSaid, Query()]) -> object:
    """A page of living users, each with all details. Pages are stable: nobody is told twice or left out."""
    return ask.queries.users(ask.actor, UserQuestion(**said.model_dump()))


@router.get(
    "/users/all",
    response_class=StreamingResponse,
    responses={
        200: {"description": "A user to a line.", "content": {NDJSON: {"schema": {"type": "string"}}}}
    },
)
@workload(Workload.LONG)
def all_users(ask: Question, said: Annotated[WhichUsers, Query()]) -> StreamingResponse:
    """All users with all details in one call: a `User` as JSON on each line, however many there are.

    That they were taken is recorded, as a reading of the log is.
    """
    question = UserQuestion(**said.model_dump(), limit=_AT_ONCE)
    ask.queries.taking_users(ask.actor, at=said.at, by_words=bool(said.search))
    # The first page is asked for here, so that a refusal is still an answer of its own.
    return StreamingResponse(_lines(ask, question, ask.queries.users(ask.actor, question)), media_type=NDJSON)


async def _lines(ask: ApiQuery, question: UserQuestion, page: object) -> AsyncIterator[bytes]:
    """Page by page, each in the limiter of long work: no thread is held while the caller reads."""
    while True:
        lines, following = await run_as(Workload.LONG, ask.actor.organisation_id, partial(_written, page))
        yield lines
        if following is None:
            return
        asked = partial(ask.queries.users, ask.actor, replace(question, after=following))
        page = await run_as(Workload.LONG, ask.actor.organisation_id, asked)


def _written(page: object) -> tuple[bytes, str | None]:
    """A page as lines, and where the next one begins."""
    told = Users.model_validate(page)
    return b"".join(user.model_dump_json().encode() + b"\n" for user in told.users), told.next


@router.get("/users/{user_id:uuid}", response_model=User)
def get_user(
    ask: Question,
    user_id: UUID,
    response: Response,
    at: Annotated[Instant | None, Query(description="As of another instant.")] = None,
    if_none_match: Annotated[
        str | None,
        Header(
            alias="If-None-Match",
            max_length=1000,
            description="`ETag`s that are known already: answered 304, without a body, while one of them is "
            "still the user's.",
        ),
    ] = None,
) -> object:
    """One user, deleted ones too, without what has been erased. `ETag` is for `If-Match` and `If-None-Match`.

    Of another instant there is none.
    """
    if at is not None:
        return ask.queries.user(ask.actor, user_id, at=at)
    user, version = ask.queries.user_with_version(ask.actor, user_id)
    tag = tag_of(version)
    if if_none_match is not None and EntityTags.read("If-None-Match", if_none_match).names(version):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"etag": tag})
    response.headers["etag"] = tag
    return user


@router.get("/users/{user_id:uuid}/history", response_model=History)
def history(
    ask: Question,
    user_id: UUID,
    from_date: date | None = None,
    to_date: date | None = None,
    words: Annotated[str | None, Query(max_length=200)] = None,
    sort: HistorySort = HistorySort.TIME,
    descending: bool = False,
) -> object:
    """The latest 200 activities of a living user, or those of them within the days and with the words."""
    found = ask.queries.history(
        ask.actor,
        user_id,
        from_date=from_date,
        to_date=to_date,
        words=words,
        sort=sort,
        descending=descending,
    )
    return {"activities": found}


@router.get("/users/{user_id:uuid}/replaced", response_model=Replaced)
def replaced(ask: Question, user_id: UUID) -> object:
    """Whom an anonymous user has taken the place of."""
    return {"user_id": ask.queries.replaced_by(ask.actor, user_id)}


@router.post("/names", response_model=Names)
def names(ask: Question, said: IdsToName) -> object:
    """What those are called whose ids are known, in one go. A client's name is for who may see clients."""
    return {"names": ask.queries.names(ask.actor, said.ids)}
