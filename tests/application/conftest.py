"""Towns of the test's own in one store in memory, at a frozen time."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from brugerbog.service import Service
from tests.clock import NOON, ONE_SECOND, FrozenClock
from tests.given import P_NUMBER
from tests.org_driver import OrgDriver, open_service, register_org

Found = Callable[..., OrgDriver]


@pytest.fixture(scope="session")
def standing_clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def frozen_service(standing_clock: FrozenClock) -> Iterator[Service]:
    """One for all: organisations never see one another."""
    with open_service(clock=standing_clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def make_org(frozen_service: Service, standing_clock: FrozenClock) -> Found:
    """Founds one more organisation, at noon."""
    numbers = count(90000001)

    def found_one(**settings: Any) -> OrgDriver:  # noqa: ANN401 - any setting
        standing_clock.set_to(NOON)
        return register_org(frozen_service, standing_clock, cvr=str(next(numbers)), **settings)

    return found_one


@pytest.fixture
def org(make_org: Found) -> OrgDriver:
    return make_org()


@pytest.fixture
def neighbours(make_org: Found) -> OrgDriver:
    """Another organisation of the same installation."""
    return make_org()


@pytest.fixture(params=["now", "then"])
def asked(request: pytest.FixtureRequest, org: OrgDriver) -> dict[str, Any]:
    """The same question of the read tables, and of the log as of the day after."""
    return {"at": org.clock.now() + 3600 * ONE_SECOND} if request.param == "then" else {}


def settle(org: OrgDriver) -> OrgDriver:
    """Give an organisation people of equal names and of different ones, in every state."""
    everybody = org.create_many(4, first_name="Bo")
    for number, name in enumerate(["Åse", "Ib", "Ærlig", "Aage", "Øjvind", "Zoe", "Ib", "ib", "Anna"]):
        org.clock.advance(ONE_SECOND * (number % 2))
        placed = P_NUMBER if number % 2 else None
        everybody.append(org.create(name, email=f"{number}@by.test", p_number=placed))
    for number, user_id in enumerate(everybody):
        if number % 3:
            org.administration.activate_user(org.actor, user_id)
        if number % 3 == 2:
            org.deactivate(user_id)
    return org


@pytest.fixture(scope="session")
def once_settled(make_org: Found) -> tuple[OrgDriver, datetime]:
    """A settled organisation, and when it was."""
    org = settle(make_org())
    return org, org.clock.now()


@pytest.fixture
def seen_org(once_settled: tuple[OrgDriver, datetime]) -> OrgDriver:
    """A settled organisation that tests only read, at the time it was settled: later tests move the clock."""
    org, then = once_settled
    org.clock.set_to(then)
    return org


@pytest.fixture
def settled_org(org: OrgDriver) -> OrgDriver:
    """A settled organisation of the test's own."""
    return settle(org)
