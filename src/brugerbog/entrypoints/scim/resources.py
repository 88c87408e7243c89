"""What a user is in SCIM: the part of the core schema that we keep, and a schema of our own for the rest."""

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

OUR_SCHEMA: Final = "urn:brugerbog:params:scim:schemas:extension:mitid-erhverv:2.0:User"
WORK: Final = "work"
MOBILE: Final = "mobile"

ReadOnlyText = Annotated[str | None, Mutability.read_only]


class Name(ComplexAttribute):
    """First name and surname, neither of which may be missing."""

    family_name: Annotated[str | None, Required.true] = Field(None, description="The surname.")
    given_name: Annotated[str | None, Required.true] = Field(None, description="The first name.")


class Email(ComplexAttribute):
    """The one address that a user has."""

    value: Annotated[str | None, Required.true] = Field(None, description="The address that mails go to.")
    type: str | None = Field(None, examples=[WORK], description="Always work.")


class PhoneNumber(ComplexAttribute):
    """The one phone number that a user may have."""

    value: str | None = Field(None, description="Eight digits, perhaps after +45.")
    type: str | None = Field(
        None, examples=[MOBILE], description="Always mobile; given a work number too, that is the one kept."
    )


class DerivedAttribute(ComplexAttribute):
    """One of several things that are only told here."""

    value: ReadOnlyText = None


class User(Resource[AnyExtension]):
    """A user of the organisation."""

    __schema__ = URN(str(CoreUser.__schema__))

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = Field(
        None, description="What your directory calls the user; until it has said so, the e-mail address."
    )
    name: Annotated[Name | None, Required.true] = Field(None, description="First name and surname.")
    display_name: ReadOnlyText = Field(None, description="First name and surname in one.")
    active: Annotated[bool | None, Required.true] = Field(
        None, description="False while the user is deactivated; true is assumed of a new one."
    )
    emails: Annotated[list[Email] | None, Required.true] = Field(None, description="The e-mail address.")
    phone_numbers: list[PhoneNumber] | None = Field(None, description="The phone number, if there is one.")
    entitlements: Annotated[list[DerivedAttribute] | None, Mutability.read_only] = Field(
        None, description="The rights that a rights administrator has given, by id."
    )
    roles: Annotated[list[DerivedAttribute] | None, Mutability.read_only] = Field(
        None, description="The roles that the organisation has given, such as user_administrator."
    )

    Name: ClassVar[type[ComplexAttribute]] = Name
    Emails: ClassVar[type[ComplexAttribute]] = Email
    PhoneNumbers: ClassVar[type[ComplexAttribute]] = PhoneNumber


class MitIdErhvervUser(Extension):
    """What MitID Erhverv knows of a user beside the core schema. A CPR number or a birth date is needed."""

    __schema__ = URN(OUR_SCHEMA)

    cpr: Annotated[str | None, Mutability.write_only, Returned.never, CaseExact.true] = Field(
        None, description="Ten digits. Taken, never shown; once known it can't be another."
    )
    date_of_birth: Annotated[str | None, Mutability.immutable, CaseExact.true] = Field(
        None, description="YYYY-MM-DD; needed where the CPR number isn't given."
    )
    anonymous: Annotated[bool | None, Mutability.immutable] = Field(
        None, description="Whether services see only the user's number; only at creation."
    )
    target_ial: Annotated[str | None, Required.true] = Field(
        None,
        examples=[level.value for level in Ial],
        description="The assurance level; of a new user the organisation's is assumed.",
    )
    p_number: str | None = Field(None, description="One of the organisation's P-numbers.")
    se_number: str | None = Field(None, description="One of the organisation's SE-numbers.")
    ean: str | None = Field(None, description="One of the organisation's EANs.")
    reference_text: str | None = Field(None, description="The organisation's own text about the user.")
    means: Annotated[list[str] | None, Mutability.immutable] = Field(
        None,
        examples=[means.value for means in Means if means is not Means.SHARED],
        description="What the user may identify himself with; given once, and added to elsewhere.",
    )
    active_means: Annotated[list[str] | None, Mutability.read_only] = Field(
        None, description="Those of them that are in use."
    )
    status: ReadOnlyText = Field(
        None,
        examples=["imported", "pending", "active", "deactivated"],
        description="How far the user's life has come.",
    )
    deactivated_from: ReadOnlyText = Field(None, description="YYYY-MM-DD, today or later.")
    deactivated_to: ReadOnlyText = Field(
        None, description="YYYY-MM-DD, the last day; none is until further notice."
    )
    can_sign: Annotated[bool | None, Mutability.read_only] = Field(
        None, description="Whether the user may sign for the organisation."
    )


OUR_ATTRIBUTES: Final = tuple(str(one.name) for one in MitIdErhvervUser.to_schema().attributes or ())
"""The names that our own schema has."""

OurUser = User[Annotated[MitIdErhvervUser, Required.true]]
"""A user with both schemas, neither of which may be missing."""
