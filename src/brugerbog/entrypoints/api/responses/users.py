"""Users, results of sending many users to activation, and previews of commands on users."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.api.problems import Problem
from brugerbog.entrypoints.api.responses import ResponseModel


class User(ResponseModel):
    """A user with all details that may be shown."""

    id: UUID
    status: Status = Field(
        description="As of now: `imported`, `pending` (Pending), `active` (Active), "
        "`deactivated` (Suspended) or `deleted`."
    )
    first_name: str
    surname: str
    email: str | None
    phone: str | None
    anonymous: bool
    p_number: str | None
    se_number: str | None
    ean: str | None
    reference_text: str | None
    target_ial: Ial
    means: list[Means] = Field(description="The assigned means; a kind listed twice means two.")
    active_means: list[Means] = Field(description="The means in use.")
    ordered_means: list[Means] = Field(description="Ordered devices that haven't arrived.")
    rights: list[str]
    can_sign: bool
    sealing_profiles: list[str]
    asks_for_anonymity: bool
    link_expires_at: datetime | None
    link_has_expired: bool
    created_at: datetime
    cpr_masked: str | None = Field(description="Such as `070961-xxxx`; null if unknown.")
    date_of_birth: str | None = Field(json_schema_extra={"format": "date"})
    deactivated_from: str | None = Field(json_schema_extra={"format": "date"})
    deactivated_to: str | None = Field(json_schema_extra={"format": "date"})


class Users(ResponseModel):
    """A page of users; `next` is the value of `after` for the next page."""

    users: list[User]
    next: str | None = Field(description="Null on the last page.")


class Activity(ResponseModel):
    """An entry of the activity history."""

    occurred_at: datetime
    transaction: str
    service_provider: str
    service_type: str


class History(ResponseModel):
    """The latest 200 activities of a user."""

    activities: list[Activity]


class Replaced(ResponseModel):
    """The user whom an anonymous user replaced; null if there is none, or once that user is erased."""

    user_id: UUID | None


class Names(ResponseModel):
    """The current or last name for each id; an erased or unknown id is named as a deleted user."""

    names: dict[UUID, str]


class Sending(ResponseModel):
    """The outcome of sending many users to activation."""

    sent: list[UUID]
    without_cpr: list[UUID] = Field(
        description="Known by date of birth only: send each one singly, with a code."
    )
    not_waiting: list[UUID] = Field(description="Not, or no longer, imported.")


class PlannedSending(ResponseModel):
    """A preview of sending to activation, with the cost if every new means is ordered."""

    sending: Sending
    new_means: dict[Means, int]
    cost: int = Field(description="In øre, excluding VAT.")


class Foreseen(ResponseModel):
    """The preview of a command for one user; `refusal` is null if the command would succeed."""

    user_id: UUID
    refusal: Problem | None


class Foresight(ResponseModel):
    """The preview of a command for several users."""

    users: list[Foreseen]
