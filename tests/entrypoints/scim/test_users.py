"""Users by SCIM over HTTP: creation, reading, replacement, lists and refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.scim import storage
from brugerbog.entrypoints.scim.errors import REFUSAL_HEADER
from brugerbog.entrypoints.scim.resources import EXTENSION_SCHEMA
from tests.entrypoints.scim.scim_client import ScimClient, user_resource
from tests.given import EAN, P_NUMBER
from tests.org_driver import BORN
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 0)


def test_the_response_to_a_creation_is_the_whole_user_without_the_cpr_number(scim: ScimClient) -> None:
    ours = {
        "pNumber": P_NUMBER,
        "ean": EAN,
        "referenceText": "Hold 4",
        "means": ["private"],
        "anonymous": True,
    }
    phones = [{"type": "mobile", "value": "+45 12345678"}]
    answer = scim.send("POST", "/Users", user_resource(ours=ours, phoneNumbers=phones))

    document = answer.json()
    user = scim.user(document["id"])
    assert answer.status_code == 201
    assert answer.headers["location"] == document["meta"]["location"]
    assert answer.headers["location"].endswith(f"/scim/v2/Users/{user.id}")
    assert document == scim.read(user.id)
    assert document["phoneNumbers"] == [{"type": "mobile", "value": "12345678"}]
    assert document["displayName"] == "Anna Holm"
    assert document[EXTENSION_SCHEMA] == ours | {
        "dateOfBirth": BORN.isoformat(),
        "targetIal": "high",
        "status": "pending",
        "canSign": False,
    }
    assert CPR not in answer.text
    assert user.status is Status.PENDING
    assert user.cpr_masked == f"{CPR[:6]}-xxxx"


def test_the_actor_and_the_entry_point_are_in_the_log(scim: ScimClient) -> None:
    user_id = scim.user(scim.create()["id"]).id
    org = scim.org
    created = next(one for _, one in org.service.log.events_until(org.id, org.clock.now(), user_id=user_id))
    assert created.door == Door.SCIM
    assert created.actor in {one.id for one in org.queries.clients(org.actor)}


def test_rights_and_roles_are_read_only(scim: ScimClient) -> None:
    org = scim.org
    user_id = org.create_active(
        "Anna", user_name="anna@katalog.test", external_id="e-1", email="anna@by.test"
    )
    org.administration.grant_rights(org.actor, user_id, ["r1"])
    org.administration.give_role(org.actor, user_id, "rights_administrator")

    document = scim.read(user_id)
    assert document["entitlements"] == [{"value": "r1"}]
    assert document["roles"] == [{"value": "rights_administrator"}]
    resource = document | {"roles": [{"value": "organisation_administrator"}], "entitlements": []}
    assert scim.send("PUT", f"/Users/{user_id}", resource).status_code == 200
    assert scim.read(user_id) == document
    answer = scim.patch(user_id, {"op": "add", "path": "roles", "value": [{"value": "user_administrator"}]})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")


def test_a_replacement_empties_every_attribute_that_it_leaves_out(scim: ScimClient) -> None:
    created = scim.create(ours={"referenceText": "Hold 4", "means": ["app"]})
    user_id = created["id"]
    resource = created | {"externalId": None, "name": {"givenName": "Åse", "familyName": "Lund"}}
    resource[EXTENSION_SCHEMA] = {"targetIal": "substantial"}

    answer = scim.send("PUT", f"/Users/{user_id}", {name: one for name, one in resource.items() if one})

    user = scim.user(user_id)
    assert answer.status_code == 200, answer.text
    assert (user.first_name, user.surname, user.external_id) == ("Åse", "Lund", None)
    assert (user.reference_text, user.target_ial, user.means) == (None, "substantial", ["app"])
    assert user.cpr_masked is not None


def test_a_page_begins_anywhere_and_is_as_long_as_one_likes(scim: ScimClient) -> None:
    for serial in range(5):
        scim.create(serial, userName=f"u{serial}", externalId=None)

    def listed(**params: Any) -> tuple[int, int, list[str]]:  # noqa: ANN401
        document = scim.http.get("/scim/v2/Users", params=params).json()
        return (
            document["totalResults"],
            document["startIndex"],
            [one["userName"] for one in document.get("Resources", [])],
        )

    assert listed() == (5, 1, ["u0", "u1", "u2", "u3", "u4"])
    assert listed(startIndex=4, count=10) == (5, 4, ["u3", "u4"])
    assert listed(startIndex=900000, count=10) == (5, 900000, [])
    assert listed(count=0) == (5, 1, [])
    sorted_down = {"sortBy": "userName", "sortOrder": "descending", "count": 2, "startIndex": 2}
    assert listed(**sorted_down) == (5, 2, ["u3", "u2"])
    assert listed(filter='userName sw "u" and not (userName eq "u1")', count=2)[::2] == (4, ["u0", "u2"])


def test_a_filter_that_must_read_too_many_users_is_refused(
    scim: ScimClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_CANDIDATES", 2)
    for serial in range(3):
        scim.create(serial, userName=f"u{serial}", name={"givenName": f"A{serial}", "familyName": "B"})

    answer = scim.http.get("/scim/v2/Users", params={"filter": "displayName pr"})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "tooMany")
    assert scim.found('userName eq "u1"') == scim.found('name.givenName eq "A1"') == ["u1"]
    assert scim.found("active eq false") == []
    assert scim.found('externalId eq "nobody" or id eq "1" or name.familyName eq "xyz"') == []


def test_a_user_changed_meanwhile_stays_unchanged(scim: ScimClient) -> None:
    created = scim.create()
    user_id, tag = created["id"], created["meta"]["version"]
    operation = {"op": "replace", "path": "externalId", "value": "e-2"}

    assert scim.http.get(f"/scim/v2/Users/{user_id}", headers={"if-none-match": tag}).status_code == 304
    changed = scim.patch(user_id, operation, **{"if-match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (204, True)
    for answer in (
        scim.patch(user_id, operation | {"value": "e-3"}, **{"if-match": tag}),
        scim.send("DELETE", f"/Users/{user_id}", **{"if-match": tag}),
    ):
        assert answer.status_code == 412
    assert scim.user(user_id).external_id == "e-2"


def test_a_refused_deactivation_discards_the_changes_in_the_same_request(scim: ScimClient) -> None:
    user_id = scim.create()["id"]
    operations = [
        {"op": "replace", "path": "name.familyName", "value": "Lund"},
        {"op": "replace", "path": "active", "value": False},
    ]
    answer = scim.patch(user_id, *operations)
    assert (answer.status_code, answer.headers[REFUSAL_HEADER]) == (409, "never_activated")
    assert scim.user(user_id).surname == "Holm"


REFUSED: list[tuple[dict[str, Any], int, str | None, str | None]] = [
    ({"ours": {"cpr": None}}, 400, "invalidValue", "cpr_or_birth_date_missing"),
    ({"ours": {"cpr": "0101"}}, 400, "invalidValue", "cpr_invalid"),
    ({"ours": {"cpr": CPR, "dateOfBirth": "1970-01-02"}}, 400, "invalidValue", "cpr_and_birth_date_disagree"),
    ({"ours": {"dateOfBirth": "07.09.1961"}}, 400, "invalidValue", None),
    ({"ours": {"targetIal": "4"}}, 400, "invalidValue", None),
    ({"ours": {"means": ["magic"]}}, 400, "invalidValue", None),
    ({"ours": {"means": ["shared"]}}, 400, "invalidValue", "shared_means_not_named"),
    ({"ours": {"pNumber": "1999999999"}}, 400, "invalidValue", "p_number_unknown"),
    ({"ours": {"pNummer": P_NUMBER}}, 400, "invalidValue", None),
    ({"emails": [{"type": "work", "value": CPR}]}, 400, "invalidValue", "email_invalid"),
    ({"userName": "to\nlinjer", "ours": {"ean": "1"}}, 400, "invalidValue", "ean_invalid, control_character"),
    (
        {"name": {"givenName": "\u3164", "familyName": "-"}},
        400,
        "invalidValue",
        "name_missing, name_without_letter",
    ),
    ({"externalId": "a\ufffd"}, 400, "invalidValue", "unreadable_character"),
    ({"userName": "T\u200baken@katalog.test"}, 409, "uniqueness", "user_name_in_use"),
    ({"userName": None}, 400, "invalidValue", None),
    ({"active": False}, 400, "invalidValue", None),
    ({"active": CPR}, 400, "invalidValue", None),
    ({"userName": "taken@katalog.test"}, 409, "uniqueness", "user_name_in_use"),
    ({"serial": 9}, 409, "uniqueness", "cpr_in_use"),
]


@pytest.mark.parametrize(("resource", "status", "scim_type", "code"), REFUSED)
def test_all_errors_of_a_new_user_are_reported_and_no_user_is_created(
    scim: ScimClient, resource: dict[str, Any], status: int, scim_type: str | None, code: str | None
) -> None:
    scim.create(9, userName="taken@katalog.test")
    answer = scim.send("POST", "/Users", user_resource(**resource))

    document = answer.json()
    assert (answer.status_code, document["status"]) == (status, str(status)), document
    assert (document.get("scimType"), answer.headers.get(REFUSAL_HEADER)) == (scim_type, code), document
    assert document.keys() <= {"schemas", "status", "scimType", "detail"}
    assert CPR not in answer.text
    assert scim.http.get("/scim/v2/Users").json()["totalResults"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "scim_type"),
    [
        ("GET", "/Users?filter=userName eq", None, 400, "invalidFilter"),
        ("GET", f'/Users?filter={EXTENSION_SCHEMA}:cpr eq "{CPR}"', None, 400, "invalidFilter"),
        ("GET", f'/Users?filter=ukendt eq "{CPR}"', None, 400, "invalidFilter"),
        ("GET", "/Users?sortBy=ukendt", None, 400, "invalidPath"),
        ("GET", f"/Users/{CPR}", None, 404, None),
        ("GET", f"/{CPR}", None, 404, None),
        ("POST", "/Bulk", {}, 501, None),
        ("GET", "/Me", None, 501, None),
        ("PUT", "/Users", {}, 405, None),
        ("POST", "/Users", "{", 400, "invalidSyntax"),
        ("POST", "/Users", "x" * 300_000, 413, None),
    ],
)
def test_an_invalid_query_gets_a_scim_error(  # noqa: PLR0917 - the table's columns
    scim: ScimClient,
    method: str,
    path: str,
    body: object,
    status: int,
    scim_type: str | None,
) -> None:
    content = body if isinstance(body, str) or body is None else json.dumps(body)
    headers = {"content-type": "application/scim+json"}
    answer = scim.http.request(method, f"/scim/v2{path}", content=content, headers=headers)
    assert (answer.status_code, answer.json().get("scimType")) == (status, scim_type), answer.text
    assert CPR not in answer.text


def test_an_unexpected_error_is_reported_without_personal_data(
    scim: ScimClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(storage, "new_user_of", lambda resource: 1 / len(resource.cpr))
    answer = scim.send("POST", "/Users", user_resource())
    assert (answer.status_code, answer.json()["status"]) == (500, "500")
    assert "scim_failed" in caplog.text
    assert CPR not in caplog.text + answer.text


def test_reading_all_users_from_the_beginning_is_recorded_once(scim: ScimClient) -> None:
    user_id = scim.create(1)["id"]
    for path in ("?count=1", "?count=1&startIndex=2", "?count=0", '?filter=userName eq "anna@katalog.test"'):
        scim.send("GET", f"/Users{path}")
    scim.read(user_id)
    scim.send("GET", "/Users?filter=externalId pr")

    log = scim.org.service.log
    readings: list[LogRead] = list(log.events.get(log_reading_stream_id(scim.org.id)))  # type: ignore[arg-type]
    assert [(one.what, one.door) for one in readings] == [("users", "scim")] * 2
