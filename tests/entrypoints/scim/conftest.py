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
from tests.org_driver import Town, found, open_service

NewTown = Callable[..., Town]


@pytest.fixture(scope="session")
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def service(clock: FrozenClock) -> Iterator[Service]:
    with open_service(clock=clock, catches_up=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def new_town(service: Service, clock: FrozenClock) -> NewTown:
    numbers = count(90000001)

    def found_one(**settings: Any) -> Town:  # noqa: ANN401 - any setting
        clock.set_to(NOON)
        return found(service, clock, cvr=str(next(numbers)), **settings)

    return found_one


@pytest.fixture
def town(new_town: NewTown) -> Town:
    return new_town()


@pytest.fixture(scope="session")
def app(new_town: NewTown) -> FastAPI:
    return web_application(new_town())


@pytest.fixture
def scim(town: Town, app: FastAPI) -> ScimClient:
    """A SCIM client in the role user administrator."""
    return ScimClient.of(town, app)
