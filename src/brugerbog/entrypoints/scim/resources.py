"""The SCIM user resource: the supported part of the core schema, and an extension schema for the rest."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Extension,
    Mutability,
    Required,
    Resource,
    Returned,
    Uniqueness,
)
from scim2_models import User as CoreUser
from scim2_models.resources.resource import AnyExtension

from brugerbog.domain.values.means import Ial, Means

EXTENSION_SCHEMA: Final = "urn:brugerbog:params:scim:schemas:extension:mitid-erhverv:2.0:User"
WORK: Final = "work"
MOBILE: Final = "mobile"

ReadOnlyText = Annotated[str | None, Mutability.read_only]


class Name(ComplexAttribute):
    """First name and surname, both required."""

    family_name: Annotated[str | None, Required.true] = Field(None, description="The surname.")
    given_name: Annotated[str | None, Required.true] = Field(None, description="The first name.")


class Email(ComplexAttribute):
    """The user's only e-mail address."""

    value: Annotated[str | None, Required.true] = Field(None, description="The address for mails.")
    type: str | None = Field(None, examples=[WORK], description="Always work.")


class PhoneNumber(ComplexAttribute):
    """The user's only phone number."""

    value: str | None = Field(None, description="Eight digits, optionally after +45.")
    type: str | None = Field(
        None,
        examples=[MOBILE],
        description="Always mobile; if a request also has a work number, that one is stored.",
    )


class ReadOnlyValue(ComplexAttribute):
    """A value of a read-only list."""

    value: ReadOnlyText = None


class User(Resource[AnyExtension]):
    """A user of the organisation."""

    __schema__ = URN(str(CoreUser.__schema__))

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = Field(
        None, description="The user's name in your directory; the e-mail address until the directory sets it."
    )
    name: Annotated[Name | None, Required.true] = Field(None, description="First name and surname.")
    display_name: ReadOnlyText = Field(None, description="First name and surname in one.")
    active: Annotated[bool | None, Required.true] = Field(
        None, description="False while the user is deactivated; default for a new user: true."
    )
    emails: Annotated[list[Email] | None, Required.true] = Field(None, description="The e-mail address.")
    phone_numbers: list[PhoneNumber] | None = Field(None, description="The phone number, if there is one.")
    entitlements: Annotated[list[ReadOnlyValue] | None, Mutability.read_only] = Field(
        None, description="The rights granted by a rights administrator, by id."
    )
    roles: Annotated[list[ReadOnlyValue] | None, Mutability.read_only] = Field(
        None, description="The user's roles in the organisation, such as user_administrator."
    )

    Name: ClassVar[type[ComplexAttribute]] = Name
    Emails: ClassVar[type[ComplexAttribute]] = Email
    PhoneNumbers: ClassVar[type[ComplexAttribute]] = PhoneNumber


class MitIdErhvervUser(Extension):
    """The extension schema of a MitID Erhverv user. A CPR number or a date of birth is required."""

    __schema__ = URN(EXTENSION_SCHEMA)

    cpr: Annotated[str | None, Mutability.write_only, Returned.never, CaseExact.true] = Field(
        None, description="Ten digits. Write-only; it can't be changed once known."
    )
    date_of_birth: Annotated[str | None, Mutability.immutable, CaseExact.true] = Field(
        None, description="YYYY-MM-DD; required without a CPR number."
    )
    anonymous: Annotated[bool | None, Mutability.immutable] = Field(
        None, description="Whether services see only the user's number; can only be set at creation."
    )
    target_ial: Annotated[str | None, Required.true] = Field(
        None,
        examples=[level.value for level in Ial],
        description="The assurance level; default for a new user: the organisation's.",
    )
    p_number: str | None = Field(None, description="One of the organisation's P-numbers.")
    se_number: str | None = Field(None, description="One of the organisation's SE-numbers.")
    ean: str | None = Field(None, description="One of the organisation's EANs.")
    reference_text: str | None = Field(None, description="The organisation's own text about the user.")
    means: Annotated[list[str] | None, Mutability.immutable] = Field(
        None,
        examples=[means.value for means in Means if means is not Means.SHARED],
        description="The assigned means of identification; set once, later additions are made outside SCIM.",
    )
    active_means: Annotated[list[str] | None, Mutability.read_only] = Field(
        None, description="The means in use."
    )
    status: ReadOnlyText = Field(
        None,
        examples=["imported", "pending", "active", "deactivated"],
        description="The user's status.",
    )
    deactivated_from: ReadOnlyText = Field(None, description="YYYY-MM-DD, today or later.")
    deactivated_to: ReadOnlyText = Field(
        None, description="YYYY-MM-DD, the last day; without it, until further notice."
    )
    can_sign: Annotated[bool | None, Mutability.read_only] = Field(
        None, description="Whether the user may sign for the organisation."
    )


EXTENSION_ATTRIBUTES: Final = tuple(str(one.name) for one in MitIdErhvervUser.to_schema().attributes or ())
"""The names of the extension schema's attributes."""

ExtendedUser = User[Annotated[MitIdErhvervUser, Required.true]]
"""A user with both schemas, both required."""
