"""HEAD is answered as GET is, without the body, on every page, at every address of the API, and in SCIM."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.api.app import PATH
from brugerbog.entrypoints.api.app import ROUTERS as API_ROOMS
from brugerbog.entrypoints.server.app import ROUTERS
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.web.settings import WebSettings
from tests.entrypoints.api.api_client import connect
from tests.entrypoints.web.browser import BASE_URL, LogInAs
from tests.org_driver import OrgDriver

OWN_EACH_TIME = {"x-request-id", "date", "retry-after"}


def paths() -> Iterator[str]:
    """An address for every route that takes GET."""
    for prefix, rooms in (("", ROUTERS), (PATH, API_ROOMS)):
        for room in rooms:
            for route in room.router.routes:
                if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
                    yield prefix + re.sub(r"\{[^}]*\}", str(uuid4()), route.path)
    yield from ("/scim/v2/Users", "/scim/v2/ServiceProviderConfig", "/static/app.css", "/nowhere")
    yield from (f"{PATH}/openapi.json", f"{PATH}/nowhere")


@pytest.fixture
def app(org: OrgDriver) -> FastAPI:
    return application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([]))


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=BASE_URL, follow_redirects=False)


def status_and_headers(
    client: TestClient, method: str, path: str, **headers: str
) -> tuple[int, dict[str, str]]:
    answer = client.request(method, path, headers=headers)
    assert method == "GET" or answer.content == b"", path
    return answer.status_code, {
        name: one for name, one in answer.headers.items() if name not in OWN_EACH_TIME
    }


def test_a_stranger_is_answered_alike_everywhere(stranger: TestClient) -> None:
    for path in paths():
        assert status_and_headers(stranger, "HEAD", path) == status_and_headers(stranger, "GET", path), path


def test_who_is_logged_in_is_answered_alike(log_in_as: LogInAs) -> None:
    client = log_in_as(Role.USER_ADMINISTRATOR).client
    for path in ("/brugere", "/min-profil", "/notifikationer", "/livez", "/readyz"):
        assert (
            status_and_headers(client, "HEAD", path)[0] == status_and_headers(client, "GET", path)[0] == 200
        ), path


def test_a_system_is_answered_alike(app: FastAPI, org: OrgDriver) -> None:
    user_id = org.create("Ida")
    api = connect(app, org, Role.USER_ADMINISTRATOR)
    for path in ("/users", f"/users/{user_id}", "/organisation", "/changes/position"):
        head, get = (
            status_and_headers(api.client, method, PATH + path, **api.headers) for method in ("HEAD", "GET")
        )
        assert (head, head[0]) == (get, 200)


def test_what_comes_piece_by_piece_ends_at_its_headers(app: FastAPI, org: OrgDriver) -> None:
    org.create("Ida")
    api = connect(app, org, Role.USER_ADMINISTRATOR)
    for path in ("/users/all", "/changes/stream"):
        assert status_and_headers(api.client, "HEAD", PATH + path, **api.headers)[0] == 200


def test_every_refused_method_is_shown_which_are_taken(stranger: TestClient) -> None:
    for path in ("/static/app.css", "/scim/v2/Users"):
        answer = stranger.options(path)
        assert (answer.status_code, "GET" in answer.headers["allow"]) == (405, True), path


def test_what_is_only_sent_is_not_asked_for(stranger: TestClient) -> None:
    for path, allowed in (("/log-af", "POST"), (f"{PATH}/token", "POST"), ("/log-ind", "GET, HEAD, POST")):
        for method in ("DELETE", "OPTIONS", *(() if "GET" in allowed else ("HEAD", "GET"))):
            headers = {"sec-fetch-site": "same-origin"}
            answer = stranger.request(method, path, headers=headers)
            assert (answer.status_code, answer.headers.get("allow")) == (405, allowed), (method, path)
