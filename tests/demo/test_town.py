"""What the demo is furnished with: a past, people in every state, and nobody who exists."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.commands.user_input import NewUser
from brugerbog.application.queries.user_list import UserQuery, UserView
from brugerbog.demo import people as cast
from brugerbog.demo.town import DemoData, SetBackClock, fill_store
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.settings import MailSettings
from brugerbog.service import Service
from tests.clock import FrozenClock
from tests.org_driver import open_service
from tests.people import passes_modulus_11

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "outbox"


@pytest.fixture(scope="module")
def demo(outbox: Path) -> Iterator[tuple[Service, DemoData]]:
    mail = MailSettings(outbox, Sender("demo@by.test", "Demo"), "http://by.test")
    clock = SetBackClock(FrozenClock())
    with open_service(clock=clock, mail=mail, catches_up=False) as service:
        settings = tomllib.loads((EXAMPLES / "organisation.toml").read_text("utf-8"))
        yield service, fill_store(service, clock, settings, EXAMPLES / "brugere.csv", outbox)


def users(service: Service, cvr: str) -> list[UserView]:
    return service.queries.users(service.operator(cvr), UserQuery(limit=1000)).users


def test_there_are_people_in_every_state(demo: tuple[Service, DemoData]) -> None:
    states = Counter(user.status.value for user in users(demo[0], cast.TOWN_CVR))
    assert states == {"imported": 44, "active": 12, "pending": 8, "deactivated": 1}
    assert [user.first_name for user in users(demo[0], cast.TOWN_CVR) if user.link_has_expired] == ["Ingrid"]
    assert len(users(demo[0], cast.BAKERY_CVR)) == 3


def test_somebody_is_away_somebody_will_be_and_somebody_waits_for_an_answer(
    demo: tuple[Service, DemoData],
) -> None:
    away = {user.first_name for user in users(demo[0], cast.TOWN_CVR) if user.deactivated_to}
    asked = [one.first_name for one in demo[0].queries.notices(demo[0].operator(cast.TOWN_CVR))]
    assert (away, asked) == ({"Jens", "Mette"}, ["Sofie"])


def test_everybody_to_play_can_log_in_and_all_roles_can_be_played(demo: tuple[Service, DemoData]) -> None:
    service, furnished = demo
    held = [
        service.queries.menu(Actor(one.user_id, one.organisation_id, Door.WEB)).roles
        for one in furnished.people
    ]
    assert {role for roles in held for role in roles} == set(ASSIGNABLE_ROLES)
    assert frozenset() in held
    assert {one.organisation for one in furnished.people} == {cast.TOWN, cast.BAKERY}


def test_everybody_who_proves_an_identity_has_got_a_mail(
    demo: tuple[Service, DemoData], outbox: Path
) -> None:
    told = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in outbox.glob("*.eml")]
    got = {one["To"].addresses[0].display_name for one in told if "Aktivér dig" in one["Subject"]}
    assert got == {one.name for one in demo[1].papers} | {"Emil Toft"}


def test_nobody_in_it_exists(demo: tuple[Service, DemoData]) -> None:
    written = [value.new for value in (*cast.PLAYED_IN_TOWN, *cast.PLAYED_IN_BAKERY)]
    written += [value for value in vars(cast).values() if isinstance(value, NewUser)]
    cprs = [new.cpr for new in written if new.cpr]
    cprs += [one.written.replace("-", "") for one in demo[1].papers if "." not in one.written]
    assert len(cprs) > 15
    assert [cpr for cpr in cprs if passes_modulus_11(cpr)] == []
    assert [new.email for new in written if not new.email.endswith(".example")] == []


def test_what_happened_happened_in_the_past_in_order(demo: tuple[Service, DemoData]) -> None:
    service, _ = demo
    told = service.log.events_until(service.organisation_id(cast.TOWN_CVR), service.queries.now())
    moments = [event.timestamp for _, event in told]
    assert moments == sorted(moments)
    assert service.queries.now() - moments[0] == timedelta(days=60)


def test_nothing_is_left_to_be_recorded(demo: tuple[Service, DemoData]) -> None:
    assert demo[0].run_due() == 0
