"""The API of one town in a store in memory, as systems in different roles see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.web.settings import WebSettings
from tests.clock import FrozenClock
from tests.entrypoints.api.api_client import System, connect
from tests.entrypoints.web.browser import BASE_URL
from tests.journeys.town import Town, open_town

Connects = Callable[..., System]


@pytest.fixture
def town() -> Iterator[Town]:
    with open_town(clock=FrozenClock(), catches_up=False) as town:
        yield town


@pytest.fixture
def app(town: Town) -> FastAPI:
    return application(town.service, WebSettings(base_url=BASE_URL), DemoLogin([]))


@pytest.fixture
def connects(app: FastAPI, town: Town) -> Connects:
    """Systems in these roles."""
    return lambda *roles: connect(app, town, *roles)


@pytest.fixture
def system(connects: Connects) -> System:
    """A system that administers users."""
    return connects(Role.USER_ADMINISTRATOR)
