"""The API of one organisation in a store in memory, and clients with roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.web.settings import WebSettings
from tests.clock import FrozenClock
from tests.entrypoints.api.api_client import ApiClient, connect
from tests.entrypoints.web.browser import BASE_URL
from tests.org_driver import Town, open_town

ConnectAs = Callable[..., ApiClient]


@pytest.fixture
def town() -> Iterator[Town]:
    with open_town(clock=FrozenClock(), catches_up=False) as town:
        yield town


@pytest.fixture
def app(town: Town) -> FastAPI:
    return application(town.service, WebSettings(base_url=BASE_URL), DemoLogin([]))


@pytest.fixture
def connect_as(app: FastAPI, town: Town) -> ConnectAs:
    """Return new clients in given roles."""
    return lambda *roles: connect(app, town, *roles)


@pytest.fixture
def api(connect_as: ConnectAs) -> ApiClient:
    """A client in the role user administrator."""
    return connect_as(Role.USER_ADMINISTRATOR)
