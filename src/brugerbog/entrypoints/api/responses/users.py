"""Users, what became of them, and what would."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.api.problems import Problem
from brugerbog.entrypoints.api.responses import ResponseModel


class User(ResponseModel):
    """A user with everything that is known of him and may be shown."""

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
    means: list[Means] = Field(description="What he has been assigned, one of each.")
    active_means: list[Means] = Field(description="What he has taken into use.")
    ordered_means: list[Means] = Field(description="Devices that are on their way.")
    rights: list[str]
    can_sign: bool
    sealing_profiles: list[str]
    asks_for_anonymity: bool
    link_expires_at: datetime | None
    link_has_expired: bool
    created_at: datetime
    cpr_masked: str | None = Field(description="As `070961-xxxx`; null when it isn't known.")
    date_of_birth: str | None = Field(json_schema_extra={"format": "date"})
    deactivated_from: str | None = Field(json_schema_extra={"format": "date"})
    deactivated_to: str | None = Field(json_schema_extra={"format": "date"})


class Users(ResponseModel):
    """A page of users; ask for the next one with `after`."""

    users: list[User]
    next: str | None = Field(description="The key of the next page; null on the last one.")


class Activity(ResponseModel):
    """A line of the activity history."""

    occurred_at: datetime
    transaction: str
    service_provider: str
    service_type: str


class History(ResponseModel):
    """The latest 200 activities of a user."""

    activities: list[Activity]


class Replaced(ResponseModel):
    """Whom an anonymous user has taken the place of; null when nobody, or once he is erased."""

    user_id: UUID | None


class Names(ResponseModel):
    """What each is called now, or was last; who is erased or unknown is a deleted user."""

    names: dict[UUID, str]


class Sending(ResponseModel):
    """What became of many users who were to be sent to activation."""

    sent: list[UUID]
    without_cpr: list[UUID] = Field(
        description="Known by date of birth only: send each by himself, with a code."
    )
    not_waiting: list[UUID] = Field(description="Not, or no longer, among the imported.")


class PlannedSending(ResponseModel):
    """What sending would come to, and cost if all new means were ordered."""

    sending: Sending
    new_means: dict[Means, int]
    cost: int = Field(description="Øre without VAT.")


class Foreseen(ResponseModel):
    """What would come of a command for one user: nothing in the way, or a refusal."""

    user_id: UUID
    refusal: Problem | None


class Foresight(ResponseModel):
    """The same for each."""

    users: list[Foreseen]
