"""The configuration of the SCIM service, and its tolerance for requests of common directories."""

from __future__ import annotations

from typing import Final

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ETag,
    Filter,
    Pagination,
    Patch,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
)

from brugerbog.entrypoints.scim.resources import ExtendedUser, MitIdErhvervUser, User

LARGEST_PAGE: Final = 500

CONFIG: Final = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=LARGEST_PAGE),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    pagination=Pagination(cursor=False, index=True, default_page_size=100, max_page_size=LARGEST_PAGE),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A client's key, or an access token for that client.",
            primary=True,
        )
    ],
)

POLICY: Final = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Directories send attributes that we don't store, and patch a phone number that doesn't exist yet."""

PROVIDER: Final = ScimProvider(
    models=[User, MitIdErhvervUser],
    resource_types=[ResourceType.from_resource(ExtendedUser)],
    config=CONFIG,
    policy=POLICY,
)
