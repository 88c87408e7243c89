"""A system that speaks to the API with credentials of its own."""

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
    from tests.journeys.town import Town

API = "/api/v1"


@dataclass(frozen=True)
class System:
    """Sends requests with its token, unless it is said to send others."""

    client: TestClient
    id: UUID
    token: str

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **said: Any) -> Response:  # noqa: ANN401
        return self.client.request(method, API + path, headers=self.shown | (headers or {}), **said)

    def get(self, path: str, **said: Any) -> Response:  # noqa: ANN401 - whatever the client takes
        return self.ask("GET", path, **said)

    def post(self, path: str, **said: Any) -> Response:  # noqa: ANN401 - as above
        return self.ask("POST", path, **said)

    def patch(self, path: str, **said: Any) -> Response:  # noqa: ANN401 - as above
        return self.ask("PATCH", path, **said)

    @property
    def shown(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


def credentials(town: Town, *roles: Role, name: str = "Løn og HR") -> tuple[UUID, str, str]:
    """A new client of the town: its id, and what it shows for a token."""
    answer = town.administration.create_client(town.actor, name, roles)
    assert answer.subject is not None
    assert answer.secret is not None
    cvr = town.queries.organisation(town.actor).cvr
    return answer.subject, public_id_of(cvr, answer.subject), answer.secret.reveal()


def connect(app: Starlette, town: Town, *roles: Role) -> System:
    """A system with these roles, as it has just been given a token."""
    client = TestClient(app, base_url=BASE_URL, raise_server_exceptions=False)
    client_id, *shown = credentials(town, *roles)
    return System(client, client_id, token_for(client, *shown))


def token_for(client: Client, public_id: str, secret: str) -> str:
    """A token for what a system shows."""
    form = {"grant_type": "client_credentials", "client_id": public_id, "client_secret": secret}
    token: str = client.post(f"{API}/token", data=form).json()["access_token"]
    return token
