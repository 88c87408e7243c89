"""Permissions in SCIM: every role and operation over HTTP, in the client's own and another organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from brugerbog.application.commands.authorization import sufficient_roles
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.clients import CLIENT_ROLES
from tests.entrypoints.scim.scim_client import (
    BASE_URL,
    PATCH_OP,
    ScimClient,
    create_client_key,
    user_resource,
    web_application,
)

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.entrypoints.scim.conftest import NewOrg
    from tests.org_driver import OrgDriver

RENAME = {
    "schemas": [PATCH_OP],
    "Operations": [{"op": "replace", "path": "externalId", "value": "e-2"}],
}
WHOLE = user_resource(1, userName="ny@katalog.test", active=True, ours={"targetIal": "high"})
ON_A_USER: list[tuple[str, str, Any, str, int]] = [
    ("GET", "/Users/{}", None, "see_users", 200),
    ("PUT", "/Users/{}", WHOLE, "align_user", 200),
    ("PATCH", "/Users/{}", RENAME, "align_user", 204),
    ("DELETE", "/Users/{}", None, "delete_user", 204),
]
ALL = [
    ("GET", "/Users", None, "see_users", 200),
    ("POST", "/Users/.search", {"filter": "externalId pr"}, "see_users", 200),
    ("POST", "/Users", user_resource(2, userName="to@katalog.test"), "create_user", 201),
    *ON_A_USER,
]


@pytest.mark.parametrize("role", sorted(CLIENT_ROLES))
def test_each_role_has_the_same_permissions_in_scim(org: OrgDriver, app: FastAPI, role: Role) -> None:
    scim = ScimClient.of(org, app, role)
    user_id = org.create("Anna", user_name="anna@katalog.test", external_id="e-1")
    for method, path, body, command, done in ALL:
        before = org.service.runner.catch_up()
        answer = scim.send(method, path.format(user_id), body)
        allowed = role in sufficient_roles(command, client=True)
        assert answer.status_code == (done if allowed else 403), (method, path, answer.text)
        if not allowed:
            assert org.service.runner.catch_up() == before


@pytest.mark.parametrize(("method", "path", "body"), [case[:3] for case in ON_A_USER])
def test_a_client_with_every_role_finds_no_users_of_other_organisations(
    scim: ScimClient,
    new_org: NewOrg,
    method: str,
    path: str,
    body: Any,  # noqa: ANN401
) -> None:
    elsewhere = new_org()
    user_id = elsewhere.create("Anna", user_name="anna@katalog.test", external_id="e-1")
    before = elsewhere.show(user_id)

    answer = scim.send(method, path.format(user_id), body)

    assert (answer.status_code, answer.json()["status"]) == (404, "404")
    assert elsewhere.show(user_id) == before
    assert scim.found('userName eq "anna@katalog.test" or externalId eq "e-1"') == []


def test_a_request_without_a_valid_token_gets_the_scheme(org: OrgDriver, app: FastAPI) -> None:
    key = create_client_key(org, Role.USER_ADMINISTRATOR)
    client_id = org.queries.clients(org.actor)[-1].id
    http = TestClient(app, base_url=BASE_URL)

    def status(authorization: str | None, path: str = "/Users") -> int:
        headers = {} if authorization is None else {"authorization": authorization.encode()}
        answer = http.get(f"/scim/v2{path}", headers=headers)
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"] == 'Bearer realm="SCIM"'
            assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        return answer.status_code

    assert status(f"Bearer {key}") == status(f"bearer  {key} ") == 200
    for wrong in (
        None,
        "",
        "Bearer",
        f"Basic {key}",
        f"Bearer {key}x",
        "Bearer a.b.c",
        "Bearer x",
        "Bearer é.ø.å",
    ):
        assert status(wrong) == 401, wrong
    assert status(None, "/ServiceProviderConfig") == 200
    assert status(None, "/Schemas") == 401
    org.administration.revoke_client(org.actor, client_id)
    assert status(f"Bearer {key}") == 401


def test_an_access_token_is_as_good_as_the_key_it_was_fetched_with(org: OrgDriver, app: FastAPI) -> None:
    public_id, _, secret = create_client_key(org, Role.READER).rpartition(".")
    http = TestClient(app, base_url=BASE_URL)
    form = {"grant_type": "client_credentials", "client_id": public_id, "client_secret": secret}
    token = http.post("/api/v1/token", data=form).json()["access_token"]
    assert http.get("/scim/v2/Users", headers={"authorization": f"Bearer {token}"}).status_code == 200


def test_without_the_extra_the_endpoint_is_missing(org: OrgDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brugerbog.entrypoints.server.app.find_spec", lambda _name: None)
    http = TestClient(web_application(org), base_url=BASE_URL)
    assert http.get("/scim/v2/ServiceProviderConfig").status_code == 404


def test_the_description_of_the_service_is_correct(scim: ScimClient) -> None:
    config = scim.send("GET", "/ServiceProviderConfig").json()
    supported = {
        name
        for name in ("patch", "bulk", "filter", "sort", "etag", "changePassword")
        if config[name]["supported"]
    }
    assert supported == {"patch", "filter", "sort", "etag"}
    assert config["authenticationSchemes"][0]["type"] == "oauthbearertoken"
    types = scim.send("GET", "/ResourceTypes").json()["Resources"]
    assert [(one["endpoint"], one["schemaExtensions"][0]["required"]) for one in types] == [("/Users", True)]
