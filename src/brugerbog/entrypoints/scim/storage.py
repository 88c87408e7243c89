"""The storage that the SCIM library calls for its requests, implemented by our commands and queries."""

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

from brugerbog.application.queries.user_list import Sort, UserQuery
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

MOST_CANDIDATES: Final = 5000
"""The most users that are read into memory for a filter or an order that the user list doesn't support."""

_PAGE_SIZE: Final = 1000

P = ParamSpec("P")
T = TypeVar("T")


def _raising_scim_exceptions(
    method: Callable[Concatenate[UserStorage, P], T],
) -> Callable[Concatenate[UserStorage, P], T]:
    """Decorate a method: it raises refusals as the SCIM library's exceptions."""

    @wraps(method)
    def run(self: UserStorage, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except Refusal as refusal:
            raise exception_of(refusal) from None

    return run


class UserStorage(ScimStorage):
    """The users that an actor may read and change; an instance serves one request."""

    def __init__(self, service: Service, actor: Actor) -> None:
        self._administration = service.administration
        self._queries = service.queries
        self._actor = actor

    @_raising_scim_exceptions
    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,  # noqa: ARG002 - a user is small
    ) -> Resource[Any]:
        """Return a user who isn't deleted. Raises: NotFoundException."""
        return self._resource(self._find(resource_type, resource_id))

    @_raising_scim_exceptions
    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Create a user, who gets an activation mail. Raises: InvalidValueException, if `active` is false."""
        user = cast("User[Any]", resource)
        if user.active is False:
            raise InvalidValueException(detail="A new user can't be deactivated: leave active out, or true.")
        created = self._administration.create_user(self._actor, new_user_of(user)).subject
        return self.get(resource_type, str(created))

    @_raising_scim_exceptions
    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """Change a user to match the resource, in one command; unchanged values record no events.

        Raises: NotFoundException, PreconditionFailedException.
        """
        found, administration = self._find_at_version(resource_type, resource.id or "", expected_version)
        user, before = cast("User[Any]", resource), resource_of(found)
        administration.align_user(
            self._actor,
            found.id,
            edits_of(user, before),
            active=user.active,
            means=new_means_of(user, before),
        )
        return self.get(resource_type, str(found.id))

    @_raising_scim_exceptions
    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Delete a user permanently. Raises: NotFoundException, PreconditionFailedException."""
        found, administration = self._find_at_version(resource_type, resource_id, expected_version)
        administration.delete_user(self._actor, found.id)

    @_raising_scim_exceptions
    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ANN401, ARG002 - cursors aren't supported
    ) -> SearchPage:
        """Return a page of the matching users.

        Raises: TooManyException, if more than `MOST_CANDIDATES` users must be read for it.
        """
        if not any(resource_type.name == "User" for resource_type in resource_types):
            return SearchPage(0, [])
        start, count = search_request.start_index_0 or 0, search_request.count
        user_queries = questions_for(search_request.filter)
        if start == 0 and count != 0 and user_queries == [UserQuery()]:
            # The first page of all users: the reading of all users is recorded once, for all pages.
            self._queries.taking_users(self._actor)
        if search_request.filter is None and search_request.sort_by is None:
            return self._page(start, count)
        matching = self._matching(search_request)
        if search_request.sort_by is not None:
            matching = search_request.sort(matching)
        stop = None if count is None else start + count
        return SearchPage(len(matching), matching[start:stop])

    def _page(self, start: int, count: int | None) -> SearchPage:
        """Return a page of all users in the order of creation, which keeps earlier pages stable."""
        all_users = UserQuery(sort=Sort.CREATED)
        total = self._queries.how_many(self._actor, all_users)
        wanted = max(0, total - start if count is None else min(count, total - start))
        found: list[Resource[Any]] = []
        while len(found) < wanted:
            limit = min(_PAGE_SIZE, wanted - len(found))
            user_query = replace(all_users, skip=start + len(found), limit=limit)
            page = self._resources(self._queries.users(self._actor, user_query).users)
            if not page:
                break
            found += page
        return SearchPage(total, found)

    def _matching(self, search_request: SearchRequest[Any]) -> list[Resource[Any]]:
        """Return all users that match the filter, in the order of creation. Raises: TooManyException."""
        candidates: dict[UUID, UserView] = {}
        for user_query in questions_for(search_request.filter):
            for user in self._all_pages(replace(user_query, sort=Sort.CREATED, limit=_PAGE_SIZE)):
                candidates[user.id] = user
                if len(candidates) > MOST_CANDIDATES:
                    raise TooManyException
        ordered = sorted(candidates.values(), key=lambda user: (user.created_at, user.id))
        scim_filter = search_request.filter
        resources = self._resources(ordered)
        return [user for user in resources if scim_filter is None or scim_filter.match(user)]

    def _all_pages(self, user_query: UserQuery) -> Iterator[UserView]:
        while True:
            page = self._queries.users(self._actor, user_query)
            yield from page.users
            if page.next is None:
                return
            user_query = replace(user_query, after=page.next)

    def _find_at_version(
        self, resource_type: ResourceType, resource_id: str, expected_version: str | None
    ) -> tuple[UserView, Administration]:
        """Return a user, and commands that are refused if the user is no longer at the expected version.

        Raises: NotFoundException, PreconditionFailedException.
        """
        user = self._find(resource_type, resource_id)
        if expected_version is None:
            return user, self._administration
        user, version = self._queries.user_with_version(self._actor, user.id)
        if expected_version != tag_of(user):
            raise PreconditionFailedException
        return user, self._administration.only_if(user.id, version)

    def _find(self, resource_type: ResourceType, resource_id: str) -> UserView:
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

    def _resource(self, user: UserView) -> Resource[Any]:
        (resource,) = self._resources([user])
        return resource

    def _resources(self, users: Iterable[UserView]) -> list[Resource[Any]]:
        roles: dict[UUID, list[Role]] = {}
        for user_id, role in self._queries.roles(self._actor):
            roles.setdefault(user_id, []).append(role)
        return [resource_of(user, roles.get(user.id, ())) for user in users]
