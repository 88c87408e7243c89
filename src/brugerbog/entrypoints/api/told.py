"""What the API answers: a contract of its own, so that what the service holds inside may change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from brugerbog.domain.act import Role
from brugerbog.domain.means import Ial, Means
from brugerbog.domain.status import Status
from brugerbog.entrypoints.api.problems import Problem


class Told(BaseModel):
    """An answer. Instants are UTC; days are Danish days."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class Outcome(Told):
    """What a command came to: the log's position from which on it shows, and whom it concerned."""

    position: int = Field(description="For `Brugerbog-Position`, and to follow changes from.")
    subject: UUID | None = Field(description="The user, client or organisation.")


class OutcomeWithCode(Outcome):
    """The same, perhaps with a temporary activation code, which is shown this once."""

    code: str | None = Field(
        description="To be handed to the user; given when only his date of birth is known."
    )
    code_already_shown: bool = Field(description="This is a repeat, and the code isn't shown again.")


class OutcomeWithCpr(Outcome):
    """The same, with a CPR number whose showing is recorded."""

    cpr: str | None
    cpr_already_shown: bool


class OutcomeWithSecret(Outcome):
    """The same, with a client's credentials; the secret is shown this once."""

    client_id: str = Field(description="For `/token`.")
    client_secret: str | None
    secret_already_shown: bool


class User(Told):
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


class Users(Told):
    """A page of users; ask for the next one with `after`."""

    users: list[User]
    next: str | None = Field(description="The key of the next page; null on the last one.")


class Activity(Told):
    """A line of the activity history."""

    occurred_at: datetime
    transaction: str
    service_provider: str
    service_type: str


class History(Told):
    """The latest 200 activities of a user."""

    activities: list[Activity]


class Replaced(Told):
    """Whom an anonymous user has taken the place of; null when nobody, or once he is erased."""

    user_id: UUID | None


class Sending(Told):
    """What became of many users who were to be sent to activation."""

    sent: list[UUID]
    without_cpr: list[UUID] = Field(
        description="Known by date of birth only: send each by himself, with a code."
    )
    not_waiting: list[UUID] = Field(description="Not, or no longer, among the imported.")


class PlannedSending(Told):
    """What sending would come to, and cost if all new means were ordered."""

    sending: Sending
    new_means: dict[Means, int]
    cost: int = Field(description="Øre without VAT.")


class Foreseen(Told):
    """What would come of a command for one user: nothing in the way, or a refusal."""

    user_id: UUID
    refusal: Problem | None


class Foresight(Told):
    """The same for each."""

    users: list[Foreseen]


class RowError(Told):
    """Why a row was refused."""

    column: str
    code: str
    message: str


class RowOutcome(Told):
    """What came of a row; `row` is its line in the file, the header being 1."""

    row: int
    action: str
    outcome: str = Field(description="`created`, `updated`, `deleted`, `unchanged` or `refused`.")
    id: UUID | None
    errors: list[RowError]


class Receipt(Told):
    """What came of a file, row by row."""

    rows: int
    created: int
    updated: int
    deleted: int
    unchanged: int
    refused: int
    encoding: str
    outcomes: list[RowOutcome]


class Right(Told):
    """An entry of the organisation's catalogue of rights."""

    id: str
    name: str
    service_provider: str


class Organisation(Told):
    """The organisation with its settings (docs/cli.md, Settings)."""

    id: UUID
    cvr: str
    name: str
    settings: dict[str, Any]


class RoleHeld(Told):
    """A user holds a role."""

    user_id: UUID
    role: Role


class Roles(Told):
    """Who holds which role."""

    roles: list[RoleHeld]


class Concern(Told):
    """Users who have what a setting would no longer allow; they keep it."""

    setting: str
    value: str | None
    users: list[UUID]


class Concerns(Told):
    """Whom a change of settings would concern."""

    concerns: list[Concern]


class Client(Told):
    """A system that acts for the organisation."""

    id: UUID
    client_id: str
    name: str
    roles: list[Role]
    created_at: datetime
    is_revoked: bool


class Clients(Told):
    """All of them, revoked ones too."""

    clients: list[Client]


class ActivityOutcome(Told):
    """What came of a report."""

    outcome: str = Field(description="`recorded`, `already_recorded` (taken in before) or `refused`.")
    refusal: Problem | None


class ActivitiesReceipt(Told):
    """What came of each report, in their order."""

    position: int
    outcomes: list[ActivityOutcome]


class Notice(Told):
    """A user asks to become anonymous."""

    user_id: UUID
    first_name: str | None
    surname: str | None
    asked_at: datetime


class Notices(Told):
    """Requests that nobody has answered, the oldest first."""

    notices: list[Notice]


class Mail(Told):
    """How a mail stands; nothing of what is in it."""

    id: UUID
    kind: str
    recipient: UUID
    about: UUID
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    settled_at: datetime | None
    code: int | None = Field(
        description="The mail server's last reply code, or from 600 on our own (docs/mail.md)."
    )


class Mails(Told):
    """Mails in a state, the oldest first."""

    mails: list[Mail]


class MailCounts(Told):
    """How many mails there are in each state."""

    waiting: int
    claimed: int
    sent: int
    dead: int


class Report(Told):
    """A table: its columns, and its rows by them."""

    name: str
    columns: list[str]
    rows: list[dict[str, Any]]


class Change(Told):
    """One attribute before and after, in Danish words; null where there is nothing."""

    field: str
    label: str
    before: str | None
    after: str | None


class LogEntry(Told):
    """An event of the log in words."""

    position: int
    recorded_at: datetime
    effective_at: datetime | None
    kind: str
    deed: str
    subject_id: UUID
    subject: str
    actor_id: UUID
    actor: str
    role: str
    door: str
    command_id: UUID
    correlation_id: UUID
    changes: list[Change]


class Log(Told):
    """A page of the log, the newest first; ask for the next one with `after`."""

    entries: list[LogEntry]
    next: str | None


class StateThen(Told):
    """The organisation as it stood at an instant."""

    at: datetime
    position: int
    organisation_id: UUID
    cvr: str
    name: str
    settings: dict[str, Any]
    roles: list[RoleHeld]
    users: dict[str, int]
    everybody: list[User] | None


class UserThen(Told):
    """Somebody by the name he went by."""

    user_id: UUID
    name: str


class UserChanged(UserThen):
    """Somebody who was there at both instants, and what is different about him."""

    changes: list[Change]


class Difference(Told):
    """What is different at a later instant."""

    earlier: datetime
    later: datetime
    organisation: list[Change]
    came: list[UserThen]
    left: list[UserThen]
    changed: list[UserChanged]


class Happened(Told):
    """A change by its ids: `kind` is the event's topic, `user_id` null where it befell the organisation."""

    position: int
    kind: str
    user_id: UUID | None
    recorded_at: datetime
    command_id: UUID


class Changes(Told):
    """Changes in the order they happened; ask on after `position`. With `more`, some wait already."""

    changes: list[Happened]
    position: int
    more: bool


class Position(Told):
    """The last position of the log."""

    position: int


class Names(Told):
    """What each is called now, or was last; who is erased or unknown is a deleted user."""

    names: dict[UUID, str]


class ProblemKind(Told):
    """A kind of problem, as `type` names it."""

    code: str
    status: int
    title: str
    about: str = Field(description="What is so, in English.")
    danish: str
    english: str


class Token(Told):
    """What to show with each request (RFC 6750)."""

    access_token: str
    token_type: str
    expires_in: int = Field(description="Seconds.")
