"""One installation for all tests; each test has an organisation of its own, and a SCIM client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from fastapi import FastAPI

from brugerbog.service import Service
from tests.clock import NOON, FrozenClock
from tests.entrypoints.scim.scim_client import ScimClient, web_application
from tests.org_driver import OrgDriver, open_service, register_org

NewOrg = Callable[..., OrgDriver]


@pytest.fixture(scope="session")
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def service(clock: FrozenClock) -> Iterator[Service]:
    with open_service(clock=clock, catches_up=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def new_org(service: Service, clock: FrozenClock) -> NewOrg:
    numbers = count(90000001)

    def found_one(**settings: Any) -> OrgDriver:  # noqa: ANN401 - any setting
        clock.set_to(NOON)
        return register_org(service, clock, cvr=str(next(numbers)), **settings)

    return found_one


@pytest.fixture
def org(new_org: NewOrg) -> OrgDriver:
    return new_org()


@pytest.fixture(scope="session")
def app(new_org: NewOrg) -> FastAPI:
    return web_application(new_org())


@pytest.fixture
def scim(org: OrgDriver, app: FastAPI) -> ScimClient:
    """A SCIM client in the role user administrator."""
    return ScimClient.of(org, app)
