"""The people, occasions and past facts that tests of the domain begin from."""

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
OPEN_HANDED = Settings(
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
ENTITLING = Settings(
    rights=(Right("r1", "Læse", "Skat"), Right("r2", "Skrive", "Skat")),
    allow_sealing=True,
    certificate_profiles=("p1", "p2"),
)


def moment(text: str) -> datetime:
    """An instant written with its offset, so that no rule about time zones is needed to read it."""
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


def details(**said: Any) -> Details:  # noqa: ANN401 - any field of Details
    """Anne Hansen, known by birth date only unless a CPR number is said."""
    known = {
        "first_name": "Anne",
        "surname": "Hansen",
        "email": "anne@firma.test",
        "date_of_birth": BORN,
        "target_ial": Ial.SUBSTANTIAL,
    }
    return Details(**known | said)


def proved(**said: Any) -> ProvedIdentity:  # noqa: ANN401 - any field of ProvedIdentity
    """What a broker says of Anne Hansen, at the higher level."""
    return ProvedIdentity(**{"broker": "mitid", "date_of_birth": BORN, "cpr": CPR, "ial": Ial.HIGH} | said)


def log_read() -> LogRead:
    """An administrator has looked for Anne's creation, by words too."""
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


def reported(user_id: UUID = USER, *, version: int = 1, at: datetime = NOON, **said: str) -> ActivityReported:
    """Anne has logged in at a public service, unless something else is said."""
    told = {"transaction": "Log ind", "service_provider": "Prøveborger", "service_type": "public"}
    return ActivityReported(
        originator_id=activity_stream_id(user_id),
        originator_version=version,
        reporter="nemlogin",
        occurred_at=at,
        **told | said,
        **context(at).stamp(),
    )


@dataclass
class Stage:
    """One aggregate at a frozen time, and what came of the last command."""

    now: datetime = NOON
    actor: UUID = ADMINISTRATOR
    door: Door = Door.EMBEDDED
    aggregate: Any = None
    refusal: Refusal | None = None
    already: int = field(default=0)

    def do(self, command: Callable[..., Any], *said: object, **named: object) -> Any:  # noqa: ANN401
        """Carry out a command on the aggregate; a classmethod puts a new one on stage."""
        occasion = context(self.now, actor=self.actor, door=self.door)
        try:
            if ismethod(command):
                self.aggregate = command(occasion, *said, **named)
                return self.aggregate
            return command(self.aggregate, occasion, *said, **named)
        except Refusal as refusal:
            self.refusal = refusal
            return None


Step = Callable[[Stage], object]


def somebody(*steps: Step) -> User:
    """A user to whom this has happened, beside the one on stage."""
    stage = Stage()
    for step in steps:
        step(stage)
        assert stage.refusal is None, stage.refusal
    user: User = stage.aggregate
    return user


def a_user(user_id: UUID = USER, **said: Any) -> Step:  # noqa: ANN401 - any field of Details
    return lambda stage: stage.do(User.create, user_id, details(**said), OPEN_HANDED)


def an_imported_user(**said: Any) -> Step:  # noqa: ANN401 - any field of Details
    return lambda stage: stage.do(User.import_, USER, details(**said), OPEN_HANDED)


def an_organisation(settings: Settings) -> Step:
    return lambda stage: stage.do(Organisation.register, cvr="90000001", name="Firma", settings=settings)


def with_role(user: User, role: Role) -> Step:
    return lambda stage: stage.do(Organisation.give_role, user, role)


def sent(stage: Stage) -> None:
    stage.do(User.send_to_activation, OPEN_HANDED)


def resent(stage: Stage) -> None:
    stage.do(User.resend_activation_mail)


def given_a_new_code(stage: Stage) -> None:
    stage.do(User.issue_code)


def confirmed(stage: Stage) -> None:
    """He has opened the activation link and proved who he is."""
    stage.do(User.confirm_identity, LinkPurpose.ACTIVATION, stage.aggregate.link.generation, proved())


def code_entered(*, matches: bool) -> Step:
    return lambda stage: stage.do(User.enter_code, stage.aggregate.link.generation, matches=matches)


def link_expired(stage: Stage) -> None:
    """The schedule has come by on the day after the link's last."""
    stage.now = stage.aggregate.link.expires_at
    stage.do(User.expire_link, stage.aggregate.link.generation)


def edited(**edits: Any) -> Step:  # noqa: ANN401 - any field of Edits
    return lambda stage: stage.do(User.edit, Edits(**edits), OPEN_HANDED)


def activated(stage: Stage) -> None:
    stage.do(User.activate)


def given_means(*means: Means) -> Step:
    return lambda stage: stage.do(User.assign_means, means, OPEN_HANDED, SHARED)


def ordered(means: Means, mitid: UUID = MITID) -> Step:
    return lambda stage: stage.do(User.order_means, means, mitid, OPEN_HANDED)


def took(*means: Means) -> Step:
    return lambda stage: stage.do(User.take_means, means, consent=True, new_id=lambda: MITID)


def granted(*rights: str) -> Step:
    return lambda stage: stage.do(User.grant_rights, rights, ENTITLING)


def sealing_with(*profiles: str) -> Step:
    return lambda stage: stage.do(User.assign_sealing_profiles, profiles, ENTITLING)


def signing(stage: Stage) -> None:
    stage.do(User.allow_signing)


def asking_for_anonymity(stage: Stage) -> None:
    stage.do(User.request_anonymity, OPEN_HANDED, (), accepts_losing_rights=True)


def reactivated(stage: Stage) -> None:
    stage.do(User.reactivate)


def deactivated(from_date: str, to_date: str | None = None) -> Step:
    first, last = date.fromisoformat(from_date), date.fromisoformat(to_date) if to_date else None
    return lambda stage: stage.do(User.deactivate, from_date=first, to_date=last)


def deleted(*, retention_days: int = 0) -> Step:
    return lambda stage: stage.do(User.delete, retention_days=retention_days)


def now(text: str) -> Step:
    """Time goes on to an instant written with its offset."""
    return lambda stage: setattr(stage, "now", moment(text))


def today(text: str) -> Step:
    """Time goes on to noon of a day in Copenhagen, or to one o'clock in summer."""
    return now(f"{text}T11:00:00+00:00")
