"""Users, command contexts and past steps for tests of the domain."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from inspect import ismethod
from typing import Any
from uuid import UUID

from brugerbog.domain.kernel.command_context import CommandContext
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.settings import Right, Settings
from brugerbog.domain.user.activity import ActivityReported, activity_stream_id
from brugerbog.domain.user.details import Details, Edits
from brugerbog.domain.user.identity_confirmation import ProvedIdentity
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means, SharedMeans
from tests.people import made_up_cpr

ORGANISATION = UUID("00000000-0000-7000-8000-0000000000aa")
ADMINISTRATOR = UUID("00000000-0000-7000-8000-0000000000bb")
USER = UUID("00000000-0000-7000-8000-0000000000cc")
COMMAND = UUID("00000000-0000-7000-8000-0000000000dd")
BORN = date(1961, 9, 7)
CPR = made_up_cpr(BORN, 0)
NOON = datetime(2026, 3, 20, 11, tzinfo=UTC)
MITID = UUID("00000000-0000-7000-8000-0000000000ee")
EAN, P_NUMBER, SE_NUMBER = "5798009811578", "1000000001", "11223344"
SHARED = SharedMeans("90000002", "delt-0001")
PERMISSIVE_SETTINGS = Settings(
    allow_anonymous=True,
    allow_private_means=True,
    allow_shared_means=True,
    use_p_numbers=True,
    use_se_numbers=True,
    use_reference_text=True,
    dedicated_means=(Means.APP, Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.CHIP),
    p_numbers=(P_NUMBER,),
    se_numbers=(SE_NUMBER,),
    eans=(EAN,),
    ial=Ial.HIGH,
)
ENTITLEMENT_SETTINGS = Settings(
    rights=(Right("r1", "Læse", "Skat"), Right("r2", "Skrive", "Skat")),
    allow_sealing=True,
    certificate_profiles=("p1", "p2"),
)


def moment(text: str) -> datetime:
    """Return an instant written with its offset, so that no time zone rules are needed."""
    instant = datetime.fromisoformat(text)
    assert instant.tzinfo is not None
    return instant.astimezone(UTC)


def context(
    at: datetime = NOON, *, actor: UUID = ADMINISTRATOR, door: Door = Door.EMBEDDED
) -> CommandContext:
    return CommandContext(
        organisation_id=ORGANISATION,
        actor=actor,
        role=Role.USER_ADMINISTRATOR,
        door=door,
        recorded_at=at,
        command_id=COMMAND,
        correlation_id=COMMAND,
    )


def details(**fields: Any) -> Details:  # noqa: ANN401 - any field of Details
    """Anne Hansen, known by birth date only unless a CPR number is given."""
    known = {
        "first_name": "Anne",
        "surname": "Hansen",
        "email": "anne@firma.test",
        "date_of_birth": BORN,
        "target_ial": Ial.SUBSTANTIAL,
    }
    return Details(**known | fields)


def proved_identity(**fields: Any) -> ProvedIdentity:  # noqa: ANN401 - any field of ProvedIdentity
    """A broker's assertion of Anne Hansen's identity, at the higher level."""
    return ProvedIdentity(**{"broker": "mitid", "date_of_birth": BORN, "cpr": CPR, "ial": Ial.HIGH} | fields)


def log_read() -> LogRead:
    """An administrator searched the log for Anne's creation, with words."""
    return LogRead(
        originator_id=log_reading_stream_id(ORGANISATION),
        originator_version=1,
        what="log",
        about=USER,
        by=None,
        kind="user.created",
        since=NOON,
        until=None,
        correlated_by=None,
        by_words=True,
        **context().stamp(),
    )


def activity_reported(
    user_id: UUID = USER, *, version: int = 1, at: datetime = NOON, **fields: str
) -> ActivityReported:
    """Anne logged in at a public service, unless other fields are given."""
    defaults = {"transaction": "Log ind", "service_provider": "Prøveborger", "service_type": "public"}
    return ActivityReported(
        originator_id=activity_stream_id(user_id),
        originator_version=version,
        reporter="nemlogin",
        occurred_at=at,
        **defaults | fields,
        **context(at).stamp(),
    )


@dataclass
class Scenario:
    """One aggregate at a frozen time, and the refusal of the last command."""

    now: datetime = NOON
    actor: UUID = ADMINISTRATOR
    door: Door = Door.EMBEDDED
    aggregate: Any = None
    refusal: Refusal | None = None
    previous_events: int = field(default=0)

    def execute(self, command: Callable[..., Any], *arguments: object, **named: object) -> Any:  # noqa: ANN401
        """Execute a command on the aggregate; a classmethod creates a new aggregate."""
        command_context = context(self.now, actor=self.actor, door=self.door)
        try:
            if ismethod(command):
                self.aggregate = command(command_context, *arguments, **named)
                return self.aggregate
            return command(self.aggregate, command_context, *arguments, **named)
        except Refusal as refusal:
            self.refusal = refusal
            return None


