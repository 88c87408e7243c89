"""One installation for all: each test has a town of its own in it, and a directory that speaks to that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from fastapi import FastAPI

from brugerbog.service import Service
from tests.clock import NOON, FrozenClock
from tests.entrypoints.scim.scim_client import Directory, pages
from tests.journeys.town import Town, found, open_service

Found = Callable[..., Town]


@pytest.fixture(scope="session")
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def service(clock: FrozenClock) -> Iterator[Service]:
    with open_service(clock=clock, catches_up=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def found_town(service: Service, clock: FrozenClock) -> Found:
    numbers = count(90000001)

    def found_one(**settings: Any) -> Town:  # noqa: ANN401 - any setting
        clock.set_to(NOON)
        return found(service, clock, cvr=str(next(numbers)), **settings)

    return found_one


@pytest.fixture
def town(found_town: Found) -> Town:
    return found_town()


@pytest.fixture(scope="session")
def app(found_town: Found) -> FastAPI:
    return pages(found_town())


@pytest.fixture
def directory(town: Town, app: FastAPI) -> Directory:
    """A user administrator's."""
    return Directory.of(town, app)
