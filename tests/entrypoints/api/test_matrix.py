"""Promise 9 through the API: every command and query by every role, in its own and another organisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from brugerbog.application.commands.authorization import PERMISSIONS, sufficient_roles
from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.clients import CLIENT_ROLES
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.web.settings import WebSettings
from tests.application.catalogue import EVERYTHING
from tests.clock import FrozenClock
from tests.entrypoints.api.api_client import ApiClient, connect
from tests.entrypoints.api.endpoints import (
    ENDPOINTS,
    ONLY_BY_SCIM,
    ONLY_FOR_USERS,
    ONLY_ON_THE_COMMAND_LINE,
    USER_ENDPOINTS,
)
from tests.entrypoints.web.browser import BASE_URL
from tests.org_driver import OrgDriver, open_org, register_org
from tests.rate_limits import reset_rate_limits


@dataclass(frozen=True)
class Cast:
    """An organisation, its clients by role, and a client of another organisation with every role."""

    org: OrgDriver
    systems: dict[str, tuple[ApiClient, frozenset[Role]]]
    stranger: ApiClient

    def somebody(self) -> UUID:
        return self.org.create_active("Ida", email=f"{uuid4().hex}@by.test")

    @property
    def position(self) -> int:
        return self.org.service.runner.catch_up()


@pytest.fixture(scope="module")
def cast() -> Iterator[Cast]:
    with open_org(clock=FrozenClock(), catches_up=False) as org:
        app = application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([]))
        systems = {f"a {role}": (connect(app, org, role), frozenset({role})) for role in CLIENT_ROLES}
        revoked = connect(app, org, *CLIENT_ROLES)
        org.administration.revoke_client(org.actor, revoked.id)
        systems["a revoked one"] = (revoked, frozenset())
        other = register_org(org.service, org.clock, cvr="90000002")
        yield Cast(org, systems, connect(app, other, *CLIENT_ROLES))


def test_every_command_and_query_has_an_endpoint_or_a_reason() -> None:
    elsewhere = ONLY_FOR_USERS.keys() | ONLY_ON_THE_COMMAND_LINE.keys() | ONLY_BY_SCIM.keys()
    assert ENDPOINTS.keys() | elsewhere == EVERYTHING.keys()
    assert all(PERMISSIONS[EVERYTHING[name].permission] == {Role.USER} for name in ONLY_FOR_USERS)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_each_role_has_the_permissions_of_the_table(name: str, cast: Cast) -> None:
    allowed = sufficient_roles(EVERYTHING[name].permission, client=True)
    reset_rate_limits(cast.org.service)
    subject = cast.somebody()
    for who, (api, roles) in cast.systems.items():
        before = cast.position
        answer = api.request(**ENDPOINTS[name].request(subject))
        if roles & allowed:
            assert answer.status_code not in (401, 403) or name == "activate_user", who
            assert answer.status_code < 500, who
            subject = subject if cast.position == before else cast.somebody()
        else:
            assert answer.status_code == (403 if roles else 401), who
            assert answer.json()["code"] == ("not_allowed" if roles else "invalid_token"), who
            assert cast.position == before, who


@pytest.mark.parametrize("name", USER_ENDPOINTS)
def test_a_client_with_every_role_elsewhere_has_no_access(name: str, cast: Cast) -> None:
    subject = cast.somebody()
    before = cast.position
    answer = cast.stranger.request(**ENDPOINTS[name].request(subject))
    assert (answer.status_code, answer.json()["code"]) == (404, "user_unknown")
    assert cast.position == before


@pytest.mark.parametrize("name", ENDPOINTS)
def test_without_a_token_every_endpoint_refuses(name: str, cast: Cast) -> None:
    reset_rate_limits(cast.org.service)
    request = ENDPOINTS[name].request(cast.org.id)
    for authorization in ("", "Bearer ", "Bearer guessed", "Basic Z3Vlc3NlZA=="):
        answer = cast.stranger.request(**request, headers={"authorization": authorization})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
        assert answer.headers["www-authenticate"].startswith("Bearer")