Step = Callable[[Scenario], object]


def user_after(*steps: Step) -> User:
    """Return another user, after these steps."""
    scenario = Scenario()
    for step in steps:
        step(scenario)
        assert scenario.refusal is None, scenario.refusal
    user: User = scenario.aggregate
    return user


def a_user(user_id: UUID = USER, **fields: Any) -> Step:  # noqa: ANN401 - any field of Details
    return lambda scenario: scenario.execute(User.create, user_id, details(**fields), PERMISSIVE_SETTINGS)


def an_imported_user(**fields: Any) -> Step:  # noqa: ANN401 - any field of Details
    return lambda scenario: scenario.execute(User.import_, USER, details(**fields), PERMISSIVE_SETTINGS)


def an_organisation(settings: Settings) -> Step:
    return lambda scenario: scenario.execute(
        Organisation.register, cvr="90000001", name="Firma", settings=settings
    )


def with_role(user: User, role: Role) -> Step:
    return lambda scenario: scenario.execute(Organisation.give_role, user, role)


def sent(scenario: Scenario) -> None:
    scenario.execute(User.send_to_activation, PERMISSIVE_SETTINGS)


def resent(scenario: Scenario) -> None:
    scenario.execute(User.resend_activation_mail)


def given_a_new_code(scenario: Scenario) -> None:
    scenario.execute(User.issue_code)


def confirmed(scenario: Scenario) -> None:
    """The user opened the activation link and proved the identity."""
    scenario.execute(
        User.confirm_identity, LinkPurpose.ACTIVATION, scenario.aggregate.link.generation, proved_identity()
    )


def code_entered(*, matches: bool) -> Step:
    return lambda scenario: scenario.execute(
        User.enter_code, scenario.aggregate.link.generation, matches=matches
    )


def link_expired(scenario: Scenario) -> None:
    """The schedule ran when the link had expired."""
    scenario.now = scenario.aggregate.link.expires_at
    scenario.execute(User.expire_link, scenario.aggregate.link.generation)


def edited(**edits: Any) -> Step:  # noqa: ANN401 - any field of Edits
    return lambda scenario: scenario.execute(User.edit, Edits(**edits), PERMISSIVE_SETTINGS)


def activated(scenario: Scenario) -> None:
    scenario.execute(User.activate)


def given_means(*means: Means) -> Step:
    return lambda scenario: scenario.execute(User.assign_means, means, PERMISSIVE_SETTINGS, SHARED)


def ordered(means: Means, mitid: UUID = MITID) -> Step:
    return lambda scenario: scenario.execute(User.order_means, means, mitid, PERMISSIVE_SETTINGS)


def took(*means: Means) -> Step:
    return lambda scenario: scenario.execute(User.take_means, means, consent=True, new_id=lambda: MITID)


def granted(*rights: str) -> Step:
    return lambda scenario: scenario.execute(User.grant_rights, rights, ENTITLEMENT_SETTINGS)


def sealing_with(*profiles: str) -> Step:
    return lambda scenario: scenario.execute(User.assign_sealing_profiles, profiles, ENTITLEMENT_SETTINGS)


def signing(scenario: Scenario) -> None:
    scenario.execute(User.allow_signing)


def asking_for_anonymity(scenario: Scenario) -> None:
    scenario.execute(User.request_anonymity, PERMISSIVE_SETTINGS, (), accepts_losing_rights=True)


def reactivated(scenario: Scenario) -> None:
    scenario.execute(User.reactivate)


def deactivated(from_date: str, to_date: str | None = None) -> Step:
    first, last = date.fromisoformat(from_date), date.fromisoformat(to_date) if to_date else None
    return lambda scenario: scenario.execute(User.deactivate, from_date=first, to_date=last)


def deleted(*, retention_days: int = 0) -> Step:
    return lambda scenario: scenario.execute(User.delete, retention_days=retention_days)


def now(text: str) -> Step:
    """Set the clock to an instant written with its offset."""
    return lambda scenario: setattr(scenario, "now", moment(text))


def today(text: str) -> Step:
    """Set the clock to noon of a day in Copenhagen, or to one o'clock in summer."""
    return now(f"{text}T11:00:00+00:00")
