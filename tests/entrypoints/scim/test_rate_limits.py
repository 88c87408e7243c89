"""Wrong keys are slowed; the right key is accepted whatever others tried."""

import json

from starlette.testclient import TestClient

from brugerbog.application.rate_limits import FAILURES_OF_ADDRESS, FAILURES_OF_CLIENT_AT_ADDRESS
from tests.entrypoints.scim.scim_client import BASE_URL, ScimClient


def test_wrong_keys_are_slowed_and_the_right_one_is_still_taken(scim: ScimClient) -> None:
    client_id, _, _secret = scim.http.headers["authorization"].rpartition(".")
    wrong = {"authorization": f"{client_id}.forkert"}

    responses = [scim.send("GET", "/Users", **wrong) for _ in range(FAILURES_OF_CLIENT_AT_ADDRESS.most + 1)]

    assert [one.status_code for one in responses] == [401] * FAILURES_OF_CLIENT_AT_ADDRESS.most + [429]
    assert json.loads(responses[-1].content)["status"] == "429"
    assert responses[-1].headers["brugerbog-refusal"] == "too_many_tries"
    assert int(responses[-1].headers["retry-after"]) >= 1
    assert scim.send("GET", "/Users").status_code == 200


def test_made_up_tokens_are_slowed_by_address(scim: ScimClient) -> None:
    elsewhere = TestClient(scim.http.app, base_url=BASE_URL, client=("192.0.2.1", 5))
    headers = {"authorization": "Bearer opfundet"}
    responses = [
        elsewhere.get("/scim/v2/Users", headers=headers) for _ in range(FAILURES_OF_ADDRESS.most + 1)
    ]
    assert [one.status_code for one in responses] == [401] * FAILURES_OF_ADDRESS.most + [429]
