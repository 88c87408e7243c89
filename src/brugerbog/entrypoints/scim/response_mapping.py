"""Maps a user to a SCIM resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scim2_models import Meta

from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.scim.resources import (
    MOBILE,
    WORK,
    Email,
    ExtendedUser,
    MitIdErhvervUser,
    Name,
    PhoneNumber,
    ReadOnlyValue,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brugerbog.application.queries.user_list import UserView
    from brugerbog.domain.kernel.roles import Role


def resource_of(user: UserView, roles: Iterable[Role] = ()) -> User[MitIdErhvervUser]:
    """Return a user as a SCIM resource, without the location, which the SCIM library adds."""
    resource = ExtendedUser(
        id=str(user.id),
        external_id=user.external_id,
        user_name=user.user_name or user.email,
        name=Name(given_name=user.first_name, family_name=user.surname),
        display_name=f"{user.first_name} {user.surname}",
        active=user.status is not Status.DEACTIVATED,
        emails=[Email(value=user.email, type=WORK)],
        phone_numbers=[PhoneNumber(value=user.phone, type=MOBILE)] if user.phone else None,
        entitlements=[ReadOnlyValue(value=right) for right in user.rights] or None,
        roles=[ReadOnlyValue(value=role.value) for role in roles] or None,
        meta=Meta(
            resource_type="User",
            created=user.created_at,
            last_modified=user.changed_at,
            version=tag_of(user),
        ),
    )
    resource[MitIdErhvervUser] = MitIdErhvervUser(
        date_of_birth=user.date_of_birth,
        anonymous=user.anonymous,
        target_ial=user.target_ial,
        p_number=user.p_number,
        se_number=user.se_number,
        ean=user.ean,
        reference_text=user.reference_text,
        means=user.means or None,
        active_means=user.active_means or None,
        status=user.status.value,
        deactivated_from=user.deactivated_from,
        deactivated_to=user.deactivated_to,
        can_sign=user.can_sign,
    )
    return resource


def tag_of(user: UserView) -> str:
    """Return the entity tag: version and status, since the status can change with the date alone."""
    return f'W/"{user.version}-{user.status.value}"'
