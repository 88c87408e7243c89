"""A client of the API with its own credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from brugerbog.application.client_authentication import public_id_of
from tests.entrypoints.web.browser import BASE_URL

if TYPE_CHECKING:
    from uuid import UUID

    from httpx2 import Client, Response
    from starlette.applications import Starlette

    from brugerbog.domain.kernel.roles import Role
    from tests.org_driver import OrgDriver

API = "/api/v1"


@dataclass(frozen=True)
class ApiClient:
    """A client that sends its token with each request."""

    client: TestClient
    id: UUID
    token: str

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        **options: Any,  # noqa: ANN401 - whatever the client takes
    ) -> Response:
        return self.client.request(method, API + path, headers=self.headers | (headers or {}), **options)

    def get(self, path: str, **options: Any) -> Response:  # noqa: ANN401 - whatever the client takes
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:  # noqa: ANN401 - as above
        return self.request("POST", path, **options)

    def patch(self, path: str, **options: Any) -> Response:  # noqa: ANN401 - as above
        return self.request("PATCH", path, **options)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


def credentials(org: OrgDriver, *roles: Role, name: str = "Løn og HR") -> tuple[UUID, str, str]:
    """Create a client of the organisation; return its id, public id and secret."""
    answer = org.administration.create_client(org.actor, name, roles)
    assert answer.subject is not None
    assert answer.secret is not None
    cvr = org.queries.organisation(org.actor).cvr
    return answer.subject, public_id_of(cvr, answer.subject), answer.secret.reveal()


def connect(app: Starlette, org: OrgDriver, *roles: Role) -> ApiClient:
    """Return a new client with these roles and a token."""
    client = TestClient(app, base_url=BASE_URL, raise_server_exceptions=False)
    client_id, *headers = credentials(org, *roles)
    return ApiClient(client, client_id, token_for(client, *headers))


def token_for(client: Client, public_id: str, secret: str) -> str:
    """Return a token for credentials."""
    form = {"grant_type": "client_credentials", "client_id": public_id, "client_secret": secret}
    token: str = client.post(f"{API}/token", data=form).json()["access_token"]
    return token
