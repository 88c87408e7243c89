"""Log lines of API requests hold codes and ids, and no content of the request."""

from __future__ import annotations

import pytest

from tests.entrypoints.api.api_client import ApiClient
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 7)


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/users/{id}", "/api/v1/users/{user_id}"),
        (f"/users?search={CPR}", "/api/v1/users"),
        (f"/users/{CPR}", "/api/v1"),
        (f"/{CPR}", "/api/v1"),
        (f"/problems/{CPR}", "/api/v1/problems/{code}"),
    ],
)
def test_a_request_is_logged_by_its_kind(
    api: ApiClient, org: OrgDriver, caplog: pytest.LogCaptureFixture, path: str, page: str
) -> None:
    caplog.set_level("INFO", "brugerbog")
    api.get(path.format(id=org.create("Ida")))
    assert f"page={page} " in caplog.text
    assert CPR not in caplog.text
    assert api.token not in caplog.text


def test_a_refusal_is_logged_with_the_client(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "brugerbog")
    api.get("/log")
    assert "command=read_log code=not_allowed" in caplog.text
    assert f"actor={api.id}" in caplog.text
    assert "door=api" in caplog.text
