"""A client generated from the OpenAPI document performs the guide's fourteen jobs."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.status import Status
from tests.application.activity_reports import activity_report, record_reports
from tests.clock import FrozenClock
from tests.e2e.served_pages import serve_pages
from tests.entrypoints.api.api_client import API, credentials
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.org_driver import BORN, OrgDriver, open_org, write_file
from tests.people import made_up_cpr

PACKAGE = "brugerbog_client"
CPR = made_up_cpr(BORN, 7)


@dataclass
class GeneratedClient:
    """An organisation, and the generated client for it."""

    org: OrgDriver
    session: Any
    package: Path

    def call(self, operation: str, **values: Any) -> Any:  # noqa: ANN401 - the client's own
        """Return the response of an operation, found by name under any tag."""
        (path,) = (self.package / "api").glob(f"*/{operation}.py")
        module = importlib.import_module(f"{PACKAGE}.api.{path.parent.name}.{operation}")
        answer = module.sync_detailed(client=self.session, **values)
        assert answer.status_code < 300, answer.content
        return answer.parsed if answer.parsed is not None else answer.content

    def body(self, model: str, **values: Any) -> Any:  # noqa: ANN401 - as above
        return getattr(importlib.import_module(f"{PACKAGE}.models"), model).from_dict(values)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GeneratedClient]:
    folder = tmp_path_factory.mktemp("client")
    with (
        open_org(clock=FrozenClock(), catches_up=False) as org,
        serve_pages(org.service, org.clock) as stage,
        pytest.MonkeyPatch.context() as patch,
    ):
        _, public_id, secret = credentials(org, Role.USER_ADMINISTRATOR)
        package = generated(stage.app.state.api.openapi(), folder)
        patch.syspath_prepend(str(folder))
        client = importlib.import_module(PACKAGE)
        at = stage.address + API
        form = {"grant_type": "client_credentials", "client_id": public_id, "client_secret": secret}
        with client.Client(base_url=at) as session:
            anybody = GeneratedClient(org, session, package)
            token = anybody.call("token", body=anybody.body("BodyToken", **form)).access_token
        with client.AuthenticatedClient(base_url=at, token=token) as session:
            yield GeneratedClient(org, session, package)
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def generated(document: dict[str, Any], folder: Path) -> Path:
    """Generate the client's package from an OpenAPI document."""
    described, package = folder / "openapi.json", folder / PACKAGE
    described.write_text(json.dumps(document))
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, described, "utf-8", overwrite=True, output_path=package
    )
    assert [one for one in generate(config=config) if one.level.name == "ERROR"] == []
    return package


def anne(client: GeneratedClient, serial: int, **values: Any) -> str:  # noqa: ANN401 - members of a new user
    known = {"first_name": "Anne", "surname": "Hansen", "email": f"anne{serial}@by.test"}
    known |= {} if "date_of_birth" in values else {"cpr": made_up_cpr(BORN, 100 + serial)}
    return str(client.call("create_user", body=client.body("NewUser", **known, **values)).subject)


def active(client: GeneratedClient, serial: int) -> UUID:
    cpr = made_up_cpr(BORN, 200 + serial)
    return client.org.create_active("Ida", email=f"ida{serial}@by.test", cpr=cpr)


def test_opret_nye_brugere(client: GeneratedClient) -> None:
    user = client.call("get_user", user_id=anne(client, 1, means=["app"], p_number=P_NUMBER))
    assert (user.first_name, user.status, user.p_number) == ("Anne", "pending", P_NUMBER)


def test_gensend_aktiveringsmail(client: GeneratedClient) -> None:
    user_id = anne(client, 2)
    assert client.call("resend_activation_mail", user_id=user_id).subject is not None


def test_dan_ny_midlertidig_aktiveringskode(client: GeneratedClient) -> None:
    user_id = anne(client, 3, date_of_birth=str(BORN))
    assert client.call("issue_code", user_id=user_id).code


def test_se_og_rediger_i_brugerinformation(client: GeneratedClient) -> None:
    user_id = anne(client, 4)
    client.call("edit_user", user_id=user_id, body=client.body("UserEdits", phone="12345678", ean=EAN))
    user = client.call("get_user", user_id=user_id)
    assert (user.phone, user.ean) == ("12345678", EAN)
    client.call("edit_user", user_id=user_id, body=client.body("UserEdits", phone=None))
    assert client.call("get_user", user_id=user_id).phone is None


def test_tildel_identifikationsmidler(client: GeneratedClient) -> None:
    user_id = active(client, 1)
    client.call("assign_means", user_id=user_id, body=client.body("MeansToAssign", means=["chip"]))
    assert client.call("get_user", user_id=user_id).means == ["chip"]


def test_se_brugerens_aktivitetshistorik(client: GeneratedClient) -> None:
    user_id = active(client, 2)
    record_reports(client.org, activity_report(user_id, transaction="Log ind"))
    assert "Log ind" in {one.transaction for one in client.call("history", user_id=user_id).activities}


def test_deaktiver_og_genaktiver_bruger(client: GeneratedClient) -> None:
    user_id = active(client, 3)
    client.call("deactivate_user", user_id=user_id, body=client.body("Period", from_date="2026-03-20"))
    assert client.call("get_user", user_id=user_id).status == "deactivated"
    client.call("reactivate_user", user_id=user_id)
    assert client.call("get_user", user_id=user_id).status == "active"


def test_slet_bruger(client: GeneratedClient) -> None:
    user_id = active(client, 4)
    client.call("delete_user", user_id=user_id)
    assert client.call("get_user", user_id=user_id).status == "deleted"


def test_tilknyt_et_p_eller_se_nummer_til_brugere(client: GeneratedClient) -> None:
    user_id = active(client, 5)
    client.call("place_user", user_id=user_id, body=client.body("Placement", se_number=SE_NUMBER))
    assert client.call("get_user", user_id=user_id).se_number == SE_NUMBER


def imported(client: GeneratedClient, folder: Path, *rows: dict[str, str]) -> Any:  # noqa: ANN401 - the client's receipt
    file = folder / "users.csv"
    write_file(file, list(rows))
    types = importlib.import_module(f"{PACKAGE}.types")
    return client.call("import_users", body=types.File(payload=BytesIO(file.read_bytes())))


def row(action: str, serial: int, **cells: str) -> dict[str, str]:
    return {"Aktion": action, "CPR": made_up_cpr(BORN, 300 + serial)} | cells


def new(serial: int) -> dict[str, str]:
    names = {"Fornavn": "Ib", "Efternavn": "Fil", "E-mail": f"ib{serial}@by.test"}
    return row("C", serial, **names, TargetIAL="3")


def test_opret_send_rediger_og_slet_flere_brugere_paa_en_gang(
    client: GeneratedClient, tmp_path: Path
) -> None:
    receipt = imported(client, tmp_path, *(new(serial) for serial in range(3)))
    assert receipt.created == 3
    waiting = client.call("list_users", imported=True).users
    ids = [str(one.id) for one in waiting]
    assert len(ids) == 3
    client.call("send_to_activation", user_id=ids[0], body=client.body("FurtherMeans", means=["app"]))
    sent = client.call("send_many_to_activation", body=client.body("UsersToSend", user_ids=ids[1:]))
    assert len(sent.sent) == 2
    edited = imported(client, tmp_path, *(row("U", serial, Telefon="87654321") for serial in range(3)))
    assert edited.updated == 3
    deleted = imported(client, tmp_path, *(row("D", serial) for serial in range(3)))
    assert deleted.deleted == 3
    assert {client.org.show(one.id).status for one in waiting} == {Status.DELETED}
