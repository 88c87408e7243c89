"""The users of an organisation as the SCIM server stores them: by our commands and questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar, cast
from uuid import UUID

from scim2_models import (
    InvalidValueException,
    NotFoundException,
    PreconditionFailedException,
    TooManyException,
)
from scim2_server.storage import ScimStorage, SearchPage

from brugerbog.application.queries.user_list import Sort, UserQuestion
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.scim.errors import exception_of
from brugerbog.entrypoints.scim.filters import questions_for
from brugerbog.entrypoints.scim.request_mapping import edits_of, new_means_of, new_user_of
from brugerbog.entrypoints.scim.response_mapping import resource_of, tag_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scim2_models import Resource, ResourceType, ResponseParameters, SearchRequest

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.administration import Administration
    from brugerbog.application.queries.user_list import UserView
    from brugerbog.domain.kernel.roles import Role
    from brugerbog.entrypoints.scim.resources import User
    from brugerbog.service import Service

MOST_LOOKED_AT: Final = 5000
"""So many users are at most looked at one by one for a filter or an order that no list of ours has."""

_AT_ONCE: Final = 1000

P = ParamSpec("P")
T = TypeVar("T")


def _broker_failures(method: Callable[Concatenate[Users, P], T]) -> Callable[Concatenate[Users, P], T]:
    """Raise our refusals as SCIM's exceptions."""

    @wraps(method)
    def answer(self: Users, /, *said: P.args, **named: P.kwargs) -> T:
        try:
            return method(self, *said, **named)
        except Refusal as refusal:
            raise exception_of(refusal) from None

    return answer


class Users(ScimStorage):
    """Made for one request: whatever is asked and done in it, the actor asks and does."""

    def __init__(self, service: Service, actor: Actor) -> None:
        self._administration = service.administration
        self._queries = service.queries
        self._actor = actor

    @_broker_failures
    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,  # noqa: ARG002 - a user is small
    ) -> Resource[Any]:
        """A living user. Raises: NotFoundException."""
        return self._told(self._known(resource_type, resource_id))

    @_broker_failures
    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Create a user, who gets a mail and awaits activation."""
        said = cast("User[Any]", resource)
        if said.active is False:
            raise InvalidValueException(detail="A new user can't be deactivated: leave active out, or true.")
        created = self._administration.create_user(self._actor, new_user_of(said)).subject
        return self.get(resource_type, str(created))

    @_broker_failures
    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """Make a user as the resource has him, in one command; what is so already records nothing."""
        known, administration = self._as_expected(resource_type, resource.id or "", expected_version)
        said, before = cast("User[Any]", resource), resource_of(known)
        administration.align_user(
            self._actor,
            known.id,
            edits_of(said, before),
            active=said.active,
            means=new_means_of(said, before),
        )
        return self.get(resource_type, str(known.id))

    @_broker_failures
    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Delete a user for good."""
        known, administration = self._as_expected(resource_type, resource_id, expected_version)
        administration.delete_user(self._actor, known.id)

    @_broker_failures
    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ANN401, ARG002 - we announce no cursors
    ) -> SearchPage:
        """A page of those who match. Raises: TooManyException, where too many would have to be looked at."""
        if not any(one.name == "User" for one in resource_types):
            return SearchPage(0, [])
        start, count = search_request.start_index_0 or 0, search_request.count
        questions = questions_for(search_request.filter)
        if start == 0 and count != 0 and questions == [UserQuestion()]:
            # Everybody is read, from the beginning.
            self._queries.taking_users(self._actor)
        if search_request.filter is None and search_request.sort_by is None:
            return self._page(start, count)
        matching = self._matching(search_request)
        if search_request.sort_by is not None:
            matching = search_request.sort(matching)
        stop = None if count is None else start + count
        return SearchPage(len(matching), matching[start:stop])

    def _page(self, start: int, count: int | None) -> SearchPage:
        """A page of everybody, in the order of creation, so that the earlier pages stay as they are."""
        everybody = UserQuestion(sort=Sort.CREATED)
        total = self._queries.how_many(self._actor, everybody)
        wanted = max(0, total - start if count is None else min(count, total - start))
        found: list[Resource[Any]] = []
        while len(found) < wanted:
            limit = min(_AT_ONCE, wanted - len(found))
            question = replace(everybody, skip=start + len(found), limit=limit)
            page = self._all_told(self._queries.users(self._actor, question).users)
            if not page:
                break
            found += page
        return SearchPage(total, found)

    def _matching(self, search_request: SearchRequest[Any]) -> list[Resource[Any]]:
        candidates: dict[UUID, UserView] = {}
        for question in questions_for(search_request.filter):
            for user in self._answering(replace(question, sort=Sort.CREATED, limit=_AT_ONCE)):
                candidates[user.id] = user
                if len(candidates) > MOST_LOOKED_AT:
                    raise TooManyException
        ordered = sorted(candidates.values(), key=lambda user: (user.created_at, user.id))
        wanted = search_request.filter
        return [one for one in self._all_told(ordered) if wanted is None or wanted.match(one)]

    def _answering(self, question: UserQuestion) -> Iterator[UserView]:
        while True:
            page = self._queries.users(self._actor, question)
            yield from page.users
            if page.next is None:
                return
            question = replace(question, after=page.next)

    def _as_expected(
        self, resource_type: ResourceType, resource_id: str, expected_version: str | None
    ) -> tuple[UserView, Administration]:
        """A user, and the commands, which are refused unless he is still as he is expected to be.

        Raises: NotFoundException, PreconditionFailedException.
        """
        known = self._known(resource_type, resource_id)
        if expected_version is None:
            return known, self._administration
        known, version = self._queries.user_with_version(self._actor, known.id)
        if expected_version != tag_of(known):
            raise PreconditionFailedException
        return known, self._administration.only_if(known.id, version)

    def _known(self, resource_type: ResourceType, resource_id: str) -> UserView:
        try:
            user_id = UUID(resource_id)
        except ValueError:
            raise NotFoundException from None
        if resource_type.name != "User":
            raise NotFoundException
        user = self._queries.user(self._actor, user_id)
        if user.status is Status.DELETED:
            raise NotFoundException
        return user

    def _told(self, user: UserView) -> Resource[Any]:
        (told,) = self._all_told([user])
        return told

    def _all_told(self, users: Iterable[UserView]) -> list[Resource[Any]]:
        roles: dict[UUID, list[Role]] = {}
        for user_id, role in self._queries.roles(self._actor):
            roles.setdefault(user_id, []).append(role)
        return [resource_of(user, roles.get(user.id, ())) for user in users]
