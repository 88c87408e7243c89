"""Repeated failures are slowed; correct credentials are accepted whatever others tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from brugerbog.application.rate_limits import (
    EXPORTS_OF_ACTOR,
    FAILURES_OF_ADDRESS,
    FAILURES_OF_CLIENT,
    FAILURES_OF_CLIENT_AT_ADDRESS,
    FILES_OF_ACTOR,
    MAILS_TO_USER,
)
from brugerbog.domain.kernel.roles import Role
from tests.entrypoints.api.api_client import API, ApiClient, credentials
from tests.entrypoints.api.conftest import ConnectAs
from tests.entrypoints.web.browser import BASE_URL
from tests.org_driver import OrgDriver


def at(app: FastAPI, address: str) -> TestClient:
    """A client at an IP address."""
    return TestClient(app, base_url=BASE_URL, client=(address, 50000))


def wrong(caller: TestClient, public_id: str) -> int:
    return tried(caller, public_id, "forkert").status_code


def tried(caller: TestClient, public_id: str, secret: str) -> Response:
    form = {"grant_type": "client_credentials", "client_id": public_id, "client_secret": secret}
    return caller.post(f"{API}/token", data=form)


def test_wrong_secrets_are_slowed_and_the_right_one_is_still_taken(app: FastAPI, org: OrgDriver) -> None:
    _, public_id, secret = credentials(org, Role.READER)
    thief, owner = at(app, "203.0.113.7"), at(app, "198.51.100.1")

    results = [wrong(thief, public_id) for _ in range(FAILURES_OF_CLIENT_AT_ADDRESS.most + 4)]

    assert results == [401] * FAILURES_OF_CLIENT_AT_ADDRESS.most + [429] * 4
    slowed = tried(thief, public_id, "forkert")
    assert slowed.json()["error"] == "too_many_tries"
    assert 1 <= int(slowed.headers["retry-after"]) <= 120
    assert [tried(one, public_id, secret).status_code for one in (owner, thief)] == [200, 200]
    org.clock.advance(timedelta(seconds=int(slowed.headers["retry-after"])))
    assert wrong(thief, public_id) == 401


def test_wrong_secrets_from_many_addresses_are_slowed_too(app: FastAPI, org: OrgDriver) -> None:
    _, public_id, secret = credentials(org, Role.READER)
    results = [wrong(at(app, f"203.0.113.{one}"), public_id) for one in range(FAILURES_OF_CLIENT.most + 1)]
    assert results == [401] * FAILURES_OF_CLIENT.most + [429]
    assert tried(at(app, "203.0.113.250"), public_id, secret).status_code == 200


@pytest.mark.parametrize(
    ("addresses", "is_one"),
    [
        (["2001:db8:1:2::1", "2001:db8:1:2:ffff::2"], True),
        (["2001:db8:1:2::1", "2001:db8:1:3::1"], False),
        (["203.0.113.7", "203.0.113.8"], False),
        (["203.0.113.7", "::ffff:203.0.113.7"], True),
    ],
)
def test_an_ipv6_network_counts_as_one_caller(app: FastAPI, addresses: list[str], *, is_one: bool) -> None:
    first, second = (at(app, address) for address in addresses)
    for _ in range(FAILURES_OF_CLIENT_AT_ADDRESS.most):
        wrong(first, "90000001.x")
    assert wrong(second, "90000001.x") == (429 if is_one else 401)


def test_made_up_tokens_are_slowed_by_address_and_good_ones_go_on(api: ApiClient) -> None:
    forged = replace(api, token="opfundet")
    results = [forged.get("/users").status_code for _ in range(FAILURES_OF_ADDRESS.most + 1)]
    assert results == [401] * FAILURES_OF_ADDRESS.most + [429]
    refused = forged.get("/users")
    assert (refused.json()["code"], int(refused.headers["retry-after"]) >= 1) == ("too_many_tries", True)
    assert api.get("/users").status_code == 200


def test_a_request_without_credentials_always_gets_the_scheme(app: FastAPI) -> None:
    caller = at(app, "203.0.113.7")
    often = FAILURES_OF_ADDRESS.most + 1
    assert {caller.get(f"{API}/users").status_code for _ in range(often)} == {401}


def test_a_thousand_successes_lock_no_client_out(app: FastAPI, org: OrgDriver) -> None:
    _, public_id, secret = credentials(org, Role.READER)
    caller = at(app, "203.0.113.7")
    often = FAILURES_OF_ADDRESS.most + 1
    assert {tried(caller, public_id, secret).status_code for _ in range(often)} == {200}


@pytest.mark.parametrize("command", ["resend-activation-mail", "issue-code"])
def test_mails_are_not_sent_again_without_end(api: ApiClient, org: OrgDriver, command: str) -> None:
    ida, bo = org.create("Ida"), org.create("Bo")
    results = [api.post(f"/users/{ida}/{command}") for _ in range(40)]
    assert [one.status_code for one in results] == [200] * MAILS_TO_USER.most + [429] * (
        40 - MAILS_TO_USER.most
    )
    assert int(results[-1].headers["retry-after"]) > 60
    assert api.post(f"/users/{bo}/{command}").status_code == 200


def test_a_repeat_is_no_further_mail(api: ApiClient, org: OrgDriver) -> None:
    ida, key = org.create("Ida"), {"idempotency-key": str(uuid4())}
    results = {
        api.post(f"/users/{ida}/resend-activation-mail", headers=key).status_code
        for _ in range(MAILS_TO_USER.most + 2)
    }
    assert results == {200}


def test_files_and_exports_are_few_a_minute(connect_as: ConnectAs) -> None:
    api = connect_as(Role.USER_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR)
    files = [api.post("/imports", content=b"Aktion") for _ in range(FILES_OF_ACTOR.most + 1)]
    exports = [api.get("/log/export") for _ in range(EXPORTS_OF_ACTOR.most + 1)]
    for answers in (files, exports):
        assert [one.status_code == 429 for one in answers] == [False] * (len(answers) - 1) + [True]
        assert int(answers[-1].headers["retry-after"]) >= 1
