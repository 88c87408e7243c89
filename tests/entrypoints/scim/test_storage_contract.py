"""scim2-server's own contract of a storage, kept by ours.

Its users are bare names and have groups beside them. Here each is given what the domain asks of a user;
where it changes what we only tell (`displayName`) another attribute is changed; and where a group would be,
there is none.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from scim2_models import Context, Group, PreconditionFailedException, ResourceType, ResponseParameters
from scim2_server.testing import ENTERPRISE, SEARCH_FILTERS, SEARCH_SORTS, ScimStorageContract

from brugerbog.entrypoints.scim.resources import EXTENSION_SCHEMA, Email, ExtendedUser, MitIdErhvervUser, Name
from brugerbog.entrypoints.scim.service_provider import PROVIDER
from brugerbog.entrypoints.scim.storage import UserStorage
from tests.org_driver import BORN
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scim2_models import Resource, ScimProvider

    from tests.org_driver import OrgDriver

_serials = count()

Model = type[ExtendedUser]

HELD_NOT = ("title", "primary", ENTERPRISE)
"""Requirements of the contract that don't apply to our users."""

FILTERS = [
    *(one for one in SEARCH_FILTERS if not any(name in one for name in HELD_NOT)),
    'externalId eq "100"',
    'externalId eq "2" or userName eq "Bob"',
    'name.familyName sw "li"',
    'name.familyName sw "li" and not (userName eq "alice")',
    'id eq "00000000-0000-7000-8000-000000000000" or name.givenName eq "alice"',
    f'{EXTENSION_SCHEMA}:status eq "pending"',
    f'{EXTENSION_SCHEMA}:status eq "deactivated" or {EXTENSION_SCHEMA}:status eq "unknown"',
    f"{EXTENSION_SCHEMA}:canSign eq true",
    f'{EXTENSION_SCHEMA}:pNumber eq "1000000001"',
    f'{EXTENSION_SCHEMA}:dateOfBirth sw "1961"',
]
SORTS = [one for one in SEARCH_SORTS if one not in ("title", f"{ENTERPRISE}:employeeNumber")]


class Completed(UserStorage):
    """Our storage, which completes each user before creating them."""

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        whole = resource.model_copy(deep=True)
        name = whole.name or Name()
        whole.name = Name(given_name=name.given_name or "Anna", family_name=name.family_name or "Holm")
        whole.emails = whole.emails or [Email(value="anna@by.test", type="work")]
        whole[MitIdErhvervUser] = MitIdErhvervUser(cpr=made_up_cpr(BORN, next(_serials)), target_ial="high")
        return super().create(resource_type, whole)


class TestOurStorage(ScimStorageContract):
    supports_root_search = False
    """Users are the only resources at the root."""

    @pytest.fixture
    def storage(self, org: OrgDriver) -> Iterator[Completed]:
        with PROVIDER:
            yield Completed(org.service, org.actor)

    @pytest.fixture
    def provider(self) -> ScimProvider:
        return PROVIDER

    @pytest.fixture
    def group_type(self) -> ResourceType:
        return ResourceType.from_resource(Group)

    @pytest.fixture
    def group_model(self) -> type[Group]:
        return Group

    def create_group(self, *_nothing: Any) -> None:  # noqa: ANN401
        """Groups aren't supported."""

    def search_users(self) -> list[dict[str, Any]]:
        return [
            {
                "userName": "alice",
                "name": {"givenName": "Alice", "familyName": "Liddell"},
                "emails": [{"value": "alice@work.example", "type": "work"}],
                "externalId": "100",
            },
            {"userName": "Bob", "emails": [{"value": "bob@work.example", "type": "work"}]},
            {"userName": "carol", "name": {"familyName": "smith"}, "externalId": "2"},
            {"userName": "dave_%", "emails": [{"value": "dave@home.example"}]},
        ]

    @pytest.mark.parametrize("scim_filter", FILTERS)
    def test_search_filters_as_the_filter_evaluator(
        self,
        storage: Completed,
        provider: ScimProvider,
        user_type: ResourceType,
        user_model: Model,
        scim_filter: str,
    ) -> None:
        super().test_search_filters_as_the_filter_evaluator(
            storage, provider, user_type, user_model, scim_filter
        )

    @pytest.mark.parametrize("sort_order", ["ascending", "descending"])
    @pytest.mark.parametrize("sort_by", SORTS)
    def test_search_sorts_as_search_request_sort(  # noqa: PLR0917 - as the contract has it
        self,
        storage: Completed,
        provider: ScimProvider,
        user_type: ResourceType,
        user_model: Model,
        sort_by: str,
        sort_order: str,
    ) -> None:
        super().test_search_sorts_as_search_request_sort(
            storage, provider, user_type, user_model, sort_by, sort_order
        )

    @pytest.mark.parametrize("parameters", [{"excludedAttributes": "emails"}, {"attributes": "displayName"}])
    def test_get_keeps_what_the_response_returns(
        self, storage: Completed, user_type: ResourceType, parameters: dict[str, str]
    ) -> None:
        (user,) = self.create_users(storage, user_type, ExtendedUser, "bjensen")
        requested = ResponseParameters[ExtendedUser].model_validate(parameters)
        whole = storage.get(user_type, user.id)
        part = storage.get(user_type, user.id, response_parameters=requested)
        context = {"scim_ctx": Context.RESOURCE_QUERY_RESPONSE, "response_parameters": requested}
        assert part.model_dump(**context) == whole.model_dump(**context)

    def test_update_replaces_the_stored_resource(
        self, storage: Completed, user_type: ResourceType, user_model: Model
    ) -> None:
        (user,) = self.create_users(storage, user_type, user_model, "bjensen")
        user.external_id = "Barbara"
        updated = storage.update(user_type, user)
        assert updated.external_id == storage.get(user_type, user.id).external_id == "Barbara"
        assert updated.meta.created == user.meta.created
        assert updated.meta.version != user.meta.version

    def test_update_with_the_expected_version(
        self, storage: Completed, user_type: ResourceType, user_model: Model
    ) -> None:
        (user,) = self.create_users(storage, user_type, user_model, "bjensen")
        user.external_id = "Barbara"
        storage.update(user_type, user, expected_version=user.meta.version)
        assert storage.get(user_type, user.id).external_id == "Barbara"

    def test_update_with_an_outdated_version(
        self, storage: Completed, user_type: ResourceType, user_model: Model
    ) -> None:
        (user,) = self.create_users(storage, user_type, user_model, "bjensen")
        outdated = user.meta.version
        user.external_id = "Babs"
        storage.update(user_type, user)
        user.external_id = "Barbara"
        with pytest.raises(PreconditionFailedException):
            storage.update(user_type, user, expected_version=outdated)
        assert storage.get(user_type, user.id).external_id == "Babs"

    def test_delete_with_an_outdated_version(
        self, storage: Completed, user_type: ResourceType, user_model: Model
    ) -> None:
        (user,) = self.create_users(storage, user_type, user_model, "bjensen")
        outdated = user.meta.version
        user.external_id = "Babs"
        storage.update(user_type, user)
        with pytest.raises(PreconditionFailedException):
            storage.delete(user_type, user.id, expected_version=outdated)
        assert storage.get(user_type, user.id).user_name == "bjensen"
