"""Users through the API: full lists, idempotent commands, and refusals that name the conflicting user."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.http.security_middleware import MAX_UPLOAD_BYTES
from brugerbog.entrypoints.http.uploads import UploadMemory
from tests.entrypoints.api.api_client import ApiClient
from tests.entrypoints.api.conftest import ConnectAs
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 7)
ANNE = {"first_name": "Anne", "surname": "Hansen", "email": "anne@by.test", "cpr": CPR}


def test_a_user_is_created_and_read_with_everything(api: ApiClient, org: OrgDriver) -> None:
    created = api.post("/users", json=ANNE | {"means": ["app", "chip"], "phone": "+45 12 34 56 78"})
    assert created.status_code == 201
    read = api.get(created.headers["location"].removeprefix("/api/v1"))
    assert read.json() | {"means": ["app", "chip"], "phone": "12345678", "status": "pending"} == read.json()
    assert CPR not in read.text
    assert created.json()["position"] == org.queries.position()


def test_a_user_known_by_date_of_birth_gets_a_code_once(api: ApiClient) -> None:
    body = ANNE | {"cpr": None, "date_of_birth": str(BORN)}
    key = {"idempotency-key": str(uuid4())}
    first, again = (api.post("/users", json=body, headers=key).json() for _ in range(2))
    assert (bool(first["code"]), first["code_already_shown"]) == (True, False)
    assert again == first | {"code": None, "code_already_shown": True}


def test_a_conflict_names_the_existing_user(api: ApiClient) -> None:
    first = api.post("/users", json=ANNE).json()["subject"]
    answer = api.post("/users", json=ANNE | {"first_name": "Anna"})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    answer_body = answer.json()
    assert (answer_body["code"], answer_body["met"]["user_id"], answer_body["met"]["first_name"]) == (
        "cpr_in_use",
        first,
        "Anne",
    )
    assert answer_body["errors"][0]["field"] == "cpr"
    assert CPR not in answer.text


def test_all_errors_are_reported_at_once_in_both_languages(api: ApiClient) -> None:
    answer = api.post("/users", json=ANNE | {"email": "anne", "p_number": "1", "first_name": ""})
    answer_body = answer.json()
    assert answer.status_code == 422
    assert {one["field"] for one in answer_body["errors"]} == {"email", "p_number", "first_name"}
    assert all(one["message"] and one["detail"] and one["code"] for one in answer_body["errors"])


@pytest.mark.parametrize(
    "body",
    [
        ANNE | {CPR: 1},
        ANNE | {"date_of_birth": CPR},
        ANNE | {"means": [CPR]},
        ANNE | {"shared_means": CPR},
        ANNE | {"anonymous": CPR},
        [CPR],
        CPR,
    ],
)
def test_an_unreadable_request_is_never_echoed(api: ApiClient, body: object) -> None:
    answer = api.post("/users", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "request_invalid"
    assert CPR not in answer.text
    assert CPR[:6] not in answer.text


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b'{"first_name": "\\ud800"}', b'{"first_name": "\\u0000"}', b""]
)
def test_a_body_that_is_not_json_is_refused_with_a_message(api: ApiClient, content: bytes) -> None:
    answer = api.post("/users", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_a_command_with_a_key_is_done_once(api: ApiClient, org: OrgDriver) -> None:
    key = {"idempotency-key": str(uuid4())}
    first, again = (api.post("/users", json=ANNE, headers=key) for _ in range(2))
    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    assert len(org.users()) == 1
    other = api.post("/users", json=ANNE | {"first_name": "Bo"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "command_id_reused")


def test_a_change_on_a_condition_is_refused_once_the_user_has_changed(api: ApiClient, org: OrgDriver) -> None:
    user_id = org.create_active("Ida")
    read = api.get(f"/users/{user_id}").headers["etag"]
    condition = {"if-match": read, "idempotency-key": str(uuid4())}
    assert api.patch(f"/users/{user_id}", json={"phone": "12345678"}, headers=condition).status_code == 200
    late = api.patch(f"/users/{user_id}", json={"phone": "87654321"}, headers={"if-match": read})
    assert (late.status_code, late.json()["code"]) == (412, "user_changed")
    repeated = api.patch(f"/users/{user_id}", json={"phone": "12345678"}, headers=condition)
    assert repeated.status_code == 200
    assert api.get(f"/users/{user_id}").headers["etag"] != read


def conditional(api: ApiClient, user_id: UUID, if_match: str) -> int:
    headers = {"if-match": if_match}
    return api.patch(f"/users/{user_id}", json={"phone": "12345678"}, headers=headers).status_code


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ('"{}"', 200),
        ("*", 200),
        ('"1000", "{}"', 200),
        ('"x,y" , W/"{}",, "{}"', 200),
        ('W/"{}"', 412),
        ('"0{}"', 412),
        ('"1000"', 412),
        ('"1000", W/"{}"', 412),
        ('"nobody"', 412),
        ('""', 412),
        ("{}", 422),
        ('"{}', 422),
        ('"{}" "{}"', 422),
        ('w/"{}"', 422),
        (",", 422),
        ("", 422),
        (", " * 400 + "x", 422),
    ],
)
def test_tags_are_compared_strongly_one_by_one(
    api: ApiClient, org: OrgDriver, if_match: str, status: int
) -> None:
    # RFC 9110, 8.8.3.2 and 13.1.1
    user_id = org.create_active("Ida")
    version = api.get(f"/users/{user_id}").headers["etag"].strip('"')
    assert conditional(api, user_id, if_match.replace("{}", version)) == status


def test_a_matching_entity_tag_gets_an_empty_304(api: ApiClient, org: OrgDriver) -> None:
    user_id = org.create_active("Ida")
    path, tag = f"/users/{user_id}", api.get(f"/users/{user_id}").headers["etag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = api.get(path, headers={"if-none-match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert api.get(path, headers={"if-none-match": '"1000"'}).status_code == 200
    api.patch(path, json={"phone": "12345678"})
    assert api.get(path, headers={"if-none-match": tag}).status_code == 200


def test_a_name_is_stored_as_it_is_displayed_or_refused_at_its_field(api: ApiClient) -> None:
    created = api.post("/users", json=ANNE | {"first_name": "An\u200bne\u00ad"})
    assert api.get(f"/users/{created.json()['subject']}").json()["first_name"] == "Anne"
    unseen = ANNE | {"first_name": "\u2800", "surname": "\ufffd", "reference_text": "x" * 1_000}
    answer_body = api.post("/users", json=unseen).json()
    codes = {one["field"]: one["code"] for one in answer_body["errors"]}
    assert (
        codes.items()
        >= {
            "first_name": "name_missing",
            "surname": "unreadable_character",
            "reference_text": "reference_text_too_long",
        }.items()
    )


def test_a_missing_member_changes_nothing_and_null_removes(api: ApiClient, org: OrgDriver) -> None:
    user_id = org.create_active("Ida", phone="12345678", reference_text="Hold 4")
    api.patch(f"/users/{user_id}", json={"phone": None})
    user = org.show(user_id)
    assert (user.phone, user.reference_text, user.first_name) == (None, "Hold 4", "Ida")


def test_a_user_lives_and_dies(api: ApiClient, org: OrgDriver) -> None:
    user_id = org.create_active("Ida")
    for verb, body, status in (("deactivate", {}, Status.DEACTIVATED), ("reactivate", None, Status.ACTIVE)):
        api.post(f"/users/{user_id}/{verb}", json=body)
        assert org.show(user_id).status is status
    assert api.request("DELETE", f"/users/{user_id}").status_code == 200
    assert api.get(f"/users/{user_id}").json()["first_name"] == "Slettet bruger"
    gone = api.post(f"/users/{user_id}/deactivate", json={})
    assert (gone.status_code, gone.json()["code"]) == (410, "already_deleted")


def test_pages_hold_every_user_once(api: ApiClient, org: OrgDriver) -> None:
    wanted = set(map(str, org.create_many(5)))
    found, after = [], None
    while True:
        page = api.get("/users", params={"limit": 2} | ({"after": after} if after else {})).json()
        found += [user["id"] for user in page["users"]]
        after = page["next"]
        if after is None:
            break
    assert (set(found), len(found)) == (wanted, 5)


def test_all_users_come_in_one_response(
    api: ApiClient, org: OrgDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brugerbog.entrypoints.api.routes.users._PAGE_SIZE", 2)
    wanted = set(map(str, org.create_many(5)))
    answer = api.get("/users/all", params={"status": "pending"})
    users = [json.loads(line) for line in answer.text.splitlines()]
    assert {user["id"] for user in users} == wanted
    assert users[0] == api.get(f"/users/{users[0]['id']}").json()


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 1001}, {"status": "sur"}, {"after": "x"}, {"cpr": CPR}]
)
def test_a_question_that_makes_no_sense_is_refused(api: ApiClient, params: dict[str, object]) -> None:
    answer = api.get("/users", params=params)
    assert answer.status_code == 422
    assert CPR not in answer.text


def test_a_question_waits_for_a_position(api: ApiClient, org: OrgDriver) -> None:
    position = api.post("/users", json=ANNE).json()["position"]
    headers = {"brugerbog-position": str(position), "prefer": "wait=5"}
    assert len(api.get("/users", headers=headers).json()["users"]) == 1
    early = {"brugerbog-position": str(position + 1), "prefer": "respond-async, wait=0"}
    assert api.get("/users", headers=early).json()["code"] == "not_shown_yet"
    assert org.queries.position() == position


def test_rights_at_creation_are_for_rights_administrators(connect_as: ConnectAs) -> None:
    body = ANNE | {"rights": ["r1"], "can_sign": True}
    assert connect_as(Role.USER_ADMINISTRATOR).post("/users", json=body).status_code == 403
    both = connect_as(Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR)
    assert both.post("/users", json=body).status_code == 201


def test_a_file_is_answered_with_a_receipt(api: ApiClient, org: OrgDriver) -> None:
    file = api.get("/imports/template").content
    key = {"idempotency-key": str(uuid4()), "content-type": "text/csv"}
    tried = api.post("/imports", params={"dry_run": True}, content=file).json()
    assert (tried["created"], org.users()) == (2, [])
    first, again = (api.post("/imports", content=file, headers=key).json() for _ in range(2))
    assert first == again
    assert (first["created"], first["updated"], first["deleted"], len(first["outcomes"])) == (2, 1, 1, 4)
    assert api.post("/imports", content=b"").json()["code"] == "file_empty"


def test_reports_come_as_json_and_as_a_file(api: ApiClient, org: OrgDriver) -> None:
    org.create_active("Ida")
    answer_body = api.get("/reports/status").json()
    assert {"status": "active", "users": 1} in answer_body["rows"]
    file = api.get("/reports/status", params={"format": "csv"})
    assert file.headers["content-type"].startswith("text/csv")
    assert "active;1\r\n" in file.content.decode("utf-8-sig")


def test_few_files_are_in_memory_at_once(api: ApiClient, app: FastAPI) -> None:
    memory: UploadMemory = app.state.upload_memory
    with memory.reserve(UUID(int=1)) as take, memory.reserve(UUID(int=2)) as take_more:
        take(2 * MAX_UPLOAD_BYTES)
        assert api.post("/imports", content=b"x").status_code == 422
        take_more(2 * MAX_UPLOAD_BYTES)
        answer = api.post("/imports", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (503, "files_being_read")
    assert api.post("/imports", content=b"x").status_code == 422


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_the_ends_of_the_calendar_are_instants_too(connect_as: ConnectAs, org: OrgDriver, at: str) -> None:
    org.deactivate(org.create_active("Ida"))
    chief = connect_as(Role.ORGANISATION_ADMINISTRATOR)
    for path in ("/users", "/users/all", "/reports/status", "/log"):
        params = {"until": at} if path == "/log" else {"at": at}
        assert chief.get(path, params=params).status_code == 200, path
    assert chief.get("/log").status_code == 200


def test_an_import_without_the_permission_blocks_no_other(connect_as: ConnectAs, app: FastAPI) -> None:
    memory: UploadMemory = app.state.upload_memory
    with memory.reserve(UUID(int=1)) as take, memory.reserve(UUID(int=2)) as take_more:
        take(2 * MAX_UPLOAD_BYTES)
        take_more(2 * MAX_UPLOAD_BYTES)
        assert connect_as(Role.READER).post("/imports", content=b"x").json()["code"] == "not_allowed"


def test_a_setting_that_looks_like_a_cpr_number_is_masked(connect_as: ConnectAs) -> None:
    answer = connect_as(Role.ORGANISATION_ADMINISTRATOR).patch("/organisation/settings", json={CPR: True})
    assert answer.status_code == 422
    assert CPR not in answer.text


def test_following_without_the_permission_is_refused_at_once(connect_as: ConnectAs) -> None:
    assert connect_as(Role.REPORTER).get("/changes/stream").status_code == 403


def test_taking_all_users_is_recorded_before_the_first_is_shown(
    connect_as: ConnectAs, org: OrgDriver
) -> None:
    org.create_many(3)
    reader = connect_as(Role.READER)
    reader.get("/users")
    assert reader.get("/users/all?search=Ida&at=2026-03-20T12:00:00Z").status_code == 200
    readings: list[LogRead] = list(org.service.log.events.get(log_reading_stream_id(org.id)))  # type: ignore[arg-type]
    (reading,) = readings
    assert (reading.what, reading.by_words, reading.door) == ("users", True, "api")
    assert (reading.actor, reading.role) == (reader.id, Role.READER)
    assert str(reading.until) == "2026-03-20 12:00:00+00:00"


def test_a_refused_reading_of_all_users_is_not_recorded(connect_as: ConnectAs, org: OrgDriver) -> None:
    assert connect_as(Role.REPORTER).get("/users/all").status_code == 403
    assert list(org.service.log.events.get(log_reading_stream_id(org.id))) == []
