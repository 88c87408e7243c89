"""What the API is told: the bodies of commands. Everything unknown is refused, and nothing is repeated."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from brugerbog.application.commands import user_input
from brugerbog.application.commands.activity_report import ActivityReport
from brugerbog.domain.kernel.instants import clamp_to_calendar
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.means import Ial, Means

Text = Annotated[str, Field(max_length=1000)]
"""Longer than anything that is taken; what exactly is, the refusals tell."""

Instant = Annotated[AwareDatetime, AfterValidator(clamp_to_calendar)]
"""An instant with its offset; beyond the ends of the calendar, the ends."""

Ids = Annotated[list[UUID], Field(min_length=1, max_length=10_000)]
Codes = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=1000)]


def _if_given(description: str, **more: Any) -> Any:  # noqa: ANN401 - as pydantic's `Field`
    """A member that is left as it is when it isn't named; that is no default that could be told."""
    return Field(default_factory=str, description=description, **more)


class Body(BaseModel):
    """A body of JSON in which only what is known may stand."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SharedMeans(Body):
    """A shared means: whose it is, and its user id there."""

    owner_cvr: Text = Field(description="CVR number of the organisation that gave it.")
    identifier: Text = Field(description="The user id of the shared means.")


class NewUser(Body):
    """A user to create. CPR number or date of birth is needed; means, rights and the rest are optional."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "first_name": "Ærø",
                "surname": "Østergård",
                "email": "aero@kommune.example",
                "date_of_birth": "1961-09-07",
                "means": ["app"],
            }
        }
    )

    first_name: Text
    surname: Text
    email: Text
    cpr: Text | None = Field(
        None,
        description="Ten digits, a hyphen allowed. Never shown again in the clear.",
        json_schema_extra={"writeOnly": True},
    )
    date_of_birth: date | None = Field(None, description="Needed without a CPR number.")
    phone: Text | None = None
    anonymous: bool = Field(
        False, description="Services don't see the name (`pseudonym` in the official API)."
    )
    reference_text: Text | None = None
    target_ial: Ial | None = Field(None, description="Assurance level; the organisation's unless given.")
    ean: Text | None = Field(None, description="Invoice method, one of the organisation's EAN numbers.")
    p_number: Text | None = None
    se_number: Text | None = None
    means: Annotated[list[Means], Field(max_length=20)] = Field(
        default_factory=list, description="A kind named twice means two of it."
    )
    shared_means: SharedMeans | None = None
    rights: Codes = Field(
        default_factory=list, description="Ids of the organisation's catalogue; by rights administrators."
    )
    can_sign: bool = Field(False, description="`allowSigning` in the official API; by rights administrators.")
    sealing_profiles: Codes = Field(default_factory=list, description="By rights administrators.")

    def read(self) -> user_input.NewUser:
        """As the service takes it."""
        said = {name: getattr(self, name) for name in type(self).model_fields}
        said |= {name: tuple(said[name]) for name in ("means", "rights", "sealing_profiles")}
        return user_input.NewUser(**said | {"shared_means": named_shared(self.shared_means)})


def named_shared(said: SharedMeans | None) -> user_input.NamedShared | None:
    """A shared means as the service takes it."""
    return (
        None if said is None else user_input.NamedShared(owner_cvr=said.owner_cvr, identifier=said.identifier)
    )


class UserEdits(Body):
    """What to change about a user: what isn't named stays, `null` removes (merge patch)."""

    model_config = ConfigDict(json_schema_extra={"example": {"phone": "12345678", "ean": None}})

    first_name: Text = _if_given("A corrected name; it is the same person.")
    surname: Text = _if_given("As `first_name`.")
    email: Text = _if_given("Where he is reached from now on.")
    cpr: Text = _if_given(
        "Added to who was known by date of birth only.", json_schema_extra={"writeOnly": True}
    )
    target_ial: Ial = Field(default_factory=lambda: Ial.SUBSTANTIAL, description="Assurance level.")
    phone: Text | None = _if_given("`null` for none.")
    reference_text: Text | None = _if_given("`null` for none.")
    ean: Text | None = _if_given("`null` for none of his own.")
    p_number: Text | None = _if_given("`null` for none.")
    se_number: Text | None = _if_given("`null` for none.")

    def read(self) -> user_input.UserEdits:
        """As the service takes it."""
        return user_input.UserEdits(**{name: getattr(self, name) for name in self.model_fields_set})


