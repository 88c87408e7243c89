"""One analysis of the routes' signatures for all tests of web pages and APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import count
from typing import Any

import pytest
from fastapi import routing

from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.web.settings import WebSettings
from tests.clock import FrozenClock
from tests.entrypoints.web.browser import BASE_URL, Browser, LogInAs
from tests.org_driver import OrgDriver, open_org
from tests.people import made_up_cpr


@pytest.fixture(scope="session", autouse=True)
def cached_signatures() -> Iterator[None]:
    """Let FastAPI analyse each endpoint once a process, not once an application.

    Nearly every test makes an application of its own, all of the same endpoints.
    """
    read = routing._build_dependant_with_parameterless_dependencies

    @lru_cache(maxsize=512)
    def cached(path: str, call: Callable[..., Any], dependencies: tuple[Any, ...]) -> Any:  # noqa: ANN401
        return read(path=path, call=call, dependencies=dependencies)

    def read_once(*, path: str, call: Callable[..., Any], dependencies: Sequence[Any]) -> Any:  # noqa: ANN401
        return cached(path, call, tuple(dependencies))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routing, "_build_dependant_with_parameterless_dependencies", read_once)
        yield


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    with open_org(clock=FrozenClock(), catches_up=False) as org:
        yield org


@pytest.fixture
def log_in_as(org: OrgDriver) -> LogInAs:
    """The pages as they are seen by an active user who holds these roles, Ida unless named otherwise."""
    settings = WebSettings(base_url=BASE_URL)
    app = application(org.service, settings, DemoLogin([]))

    serials = count()

    def see(*roles: Role, first_name: str = "Ida") -> Browser:
        # By CPR number, as a temporary code takes longer to seal than all the rest.
        cpr = made_up_cpr(date(1970, 3, 4), next(serials))
        user_id = org.create_active(first_name, "Administrator", email="administrator@by.test", cpr=cpr)
        for role in roles:
            org.administration.give_role(org.actor, user_id, role)
        return Browser(app).log_in(user_id, org.id)

    return see


@pytest.fixture
def browser(log_in_as: LogInAs) -> Browser:
    """A user administrator's."""
    return log_in_as(Role.USER_ADMINISTRATOR)
