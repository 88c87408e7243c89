"""The peculiarities of Entra ID, each as a request that it sends."""

from __future__ import annotations

from uuid import uuid4

import pytest

from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.scim.resources import EXTENSION_SCHEMA
from tests.entrypoints.scim.scim_client import PATCH_OP, ScimClient, user_resource
from tests.given import P_NUMBER

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def test_the_connection_test_queries_a_nonexistent_user(scim: ScimClient) -> None:
    answer = scim.http.get("/scim/v2/Users", params={"filter": f'userName eq "{uuid4()}"'})
    assert (answer.status_code, answer.json()["totalResults"]) == (200, 0)
    assert answer.headers["content-type"].startswith("application/scim+json")


def test_the_default_mapping_creates_a_user_and_unknown_attributes_are_ignored(
    scim: ScimClient,
) -> None:
    created = scim.create(
        active=True,
        displayName="Anna Holm",
        title="Konsulent",
        preferredLanguage="da-DK",
        addresses=[{"type": "work", "locality": "Aarhus", "country": "DK"}],
        **{ENTERPRISE: {"department": "Teknik", "employeeNumber": "17"}},
    )
    assert (created["userName"], created["externalId"], created["active"]) == (
        "anna@katalog.test",
        "e-1",
        True,
    )
    assert scim.found('userName eq "ANNA@katalog.test"') == ["anna@katalog.test"]
    assert scim.found('externalId eq "e-1"') == ["anna@katalog.test"]


@pytest.mark.parametrize("content_type", ["application/scim+json", "application/json; charset=utf-8"])
def test_a_blocked_user_is_deactivated_and_an_unblocked_one_reactivated(
    scim: ScimClient, content_type: str
) -> None:
    user_id = scim.org.create_active("Anna", user_name="anna@katalog.test")
    for value, status in (
        ("False", Status.DEACTIVATED),
        ("True", Status.ACTIVE),
        (False, Status.DEACTIVATED),
    ):
        operation = {"op": "Replace", "path": "active", "value": value}
        assert scim.patch(user_id, operation, **{"content-type": content_type}).status_code == 204
        assert scim.user(user_id).status is status
        assert scim.read(user_id)["active"] is (status is Status.ACTIVE)


def test_a_value_without_a_path_names_its_attributes_itself(scim: ScimClient) -> None:
    user_id = scim.create()["id"]
    value = {
        "name.givenName": "Åse",
        "externalId": "e-2",
        f"{EXTENSION_SCHEMA}:pNumber": P_NUMBER,
        "active": "True",
    }
    answer = scim.patch(user_id, {"op": "replace", "value": value})
    assert answer.status_code == 204, answer.text
    user = scim.user(user_id)
    assert (user.first_name, user.surname, user.external_id, user.p_number) == (
        "Åse",
        "Holm",
        "e-2",
        P_NUMBER,
    )


def test_a_phone_number_is_added_where_there_is_none_and_then_replaced_and_removed(
    scim: ScimClient,
) -> None:
    user_id = scim.create()["id"]

    def phone_after(op: str, kind: str = "mobile", **value: str) -> str | None:
        path = f'phoneNumbers[type eq "{kind}"].value'
        answer = scim.patch(user_id, {"op": op, "path": path, **value})
        assert answer.status_code == 204, answer.text
        return scim.user(user_id).phone

    assert phone_after("Add", value="11111111") == "11111111"
    assert phone_after("Replace", value="+45 22222222") == "22222222"
    assert phone_after("Add", kind="work", value="33333333") == "33333333"
    assert phone_after("Add", kind="fax", value="44444444") == "33333333"
    assert phone_after("Remove") is None


def test_the_work_address_is_replaced_in_its_place(scim: ScimClient) -> None:
    user_id = scim.create()["id"]
    path = 'emails[type eq "work"].value'
    assert scim.patch(user_id, {"op": "Replace", "path": path, "value": "ny@by.test"}).status_code == 204
    assert scim.read(user_id)["emails"] == [{"type": "work", "value": "ny@by.test"}]
    assert scim.found('emails[type eq "work"].value eq "ny@by.test"') == ["anna@katalog.test"]


def test_an_added_value_replaces_the_only_one(scim: ScimClient) -> None:
    user_id = scim.create(phoneNumbers=[{"type": "mobile", "value": "11111111"}])["id"]
    for path, kind, value in (("emails", "work", "ny@by.test"), ("phoneNumbers", "mobile", "22222222")):
        operation = {"op": "Add", "path": path, "value": [{"type": kind, "value": value, "primary": True}]}
        assert scim.patch(user_id, operation).status_code == 204
    user = scim.user(user_id)
    assert (user.email, user.phone) == ("ny@by.test", "22222222")


@pytest.mark.parametrize(
    "path", ["title", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"]
)
def test_an_attribute_that_we_don_t_have_is_passed_over(scim: ScimClient, path: str) -> None:
    user_id = scim.create()["id"]
    before = scim.version(user_id)
    for operation in ({"path": path, "value": "x"}, {"value": {path: "x"}}):
        assert scim.patch(user_id, {"op": "Replace", **operation}).status_code == 204
    assert scim.version(user_id) == before


def test_an_attribute_of_our_own_schema_that_is_written_wrongly_is_refused(scim: ScimClient) -> None:
    user_id, path = scim.create()["id"], f"{EXTENSION_SCHEMA}:pNummer"
    for operation in ({"path": path, "value": P_NUMBER}, {"value": {path: P_NUMBER}}):
        answer = scim.patch(user_id, {"op": "Replace", **operation})
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


def test_an_optional_value_can_be_removed(scim: ScimClient) -> None:
    user_id = scim.create(ours={"referenceText": "Hold 4"})["id"]
    for path in ("externalId", f"{EXTENSION_SCHEMA}:referenceText"):
        assert scim.patch(user_id, {"op": "Remove", "path": path}).status_code == 204
    user = scim.user(user_id)
    assert (user.external_id, user.reference_text) == (None, None)


def test_an_existing_user_is_found_by_address_and_linked(scim: ScimClient) -> None:
    user_id = scim.org.create("Bo", email="bo@by.test")
    assert scim.found('userName eq "bo@by.test"') == ["bo@by.test"]

    operations = [
        {"op": "Add", "path": "externalId", "value": "e-9"},
        {"op": "Replace", "path": "userName", "value": "bo@katalog.test"},
    ]
    assert scim.patch(user_id, *operations).status_code == 204
    assert scim.found('userName eq "bo@by.test"') == []
    assert scim.found('externalId eq "e-9"') == ["bo@katalog.test"]


def test_the_same_once_more_records_nothing(scim: ScimClient) -> None:
    user_id = scim.create()["id"]
    before = scim.version(user_id)
    operations = [
        {"op": "Replace", "path": "active", "value": "True"},
        {"op": "Add", "path": "externalId", "value": "e-1"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "anna@by.test"},
    ]
    assert scim.patch(user_id, *operations).status_code == 204
    assert scim.version(user_id) == before


def test_a_user_removed_from_the_directory_is_deleted_and_then_unknown(scim: ScimClient) -> None:
    user_id = scim.create()["id"]
    assert scim.send("DELETE", f"/Users/{user_id}").status_code == 204
    for method, body in (
        ("GET", None),
        ("DELETE", None),
        ("PUT", user_resource()),
        ("PATCH", {"schemas": [PATCH_OP]}),
    ):
        assert scim.send(method, f"/Users/{user_id}", body).status_code in (400, 404)
    assert scim.send("GET", f"/Users/{user_id}").status_code == 404
