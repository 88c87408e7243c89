"""Request bodies of the API. Unknown members are refused; refusals never repeat a member's value."""

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
"""A text; the limit is above that of every field, since the domain refuses by each field's own limit."""

Instant = Annotated[AwareDatetime, AfterValidator(clamp_to_calendar)]
"""An instant with a UTC offset; an instant beyond the calendar's range is clamped to the range."""

Ids = Annotated[list[UUID], Field(min_length=1, max_length=10_000)]
Codes = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=1000)]


def _optional(description: str, **more: Any) -> Any:  # noqa: ANN401 - as pydantic's `Field`
    """Return the field of an optional member, without a default in the OpenAPI document.

    The value of an absent member is never read: `to_input` takes only `model_fields_set`.
    """
    return Field(default_factory=str, description=description, **more)


class Body(BaseModel):
    """A JSON body without unknown members."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SharedMeans(Body):
    """A shared means: the organisation that issued it, and its user id there."""

    owner_cvr: Text = Field(description="CVR number of the organisation that issued it.")
    identifier: Text = Field(description="The user id of the shared means.")


class NewUser(Body):
    """A user to create. CPR number or date of birth is required; means, rights and the rest are optional."""

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
        description="Ten digits, a hyphen allowed. Responses only show it masked.",
        json_schema_extra={"writeOnly": True},
    )
    date_of_birth: date | None = Field(None, description="Required without a CPR number.")
    phone: Text | None = None
    anonymous: bool = Field(
        False, description="Services don't see the name (`pseudonym` in the official API)."
    )
    reference_text: Text | None = None
    target_ial: Ial | None = Field(None, description="Assurance level; default: the organisation's.")
    ean: Text | None = Field(None, description="Invoice method, one of the organisation's EAN numbers.")
    p_number: Text | None = None
    se_number: Text | None = None
    means: Annotated[list[Means], Field(max_length=20)] = Field(
        default_factory=list, description="A kind listed twice assigns two."
    )
    shared_means: SharedMeans | None = None
    rights: Codes = Field(
        default_factory=list,
        description="Ids in the organisation's catalogue; only for rights administrators.",
    )
    can_sign: bool = Field(
        False, description="`allowSigning` in the official API; only for rights administrators."
    )
    sealing_profiles: Codes = Field(default_factory=list, description="Only for rights administrators.")

    def to_input(self) -> user_input.NewUser:
        """Return the input of the command."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        values |= {name: tuple(values[name]) for name in ("means", "rights", "sealing_profiles")}
        return user_input.NewUser(**values | {"shared_means": named_shared_means(self.shared_means)})


def named_shared_means(body: SharedMeans | None) -> user_input.NamedShared | None:
    """Return a shared means as the commands take it."""
    if body is None:
        return None
    return user_input.NamedShared(owner_cvr=body.owner_cvr, identifier=body.identifier)


class UserEdits(Body):
    """Changes of a user: an absent member leaves its value unchanged, `null` removes it (merge patch)."""

    model_config = ConfigDict(json_schema_extra={"example": {"phone": "12345678", "ean": None}})

    first_name: Text = _optional("A corrected name; it is the same person.")
    surname: Text = _optional("As `first_name`.")
    email: Text = _optional("The address for mails from now on.")
    cpr: Text = _optional("For a user known by date of birth only.", json_schema_extra={"writeOnly": True})
    target_ial: Ial = Field(default_factory=lambda: Ial.SUBSTANTIAL, description="Assurance level.")
    phone: Text | None = _optional("`null` for none.")
    reference_text: Text | None = _optional("`null` for none.")
    ean: Text | None = _optional("`null` for none of the user's own.")
    p_number: Text | None = _optional("`null` for none.")
    se_number: Text | None = _optional("`null` for none.")

    def to_input(self) -> user_input.UserEdits:
        """Return the input of the command."""
        return user_input.UserEdits(**{name: getattr(self, name) for name in self.model_fields_set})


class Placement(Body):
    """A user's P-number and SE-number: an absent member leaves its value unchanged, `null` removes it."""

    p_number: Text | None = _optional("One of the organisation's.")
    se_number: Text | None = _optional("One of the organisation's.")

    def to_input(self) -> dict[str, str | None]:
        """Return the members of the request, without the absent ones."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Period(Body):
    """A period, with its first and last day included; default: from today, without an end."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"from_date": "2027-01-01", "to_date": "2027-01-31"}}
    )

    from_date: date | None = None
    to_date: date | None = None


class FurtherMeans(Body):
    """Kinds of means; a kind listed twice assigns two."""

    model_config = ConfigDict(json_schema_extra={"example": {"means": ["chip"]}})

    means: Annotated[list[Means], Field(max_length=99)] = Field(default_factory=list)


class MeansToAssign(FurtherMeans):
    """Means to assign; a shared means is described by `shared`."""

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
    """Users whose sending to activation to preview; default: all imported users."""

    user_ids: Ids | None = None


class UserIds(Body):
    """Ids of users."""

    user_ids: Ids


class UserIdsAndPeriod(Period):
    """Ids of users, and the period of their deactivation."""

    user_ids: Ids


class RightIds(Body):
    """Ids of rights in the organisation's catalogue."""

    model_config = ConfigDict(json_schema_extra={"example": {"rights": ["post"]}})

    rights: Codes


class ProfileIds(Body):
    """Ids of certificate profiles, which replace all present ones of the user."""

    profiles: Codes


class DeclineReason(Body):
    """The reason why a request is declined; the user gets it by mail."""

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
    """A client to create: a system that acts for the organisation."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Løn og HR", "roles": ["user_administrator"]}}
    )

    name: Text
    roles: Annotated[list[Role], Field(min_length=1, max_length=10)]
    expires_on: date | None = Field(
        None, description="The last day (Danish time) on which the secret is valid; default: no expiry."
    )


class NewOrganisation(Body):
    """An organisation to register."""

    cvr: Text
    name: Text
    settings: dict[str, Any] = Field(default_factory=dict)


class ReportedActivity(Body):
    """A user's activity at a service; `reference` is your own id, by which a repeat is recognised."""

    user_id: UUID
    occurred_at: AwareDatetime
    transaction: Text
    service_provider: Text
    service_type: Text = Field(description="`public` or `private`.")
    reference: Text

    def to_input(self) -> ActivityReport:
        """Return the input of the command."""
        return ActivityReport(**{name: getattr(self, name) for name in type(self).model_fields})


class ActivityReports(Body):
    """Activities of users; each is recorded or refused independently of the others."""

    reporter: Text = Field(description="A short, constant name: a-z, digits, hyphen, underscore.")
    activities: Annotated[list[ReportedActivity], Field(min_length=1, max_length=1000)]


class IdsToName(Body):
    """Ids of users, clients or the organisation."""

    ids: Ids
