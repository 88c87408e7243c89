"""Users: all at once or page by page, one user, and a user's activity history."""

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

from brugerbog.application.queries.activity_history import HistorySort
from brugerbog.application.queries.user_list import Sort, UserQuery
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.api.entity_tags import EntityTags, tag_of
from brugerbog.entrypoints.api.request_context import ApiQuery, ApiQueryDep
from brugerbog.entrypoints.api.requests import Body, IdsToName, Instant
from brugerbog.entrypoints.api.responses.users import History, Names, Replaced, User, Users
from brugerbog.entrypoints.http.routing import Router, run_as, workload
from brugerbog.infrastructure.database.deadlines import Workload

router = Router(tags=["users"])

NDJSON: Final = "application/x-ndjson"
_PAGE_SIZE: Final = 1000


class UserFilterParams(Body):
    """Filters and order of users."""

    search: Annotated[str | None, Field(max_length=200)] = Field(
        None,
        description="Beginnings of words of the name or e-mail address, or a user's id.",
    )
    status: Status | None = None
    imported: bool = Field(False, description="Only imported users, who haven't been sent to activation.")
    link_expired: bool = Field(False, description="Only users whose activation link has expired.")
    p_number: Annotated[str | None, Field(max_length=20)] = None
    se_number: Annotated[str | None, Field(max_length=20)] = None
    sort: Sort = Sort.NAME
    descending: bool = False
    at: Instant | None = Field(
        None, description="As of another instant, past or future (ISO 8601 with offset)."
    )


class UserListParams(UserFilterParams):
    """Filters, order and page of users."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    limit: int = Field(100, ge=1, le=1000)
    after: Annotated[str | None, Field(max_length=2000)] = Field(
        None, description="`next` of the previous page."
    )


@router.get("/users", response_model=Users)
def list_users(query: ApiQueryDep, params: Annotated[UserListParams, Query()]) -> object:
    """List users who aren't deleted, with all details. Pages are stable: no user is repeated or left out."""
    return query.queries.users(query.actor, UserQuery(**params.model_dump()))


@router.get(
    "/users/all",
    response_class=StreamingResponse,
    responses={200: {"description": "One user a line.", "content": {NDJSON: {"schema": {"type": "string"}}}}},
)
@workload(Workload.LONG)
def all_users(query: ApiQueryDep, params: Annotated[UserFilterParams, Query()]) -> StreamingResponse:
    """Return all users with all details in one response: a `User` as JSON on each line.

    The reading is recorded, as a reading of the log is.
    """
    question = UserQuery(**params.model_dump(), limit=_PAGE_SIZE)
    query.queries.taking_users(query.actor, at=params.at, by_words=bool(params.search))
    # Read the first page here: once the stream has begun, a refusal can't be the response.
    return StreamingResponse(
        _lines(query, question, query.queries.users(query.actor, question)), media_type=NDJSON
    )


async def _lines(query: ApiQuery, question: UserQuery, page: object) -> AsyncIterator[bytes]:
    """Read page by page, each in the limiter of long work: no thread is held while the client reads."""
    while True:
        lines, next_key = await run_as(Workload.LONG, query.actor.organisation_id, partial(_as_lines, page))
        yield lines
        if next_key is None:
            return
        read_next = partial(query.queries.users, query.actor, replace(question, after=next_key))
        page = await run_as(Workload.LONG, query.actor.organisation_id, read_next)


def _as_lines(page: object) -> tuple[bytes, str | None]:
    """Return a page as lines of JSON, and the key of the next page."""
    response = Users.model_validate(page)
    return b"".join(user.model_dump_json().encode() + b"\n" for user in response.users), response.next


@router.get("/users/{user_id:uuid}", response_model=User)
def get_user(
    query: ApiQueryDep,
    user_id: UUID,
    response: Response,
    at: Annotated[Instant | None, Query(description="As of another instant.")] = None,
    if_none_match: Annotated[
        str | None,
        Header(
            alias="If-None-Match",
            max_length=1000,
            description="Known `ETag`s: the answer is 304, without a body, while one of them is still the "
            "user's.",
        ),
    ] = None,
) -> object:
    """Return one user, including deleted users, without erased data.

    `ETag` is for `If-Match` and `If-None-Match`; there is none with `at`.
    """
    if at is not None:
        return query.queries.user(query.actor, user_id, at=at)
    user, version = query.queries.user_with_version(query.actor, user_id)
    tag = tag_of(version)
    if if_none_match is not None and EntityTags.parse("If-None-Match", if_none_match).matches_weakly(version):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"etag": tag})
    response.headers["etag"] = tag
    return user


@router.get("/users/{user_id:uuid}/history", response_model=History)
def history(
    query: ApiQueryDep,
    user_id: UUID,
    from_date: date | None = None,
    to_date: date | None = None,
    words: Annotated[str | None, Query(max_length=200)] = None,
    sort: HistorySort = HistorySort.TIME,
    descending: bool = False,
) -> object:
    """List the latest 200 activities of a user who isn't deleted, or the matching ones among those 200."""
    found = query.queries.history(
        query.actor,
        user_id,
        from_date=from_date,
        to_date=to_date,
        words=words,
        sort=sort,
        descending=descending,
    )
    return {"activities": found}


@router.get("/users/{user_id:uuid}/replaced", response_model=Replaced)
def replaced(query: ApiQueryDep, user_id: UUID) -> object:
    """Return the user whom an anonymous user replaced."""
    return {"user_id": query.queries.replaced_by(query.actor, user_id)}


@router.post("/names", response_model=Names)
def names(query: ApiQueryDep, body: IdsToName) -> object:
    """Look up many names by id. A client's name needs the permission to see clients."""
    return {"names": query.queries.names(query.actor, body.ids)}
