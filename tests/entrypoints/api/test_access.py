"""Authentication: access tokens for client credentials, and a token with each request."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.roles import Role
from tests.entrypoints.api.api_client import API, credentials
from tests.entrypoints.api.conftest import ConnectAs
from tests.entrypoints.web.browser import BASE_URL
from tests.org_driver import OrgDriver

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=BASE_URL)


@pytest.mark.parametrize("by", ["form", "basic"])
def test_id_and_secret_give_a_token(client: TestClient, org: OrgDriver, by: str) -> None:
    _, public_id, secret = credentials(org, Role.READER)
    if by == "form":
        answer = client.post(f"{API}/token", data=GRANT | {"client_id": public_id, "client_secret": secret})
    else:
        encoded = base64.b64encode(f"{public_id}:{secret}".encode()).decode()
        answer = client.post(f"{API}/token", data=GRANT, headers={"authorization": f"Basic {encoded}"})
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    assert answer.headers["cache-control"] == "no-store"
    users = client.get(f"{API}/users", headers={"authorization": f"bearer {token['access_token']}"})
    assert users.status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        (GRANT, 401, "invalid_client"),
        (GRANT | {"client_id": "90000001.x", "client_secret": "y"}, 401, "invalid_client"),
    ],
)
def test_anything_else_gives_none(client: TestClient, form: dict[str, str], status: int, error: str) -> None:
    answer = client.post(f"{API}/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_token_is_good_for_an_hour_and_no_longer(connect_as: ConnectAs, org: OrgDriver) -> None:
    api = connect_as(Role.READER)
    org.clock.advance(timedelta(hours=1))
    assert api.get("/users").json()["code"] == "invalid_token"


def test_a_client_makes_another_and_shuts_it_out(connect_as: ConnectAs) -> None:
    chief = connect_as(Role.ORGANISATION_ADMINISTRATOR)
    created = chief.post("/clients", json={"name": "Løn", "roles": ["reader"]}).json()
    form = GRANT | {"client_id": created["client_id"], "client_secret": created["client_secret"]}
    assert chief.client.post(f"{API}/token", data=form).status_code == 200
    chief.post(f"/clients/{created['subject']}/revoke")
    assert chief.client.post(f"{API}/token", data=form).status_code == 401
    assert [one["is_revoked"] for one in chief.get("/clients").json()["clients"]] == [False, True]


def test_a_page_of_another_site_changes_nothing_through_the_api(client: TestClient) -> None:
    answer = client.post(f"{API}/users", json={}, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_a_session_of_the_pages_is_no_token(client: TestClient, org: OrgDriver) -> None:
    client.cookies.set("brugerbog", str(org.id))
    assert client.get(f"{API}/users").status_code == 401


def test_credentials_that_are_no_text_are_wrong(client: TestClient) -> None:
    headers = {"authorization": b"Basic \xe9"}
    assert client.post(f"{API}/token", data=GRANT, headers=headers).status_code == 401


def test_a_client_may_have_a_last_day(connect_as: ConnectAs, org: OrgDriver) -> None:
    chief = connect_as(Role.ORGANISATION_ADMINISTRATOR)
    today = danish_day(org.clock.now())
    body = {"name": "Løn", "roles": ["reader"], "expires_on": today.isoformat()}
    created = chief.post("/clients", json=body).json()
    assert [one["expires_on"] for one in chief.get("/clients").json()["clients"]] == [None, today.isoformat()]
    org.clock.advance(timedelta(days=1))
    form = GRANT | {"client_id": created["client_id"], "client_secret": created["client_secret"]}
    assert chief.client.post(f"{API}/token", data=form).json()["error"] == "invalid_client"
    chief = connect_as(Role.ORGANISATION_ADMINISTRATOR)
    refused = chief.post("/clients", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "client_expiry_past")
