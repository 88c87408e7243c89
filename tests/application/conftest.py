"""Towns of the test's own in one store in memory, at a frozen time."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from brugerbog.service import Service
from tests.clock import NOON, ONE_SECOND, FrozenClock
from tests.given import P_NUMBER
from tests.org_driver import Town, found, open_service

Found = Callable[..., Town]


@pytest.fixture(scope="session")
def standing_clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def frozen_service(standing_clock: FrozenClock) -> Iterator[Service]:
    """One for all: organisations never see one another."""
    with open_service(clock=standing_clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def found_town(frozen_service: Service, standing_clock: FrozenClock) -> Found:
    """Founds one more town, at noon."""
    numbers = count(90000001)

    def found_one(**settings: Any) -> Town:  # noqa: ANN401 - any setting
        standing_clock.set_to(NOON)
        return found(frozen_service, standing_clock, cvr=str(next(numbers)), **settings)

    return found_one


@pytest.fixture
def town(found_town: Found) -> Town:
    return found_town()


@pytest.fixture
def neighbours(found_town: Found) -> Town:
    """Another organisation of the same installation."""
    return found_town()


@pytest.fixture(params=["now", "then"])
def asked(request: pytest.FixtureRequest, town: Town) -> dict[str, Any]:
    """The same question of the read tables, and of the log as of the day after."""
    return {"at": town.clock.now() + 3600 * ONE_SECOND} if request.param == "then" else {}


def settle(town: Town) -> Town:
    """Give a town people of equal names and of different ones, in every state."""
    everybody = town.create_many(4, first_name="Bo")
    for number, name in enumerate(["Åse", "Ib", "Ærlig", "Aage", "Øjvind", "Zoe", "Ib", "ib", "Anna"]):
        town.clock.advance(ONE_SECOND * (number % 2))
        placed = P_NUMBER if number % 2 else None
        everybody.append(town.create(name, email=f"{number}@by.test", p_number=placed))
    for number, user_id in enumerate(everybody):
        if number % 3:
            town.administration.activate_user(town.actor, user_id)
        if number % 3 == 2:
            town.deactivate(user_id)
    return town


@pytest.fixture(scope="session")
def once_settled(found_town: Found) -> tuple[Town, datetime]:
    """A settled town, and when it was."""
    town = settle(found_town())
    return town, town.clock.now()


@pytest.fixture
def seen_town(once_settled: tuple[Town, datetime]) -> Town:
    """A settled town that tests only look at, as it was settled: other towns have turned the clock since."""
    town, then = once_settled
    town.clock.set_to(then)
    return town


@pytest.fixture
def settled_town(town: Town) -> Town:
    """A settled town of the test's own."""
    return settle(town)
