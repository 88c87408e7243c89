"""A SCIM client of one organisation over HTTP, with a key of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.testclient import TestClient

from brugerbog.application.client_authentication import public_id_of
from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.scim.resources import EXTENSION_SCHEMA
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.web.settings import WebSettings
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import Response

    from brugerbog.application.queries.user_list import UserView

BASE_URL = "http://127.0.0.1:8000"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SCIM_JSON = "application/scim+json"

_names = count()


def web_application(org: OrgDriver) -> FastAPI:
    return application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([]))


def create_client_key(org: OrgDriver, *roles: Role) -> str:
    """Create a client with these roles and return its key."""
    answer = org.administration.create_client(org.actor, f"Katalog {next(_names)}", roles)
    assert answer.secret is not None
    assert answer.subject is not None
    cvr = org.queries.organisation(org.actor).cvr
    return f"{public_id_of(cvr, answer.subject)}.{answer.secret.reveal()}"


@dataclass(frozen=True)
class ScimClient:
    """A SCIM client of an organisation."""

    org: OrgDriver
    http: TestClient

    @classmethod
    def of(cls, org: OrgDriver, app: FastAPI, *roles: Role) -> ScimClient:
        headers = {"authorization": f"Bearer {create_client_key(org, *roles or (Role.USER_ADMINISTRATOR,))}"}
        return cls(org, TestClient(app, base_url=BASE_URL, headers=headers, raise_server_exceptions=False))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:  # noqa: ANN401
        content = None if body is None else json.dumps(body)
        typed = {"content-type": SCIM_JSON} if body is not None else {}
        return self.http.request(method, f"/scim/v2{path}", content=content, headers=typed | headers)

    def create(self, serial: int = 0, **attributes: Any) -> dict[str, Any]:  # noqa: ANN401
        created = self.send("POST", "/Users", user_resource(serial, **attributes))
        assert created.status_code == 201, created.text
        document: dict[str, Any] = created.json()
        return document

    def patch(self, user_id: UUID | str, *operations: dict[str, Any], **headers: str) -> Response:
        return self.send(
            "PATCH", f"/Users/{user_id}", {"schemas": [PATCH_OP], "Operations": operations}, **headers
        )

    def read(self, user_id: UUID | str) -> dict[str, Any]:
        answer = self.send("GET", f"/Users/{user_id}")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def user(self, user_id: UUID | str) -> UserView:
        """Return the user as the service has them."""
        return self.org.show(UUID(str(user_id)))

    def version(self, user_id: UUID | str) -> int:
        """Return the user's version."""
        return self.org.service.log.last_versions([UUID(str(user_id))])[UUID(str(user_id))]

    def found(self, wanted: str, **params: Any) -> list[str]:  # noqa: ANN401
        """Return the user names of the users that match a filter."""
        answer = self.http.get("/scim/v2/Users", params={"filter": wanted} | params)
        assert answer.status_code == 200, answer.text
        return [one["userName"] for one in answer.json()["Resources"]]


def user_resource(serial: int = 0, **attributes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a resource of Anna Holm with a CPR number, changed by the arguments; `ours` is the extension."""
    ours = {"cpr": made_up_cpr(BORN, serial)} | attributes.pop("ours", {})
    known = {
        "schemas": [CORE, EXTENSION_SCHEMA],
        "userName": "anna@katalog.test",
        "externalId": "e-1",
        "name": {"givenName": "Anna", "familyName": "Holm"},
        "emails": [{"type": "work", "value": "anna@by.test", "primary": True}],
        EXTENSION_SCHEMA: {name: one for name, one in ours.items() if one is not None},
    }
    return {name: one for name, one in (known | attributes).items() if one is not None}
