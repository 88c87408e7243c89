"""scim2-tester, which knows only the published schemas, finds no error on either engine."""

from __future__ import annotations

from datetime import date
from itertools import count
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server, filling
from starlette.testclient import TestClient

from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.scim.resources import EXTENSION_SCHEMA
from tests.entrypoints.scim.scim_client import BASE_URL, create_client_key, web_application
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.org_driver import open_org
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from scim2_models import Extension, Path, Resource

BORN = date(1961, 9, 7)
_serials = count()

SENSIBLE = {
    "active": lambda: True,
    "phone": lambda: "12345678",
    "cpr": lambda: made_up_cpr(BORN, next(_serials)),
    "dateOfBirth": BORN.isoformat,
    "anonymous": lambda: True,
    "means": lambda: "private",
    "ean": lambda: EAN,
    "pNumber": lambda: P_NUMBER,
    "seNumber": lambda: SE_NUMBER,
}
"""Values that no schema specifies: the organisation's own numbers, and details of new users."""


def sensible_value(path: Path[Any]) -> Any:  # noqa: ANN401
    binding = path.resolve()
    if binding is None:
        return as_read_before(path.model)
    attribute = binding.urn.rpartition(":")[2]
    if binding.target_model.__name__.lower().startswith("phone") and attribute.endswith("value"):
        attribute = "phone"
    return SENSIBLE[attribute]() if attribute in SENSIBLE else drawn(path)


def as_read_before(extension: type[Extension]) -> Extension:
    """Return the extension as read, with read-only attributes: a client replaces it only after reading it."""
    return extension(
        date_of_birth=BORN.isoformat(),
        anonymous=True,
        target_ial="high",
        p_number=P_NUMBER,
        reference_text="Hold 4",
        means=["private"],
        status="pending",
        can_sign=False,
    )


drawn = filling.get_random_example_value


class Registrar(SyncSCIMClient):
    """Sets the immutable attributes of every user that it creates."""

    def create(self, resource: Resource[Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        ours = resource[type(resource).get_extension_model(EXTENSION_SCHEMA)]
        ours.date_of_birth, ours.anonymous, ours.means = BORN.isoformat(), True, ["private"]
        return super().create(resource, *args, **kwargs)


def test_scim2_tester_finds_nothing_wrong(
    store_url: str, tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "get_random_example_value", sensible_value)
    with open_org(store_url, tmp_path, catches_up=False) as org:
        headers = {"authorization": f"Bearer {create_client_key(org, Role.USER_ADMINISTRATOR)}"}
        with TestClient(web_application(org), base_url=f"{BASE_URL}/scim/v2", headers=headers) as http:
            results = check_server(Registrar(http))

    assert [one for one in results if one.status is not Status.SUCCESS] == []
    assert len(results) > 50
