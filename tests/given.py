"""The people, occasions and past facts that tests of the domain begin from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from inspect import ismethod
from typing import Any
from uuid import UUID

from brugerbog.domain.act import Act, Door, Role
from brugerbog.domain.activity import ActivityReported, activities_of
from brugerbog.domain.details import Details
from brugerbog.domain.errors import Refusal
from brugerbog.domain.means import Ial, Means
from brugerbog.domain.organisation import Organisation
from brugerbog.domain.settings import Settings
from brugerbog.domain.user import User
from tests.people import made_up_cpr

ORGANISATION = UUID("00000000-0000-7000-8000-0000000000aa")
ADMINISTRATOR = UUID("00000000-0000-7000-8000-0000000000bb")
USER = UUID("00000000-0000-7000-8000-0000000000cc")
COMMAND = UUID("00000000-0000-7000-8000-0000000000dd")
BORN = date(1961, 9, 7)
CPR = made_up_cpr(BORN, 0)
NOON = datetime(2026, 3, 20, 11, tzinfo=UTC)
EAN, P_NUMBER, SE_NUMBER = "5798009811578", "1000000001", "11223344"
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


def moment(text: str) -> datetime:
    """An instant written with its offset, so that no rule about time zones is needed to read it."""
    instant = datetime.fromisoformat(text)
    assert instant.tzinfo is not None
    return instant.astimezone(UTC)


def act(at: datetime = NOON, *, actor: UUID = ADMINISTRATOR) -> Act:
    return Act(
        organisation_id=ORGANISATION,
        actor=actor,
        role=Role.USER_ADMINISTRATOR,
        door=Door.EMBEDDED,
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


def reported(user_id: UUID = USER, *, version: int = 1, at: datetime = NOON, **said: str) -> ActivityReported:
    """Anne has logged in at a public service, unless something else is said."""
    told = {"transaction": "Log ind", "service_provider": "Prøveborger", "service_type": "public"}
    return ActivityReported(
        originator_id=activities_of(user_id),
        originator_version=version,
        reporter="nemlogin",
        occurred_at=at,
        **told | said,
        **act(at).stamp(),
    )


@dataclass
class Stage:
    """One aggregate at a frozen time, and what came of the last command."""

    now: datetime = NOON
    actor: UUID = ADMINISTRATOR
    aggregate: Any = None
    refusal: Refusal | None = None
    already: int = field(default=0)

    def do(self, command: Callable[..., Any], *said: object, **named: object) -> Any:  # noqa: ANN401
        """Carry out a command on the aggregate; a classmethod puts a new one on stage."""
        occasion = act(self.now, actor=self.actor)
        try:
            if ismethod(command):
                self.aggregate = command(occasion, *said, **named)
                return self.aggregate
            return command(self.aggregate, occasion, *said, **named)
        except Refusal as refusal:
            self.refusal = refusal
            return None


Step = Callable[[Stage], object]


def a_user(**said: Any) -> Step:  # noqa: ANN401 - any field of Details
    return lambda stage: stage.do(User.create, USER, details(**said), OPEN_HANDED)


def an_imported_user(**said: Any) -> Step:  # noqa: ANN401 - any field of Details
    return lambda stage: stage.do(User.import_, USER, details(**said), OPEN_HANDED)


def an_organisation(settings: Settings) -> Step:
    return lambda stage: stage.do(Organisation.register, cvr="90000001", name="Firma", settings=settings)


def activated(stage: Stage) -> None:
    stage.do(User.activate)


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
