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
from tests.org_driver import OrgDriver, open_org

ConnectAs = Callable[..., ApiClient]


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    with open_org(clock=FrozenClock(), catches_up=False) as org:
        yield org


@pytest.fixture
def app(org: OrgDriver) -> FastAPI:
    return application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([]))


@pytest.fixture
def connect_as(app: FastAPI, org: OrgDriver) -> ConnectAs:
    """Return new clients in given roles."""
    return lambda *roles: connect(app, org, *roles)


@pytest.fixture
def api(connect_as: ConnectAs) -> ApiClient:
    """A client in the role user administrator."""
    return connect_as(Role.USER_ADMINISTRATOR)