class Placement(Body):
    """Where a user belongs: what isn't named stays, `null` removes."""

    p_number: Text | None = _if_given("One of the organisation's.")
    se_number: Text | None = _if_given("One of the organisation's.")

    def read(self) -> dict[str, str | None]:
        """As the service takes it."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Period(Body):
    """Days, both included: from today unless given, without an end unless given."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"from_date": "2027-01-01", "to_date": "2027-01-31"}}
    )

    from_date: date | None = None
    to_date: date | None = None


class FurtherMeans(Body):
    """Kinds of means, each as often as he gets one."""

    model_config = ConfigDict(json_schema_extra={"example": {"means": ["chip"]}})

    means: Annotated[list[Means], Field(max_length=99)] = Field(default_factory=list)


class MeansToAssign(FurtherMeans):
    """Means to assign; a shared one is named."""

    shared: SharedMeans | None = None


class UsersToSend(FurtherMeans):
    """Imported users to send to activation, with further means."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"user_ids": ["01938a5e-0000-7000-8000-000000000001"], "means": ["app"]}
        }
    )

    user_ids: Ids


class SendingToPlan(FurtherMeans):
    """As what would be sent; all who wait when nobody is named."""

    user_ids: Ids | None = None


class UserIds(Body):
    """Users, by id."""

    user_ids: Ids


class UserIdsAndPeriod(Period):
    """Users, and days as in deactivating."""

    user_ids: Ids


class RightIds(Body):
    """Rights by their ids in the organisation's catalogue."""

    model_config = ConfigDict(json_schema_extra={"example": {"rights": ["post"]}})

    rights: Codes


class ProfileIds(Body):
    """Certificate profiles; these and no others."""

    profiles: Codes


class DeclineReason(Body):
    """Why not; the user is told."""

    reason: Text


class RoleName(Body):
    """A role of the organisation's users."""

    model_config = ConfigDict(json_schema_extra={"example": {"role": "user_administrator"}})

    role: Role = Field(
        description="`user_administrator` (IdentityAdministrator), "
        "`rights_administrator` (RightsAdministrator), `organisation_administrator` "
        "(OrganizationAdministrator) or `trusted_employee`."
    )


class NewClient(Body):
    """A system that is to act for the organisation."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Løn og HR", "roles": ["user_administrator"]}}
    )

    name: Text
    roles: Annotated[list[Role], Field(min_length=1, max_length=10)]
    expires_on: date | None = Field(
        None, description="The last day, in Denmark, on which the secret is good; it doesn't expire without."
    )


class NewOrganisation(Body):
    """An organisation to take in."""

    cvr: Text
    name: Text
    settings: dict[str, Any] = Field(default_factory=dict)


class ReportedActivity(Body):
    """What a user has done at a service; `reference` is your own id of it, by which it is known again."""

    user_id: UUID
    occurred_at: AwareDatetime
    transaction: Text
    service_provider: Text
    service_type: Text = Field(description="`public` or `private`.")
    reference: Text

    def read(self) -> ActivityReport:
        """As the service takes it."""
        return ActivityReport(**{name: getattr(self, name) for name in type(self).model_fields})


class ActivityReports(Body):
    """Reports, each of which stands alone."""

    reporter: Text = Field(description="A short name that stays the same: a-z, digits, hyphen, underscore.")
    activities: Annotated[list[ReportedActivity], Field(min_length=1, max_length=1000)]


class IdsToName(Body):
    """Ids of users, clients or the organisation."""

    ids: Ids
