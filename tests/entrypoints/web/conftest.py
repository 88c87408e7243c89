"""The pages of one town in a store in memory, seen by people in different roles."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count

import pytest

from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.web.settings import WebSettings
from tests.clock import FrozenClock
from tests.entrypoints.web.browser import BASE_URL, Browser
from tests.entrypoints.web.crooked_broker import CrookedBroker, crooked_broker
from tests.entrypoints.web.lobby import Lobby, lobby
from tests.journeys.town import Town, open_town
from tests.people import made_up_cpr

Seen = Callable[..., Browser]


@pytest.fixture
def town() -> Iterator[Town]:
    with open_town(clock=FrozenClock(), catches_up=False) as town:
        yield town


@pytest.fixture
def as_somebody(town: Town) -> Seen:
    """The pages as they are seen by an active user who holds these roles, Ida unless named otherwise."""
    settings = WebSettings(base_url=BASE_URL)
    app = application(town.service, settings, DemoLogin([]))

    serials = count()

    def see(*roles: Role, first_name: str = "Ida") -> Browser:
        # By CPR number, as a temporary code takes longer to seal than all the rest.
        cpr = made_up_cpr(date(1970, 3, 4), next(serials))
        user_id = town.create_active(first_name, "Administrator", email="administrator@by.test", cpr=cpr)
        for role in roles:
            town.administration.give_role(town.actor, user_id, role)
        return Browser(app).log_in(user_id, town.id)

    return see


@pytest.fixture
def browser(as_somebody: Seen) -> Browser:
    """A user administrator's."""
    return as_somebody(Role.USER_ADMINISTRATOR)


@pytest.fixture
def broker() -> Iterator[CrookedBroker]:
    """A broker of the test's own."""
    with crooked_broker() as broker:
        yield broker


@pytest.fixture
def front(town: Town, broker: CrookedBroker, caplog: pytest.LogCaptureFixture) -> Lobby:
    """The pages behind that broker, with what they log."""
    caplog.set_level(logging.INFO, "brugerbog")
    return lobby(town, broker)
