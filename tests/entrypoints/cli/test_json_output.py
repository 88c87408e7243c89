"""The documents of --json, member by member."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, SOME_REFUSED, USAGE, run_cli
from tests.entrypoints.cli.store_cli import CPR, DATE_OF_BIRTH, HEADER, MIXED_ROWS, StoreCli, csv_file

USER = {
    *("id", "status", "first_name", "surname", "email", "phone", "anonymous", "p_number", "se_number", "ean"),
    *("reference_text", "target_ial", "means", "created_at", "cpr_masked", "date_of_birth"),
    *("deactivated_from", "deactivated_to", "active_means", "ordered_means", "rights", "can_sign"),
    *("sealing_profiles", "asks_for_anonymity", "link_expires_at", "link_has_expired"),
    *("user_name", "external_id", "version", "changed_at"),
}
CODE = {"code", "code_already_shown"}
SETTINGS = {
    *("allow_anonymous", "allow_private_means", "allow_shared_means", "use_p_numbers", "use_se_numbers"),
    *("use_reference_text", "allow_sealing", "dedicated_means", "p_numbers", "se_numbers", "eans"),
    *("certificate_profiles", "ial", "rights", "erasure_retention_days", "prices"),
    *("activity_retention_months", "mail_retention_months"),
}
OUTCOME = {"row", "action", "outcome", "id", "errors"}


def test_the_organisation(cli: StoreCli) -> None:
    answer = cli.run_json("organisation", "show")
    assert answer.keys() == {"id", "cvr", "name", "settings"}
    assert answer["settings"].keys() == SETTINGS
    assert (answer["cvr"], answer["name"]) == ("90000001", "Firma")


def test_a_settings_file_changes_its_own_settings_only(cli: StoreCli, own_folder: Path) -> None:
    before = cli.run_json("organisation", "show")
    (own_folder / "new.toml").write_text('ial = "high"')
    after = cli.run_json("organisation", "settings", "new.toml")
    assert after == before | {"settings": before["settings"] | {"ial": "high"}, "concerns": []}


def test_one_user(cli: StoreCli) -> None:
    anne = cli.run_json("users", "show", cli.ids["anne"])
    assert anne.keys() == USER | {"roles", "replaces"}
    created, changed = (datetime.fromisoformat(anne.pop(name)) for name in ("created_at", "changed_at"))
    assert created.utcoffset() == UTC.utcoffset(None)
    assert changed >= created
    assert anne == {
        "id": cli.ids["anne"],
        "status": "active",
        "first_name": "Anne",
        "surname": "Hansen",
        "email": "anne@firma.test",
        "phone": "12345678",
        "anonymous": False,
        "p_number": "1003456789",
        "se_number": None,
        "ean": None,
        "reference_text": None,
        "target_ial": "substantial",
        "means": [],
        "cpr_masked": f"{CPR[:6]}-xxxx",
        "date_of_birth": "1961-09-07",
        "deactivated_from": None,
        "deactivated_to": None,
        "active_means": [],
        "ordered_means": [],
        "rights": [],
        "can_sign": False,
        "sealing_profiles": [],
        "asks_for_anonymity": False,
        "link_expires_at": None,
        "link_has_expired": False,
        "user_name": None,
        "external_id": None,
        "version": 3,
        "roles": [],
        "replaces": None,
    }


def test_a_user_at_another_instant_is_shown_without_roles(cli: StoreCli) -> None:
    anne = cli.run_json("users", "show", cli.ids["anne"], "--at", "2999-01-01T00:00:00+01:00")
    assert anne.keys() == USER


def test_a_list_of_users_and_no_next_page(cli: StoreCli) -> None:
    answer = cli.run_json("users", "list")
    assert answer.keys() == {"users", "next"}
    assert answer["next"] is None
    assert [one["first_name"] for one in answer["users"]] == ["Anne", "Bo", "Øjvind", "Åse"]
    assert all(one.keys() == USER for one in answer["users"])


@pytest.mark.parametrize("sort", ["name", "status", "created"])
def test_pages_of_one_user_hold_every_user_once(cli: StoreCli, sort: str) -> None:
    whole = [one["id"] for one in cli.run_json("users", "list", "--sort", sort)["users"]]
    paged, key = [], []
    while True:
        page = cli.run_json("users", "list", "--sort", sort, "--limit", "1", *key)
        paged += [one["id"] for one in page["users"]]
        if page["next"] is None:
            break
        key = ["--after", page["next"]]
    assert paged == whole
    assert len(paged) == 4


def test_the_key_of_a_page_fits_its_own_order_only(cli: StoreCli) -> None:
    key = cli.run_json("users", "list", "--limit", "1")["next"]
    answer = cli("users", "list", "--sort", "created", "--after", key, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "cursor_invalid")


@pytest.mark.parametrize(
    ("status", "who"),
    [
        ("imported", "åse"),
        ("pending", "øjvind"),
        ("active", "anne"),
        ("deactivated", "bo"),
        ("deleted", None),
    ],
)
def test_users_of_a_status(cli: StoreCli, status: str, who: str | None) -> None:
    found = [one["id"] for one in cli.run_json("users", "list", "--status", status)["users"]]
    assert found == ([cli.ids[who]] if who else [])


@pytest.mark.parametrize(
    ("question", "who"),
    [
        (("--search", "ØJV"), ["øjvind"]),
        (("--search", "hansen bo"), ["bo"]),
        (("--search", "%"), []),
        (("--search", "_"), []),
        (("--search", "anne@firma.test"), ["anne"]),
        (("--imported",), ["åse"]),
        (("--p-number", "1003456789"), ["anne"]),
        (("--se-number", "30303030"), []),
        (("--at", "2001-01-01T00:00:00+01:00"), []),
        (("--status", "deactivated", "--at", "3001-01-01T00:00:00+01:00"), []),
        (("--status", "active", "--at", "3000-01-01T00:00:00+01:00"), ["anne", "bo"]),
    ],
)
def test_a_filter_returns_the_matching_users(
    cli: StoreCli, question: tuple[str, ...], who: list[str]
) -> None:
    found = [one["id"] for one in cli.run_json("users", "list", *question)["users"]]
    assert found == [cli.ids[name] for name in who]


def test_an_id_is_found_and_shown_with_and_without_hyphens(cli: StoreCli) -> None:
    plain = cli.ids["anne"].replace("-", "")
    assert cli.run_json("users", "show", plain.upper())["id"] == cli.ids["anne"]
    assert [one["id"] for one in cli.run_json("users", "list", "--search", plain)["users"]] == [
        cli.ids["anne"]
    ]


def test_a_history(cli: StoreCli) -> None:
    activities = cli.run_json("users", "history", cli.ids["bo"])
    assert activities.keys() == {"activities"}
    first = activities["activities"][0]
    assert first.keys() == {"occurred_at", "transaction", "service_provider", "service_type"}
    assert (first["service_provider"], first["service_type"]) == ("MitID Erhverv", "public")


@pytest.mark.parametrize("sort", ["time", "transaction", "provider", "type"])
def test_a_history_turned_round(cli: StoreCli, sort: str) -> None:
    arguments = ("users", "history", cli.ids["bo"], "--sort", sort)
    plain, turned = (
        cli.run_json(*arguments)["activities"],
        cli.run_json(*arguments, "--descending")["activities"],
    )
    key = {"time": "occurred_at", "provider": "service_provider", "type": "service_type"}.get(sort, sort)
    assert [one[key] for one in turned] == [one[key] for one in plain][::-1]


def test_a_history_within_days_and_words(cli: StoreCli) -> None:
    arguments = ("users", "history", cli.ids["bo"])
    deactivations = cli.run_json(*arguments, "--filter", "DEAKTIVERET")["activities"]
    assert len(deactivations) == 1
    assert cli.run_json(*arguments, "--to", "2001-01-01") == {"activities": []}
    assert cli.run_json(*arguments, "--from", "2999-01-01") == {"activities": []}


def test_a_life_answers_with_the_user_at_every_turn(cli: StoreCli) -> None:
    user_id = cli.create_user("Carl", "--anonymous", "--means", "private", "--means", "app")["id"]
    turns = [
        (("activate", user_id), {"status": "active", "anonymous": True, "means": ["private", "app"]}),
        (("edit", user_id, "--phone", "87654321", "--surname", "Ø"), {"phone": "87654321", "surname": "Ø"}),
        (("edit", user_id, "--phone", ""), {"phone": None, "surname": "Ø"}),
        (
            ("edit", user_id, "--ean", "5798009811578", "--reference-text", "Afd. 1"),
            {"reference_text": "Afd. 1"},
        ),
        (("place", user_id, "--p-number", "1003456789"), {"p_number": "1003456789", "se_number": None}),
        (("place", user_id, "--se-number", "30303030"), {"p_number": "1003456789", "se_number": "30303030"}),
        (("place", user_id, "--p-number", ""), {"p_number": None, "se_number": "30303030"}),
        (("assign-means", user_id, "code_display"), {"means": ["private", "app", "code_display"]}),
        (
            ("deactivate", user_id, "--from", "2999-01-01"),
            {"status": "active", "deactivated_from": "2999-01-01"},
        ),
        (("reactivate", user_id), {"status": "active", "deactivated_from": None}),
        (("deactivate", user_id), {"status": "deactivated", "deactivated_to": None}),
        (("delete", user_id, "--yes"), {"status": "deleted", "first_name": "Slettet bruger", "email": None}),
    ]
    for arguments, expected in turns:
        user = cli.run_json("users", *arguments)
        assert user.keys() == USER
        assert user | expected == user


def test_adding_a_cpr_number_to_a_user_known_by_birth_date(cli: StoreCli) -> None:
    cli.run_json("users", "delete", cli.ids["anne"], "--yes")
    user = cli.run_json("users", "edit", cli.ids["øjvind"], "--cpr-stdin", stdin=f"{CPR[:6]}-{CPR[6:]}\n")
    assert user["cpr_masked"] == f"{CPR[:6]}-xxxx"


@pytest.mark.parametrize(
    "more", [(), ("--dry-run",), ("--all-or-nothing",), ("--dry-run", "--all-or-nothing")]
)
def test_an_import_has_an_outcome_for_every_row(
    cli: StoreCli, own_folder: Path, more: tuple[str, ...]
) -> None:
    answer = cli("import", csv_file(own_folder / "a.csv", *MIXED_ROWS), *more, "--json")
    receipt = answer.document
    assert answer.code == SOME_REFUSED
    assert receipt.keys() == {
        *("rows", "created", "updated", "deleted", "unchanged", "refused", "encoding", "outcomes")
    }
    assert (receipt["rows"], receipt["refused"], receipt["encoding"]) == (2, 1, "utf-8")
    assert [one["row"] for one in receipt["outcomes"]] == [2, 3]
    assert all(one.keys() == OUTCOME for one in receipt["outcomes"])
    refused = receipt["outcomes"][1]
    assert (refused["action"], refused["outcome"], refused["id"]) == ("C", "refused", None)
    assert [(one["column"], one["code"]) for one in refused["errors"]] == [
        ("TargetIAL", "target_ial_invalid")
    ]
    expected = "unchanged" if "--all-or-nothing" in more else "created"
    assert receipt["outcomes"][0]["outcome"] == expected
    living = cli.run_json("users", "list", "--search", "Ærø")["users"]
    assert len(living) == (0 if more else 1)


def test_an_import_with_nothing_refused_is_done(cli: StoreCli, own_folder: Path) -> None:
    answer = cli("import", csv_file(own_folder / "a.csv", MIXED_ROWS[0]), "--json")
    assert (answer.code, answer.document["created"]) == (DONE, 1)


def test_the_receipt_is_written_as_csv_too(cli: StoreCli, own_folder: Path) -> None:
    cli("import", csv_file(own_folder / "a.csv", *MIXED_ROWS), "--receipt", "receipt æøå.csv")
    lines = (own_folder / "receipt æøå.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "Række;Aktion;Resultat;UUID;Kolonne;Kode;Besked"
    assert [line.split(";")[:3] for line in lines[1:]] == [["2", "C", "oprettet"], ["3", "C", "afvist"]]


def test_the_template() -> None:
    answer = run_cli("template", "--json")
    assert answer.document.keys() == {"columns", "file", "content"}
    assert ";".join(answer.document["columns"]) == HEADER
    assert answer.document["file"] is None


def test_the_template_can_be_imported_unchanged(cli: StoreCli) -> None:
    run_cli("template", "template.csv")
    cli.run_json("users", "delete", cli.ids["anne"], "--yes")
    receipt = cli.run_json("import", "template.csv")
    assert [one["outcome"] for one in receipt["outcomes"]] == ["created", "created", "updated", "deleted"]


def test_projections(cli: StoreCli) -> None:
    standing = cli.run_json("projections", "status")
    assert standing.keys() == {"projections"}
    names = [one["name"] for one in standing["projections"]]
    for one in standing["projections"]:
        assert one.keys() == {"name", "position", "lag", "state", "failed_at", "failure"}
        assert (one["lag"], one["state"], one["failure"]) == (0, "ok", None)
    assert [one["name"] for one in cli.run_json("projections", "rebuild")["projections"]] == names
    assert [one["name"] for one in cli.run_json("projections", "rebuild", names[0])["projections"]] == names[
        :1
    ]
    verified = cli.run_json("projections", "verify")
    assert verified.keys() == {"equal", "projections"}
    assert verified["equal"] is True
    members = {"name", "live", "rebuilt", "equal", "state", "lag"}
    assert all(one.keys() == members for one in verified["projections"])


def test_an_unknown_projection_is_a_usage_error(cli: StoreCli) -> None:
    answer = cli("projections", "rebuild", "nope", "--json")
    assert (answer.code, answer.error["code"]) == (USAGE, "usage")
    assert "user_list" in answer.error["message"]


def test_several_reasons_are_reported_at_once_and_separately(cli: StoreCli) -> None:
    answer = cli(
        *("users", "create", "--first-name", "", "--surname", "B", "--email", "nope", "--json"),
        *DATE_OF_BIRTH,
    )
    assert answer.code == FAILED
    assert [one.keys() for one in answer.error["reasons"]] == [{"field", "code", "message"}] * 2
    assert {one["field"] for one in answer.error["reasons"]} == {"first_name", "email"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("users", "activate", "anne"), "not_pending"),
        (("users", "send-to-activation", "anne"), "not_imported"),
        (("users", "deactivate", "øjvind"), "never_activated"),
        (("users", "reactivate", "anne"), "not_deactivated"),
        (("users", "deactivate", "anne", "--from", "2001-01-01"), "from_date_in_the_past"),
        (("users", "deactivate", "anne", "--to", "2001-01-01"), "to_date_before_from_date"),
        (("users", "assign-means", "anne", "chip"), "means_not_offered"),
        (("users", "edit", "anne", "--target-ial", "high"), "target_ial_above_organisation"),
        (("users", "edit", "anne", "--ean", "12"), "ean_invalid"),
        (("users", "place", "anne", "--p-number", "1003456780"), "p_number_unknown"),
        (("users", "show", "anne", "--at", "2001-01-01T00:00:00Z"), "user_unknown"),
    ],
)
def test_a_refused_command_is_named_and_changes_nothing(
    cli: StoreCli, arguments: tuple[str, ...], code: str
) -> None:
    before = cli.run_json("users", "list")
    answer = cli(*(cli.ids.get(one, one) for one in arguments), "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, code)
    assert cli.run_json("users", "list") == before
