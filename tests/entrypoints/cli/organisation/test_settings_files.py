"""Invalid settings files, each with a Danish message that locates the error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import FAILED, english_in
from tests.entrypoints.cli.store_cli import StoreCli

WRONG = {
    'ial = "middle"': "ial",
    "ial = 3": "ial",
    'allow_anonymous = "maybe"': "allow_anonymous",
    "allow_sealing = 2": "allow_sealing",
    "nothing_we_know = 1": "nothing_we_know",
    "dedicated_means = []": "dedicated_means",
    'dedicated_means = ["private"]': "dedicated_means",
    'dedicated_means = ["key"]': "dedicated_means",
    'dedicated_means = "app"': "dedicated_means",
    'p_numbers = ["12"]': "p_numbers",
    "p_numbers = [1003456789]": "p_numbers",
    'p_numbers = "1003456789"': "p_numbers",
    'se_numbers = ["3030303O"]': "se_numbers",
    'eans = ["5798009811579"]': "eans",
    'eans = ["5,79801E+12"]': "eans",
    'certificate_profiles = [""]': "certificate_profiles",
    'certificate_profiles = ["\\u001b[31mred"]': "certificate_profiles",
    'rights = ["a"]': "rights",
    'rights = [{id = "a", name = "b"}]': "rights",
    'rights = [{id = "a", name = "b", service_provider = "c", more = 1}]': "rights",
    "erasure_retention_days = -1": "erasure_retention_days",
    "erasure_retention_days = 4000": "erasure_retention_days",
    "erasure_retention_days = 1.5": "erasure_retention_days",
    "erasure_retention_days = true": "erasure_retention_days",
    'erasure_retention_days = "0"': "erasure_retention_days",
    "prices = 20": "prices",
    "[prices]\nuser = -1": "prices.user",
    "[prices]\nuser = 33.5": "prices.user",
    "[prices]\npencil = 1": "prices.pencil",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_setting_is_named_in_danish(cli: StoreCli, own_folder: Path, text: str) -> None:
    (own_folder / "wrong.toml").write_text(text)
    answer = cli("organisation", "settings", "wrong.toml", "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "settings_invalid")
    assert WRONG[text] in answer.error["message"]
    assert english_in(answer.error["message"]) == []


def test_beside_a_wrong_setting_a_right_one_changes_nothing(cli: StoreCli, own_folder: Path) -> None:
    before = cli.run_json("organisation", "show")
    (own_folder / "wrong.toml").write_text('allow_anonymous = false\nial = "middle"')
    assert cli("organisation", "settings", "wrong.toml").code == FAILED
    assert cli.run_json("organisation", "show") == before


def test_several_wrong_settings_are_named_at_once(cli: StoreCli, own_folder: Path) -> None:
    (own_folder / "wrong.toml").write_text('ial = "middle"\neans = ["1"]')
    answer = cli("organisation", "settings", "wrong.toml", "--json")
    assert {one["field"].partition(".")[0] for one in answer.error["reasons"]} == {"ial", "eans"}


@pytest.mark.parametrize("content", [b"ial = \n", b"\xff", b"[[", b"ial = 'high'\nial = 'high'"])
def test_a_file_that_is_no_toml_is_refused_as_a_whole(
    cli: StoreCli, own_folder: Path, content: bytes
) -> None:
    (own_folder / "wrong.toml").write_bytes(content)
    answer = cli("organisation", "settings", "wrong.toml")
    assert answer.code == FAILED
    assert "wrong.toml" in answer.err


@pytest.mark.parametrize("name", ["nope.toml", "."])
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(cli: StoreCli, name: str) -> None:
    answer = cli("organisation", "settings", name)
    assert answer.code == FAILED
    assert f"Filen {name} kan ikke læses." in answer.err


@pytest.fixture
def stricter(own_folder: Path) -> str:
    """Settings that no longer allow P-numbers and private MitID."""
    (own_folder / "stricter.toml").write_text("use_p_numbers = false\nallow_private_means = false")
    return "stricter.toml"


def test_affected_users_are_listed_and_keep_what_they_have(cli: StoreCli, stricter: str) -> None:
    concerns = [{"setting": "use_p_numbers", "value": None, "users": [cli.ids["anne"]]}]
    before = cli.run_json("organisation", "show")
    assert cli.run_json("organisation", "settings", stricter, "--dry-run") == {"concerns": concerns}
    assert cli.run_json("organisation", "show") == before
    assert cli.run_json("organisation", "settings", stricter)["concerns"] == concerns
    assert cli.run_json("users", "show", cli.ids["anne"])["p_number"] == "1003456789"
    assert cli.run_json("organisation", "settings", stricter, "--dry-run") == {"concerns": []}


def test_affected_users_are_listed_by_name(cli: StoreCli, stricter: str) -> None:
    dry = cli("organisation", "settings", stricter, "--dry-run")
    assert "Anne Hansen" in dry.out
    assert dry.err.startswith("Intet er ændret.")
    done = cli("organisation", "settings", stricter)
    assert "use_p_numbers" in done.err
    assert "Anne Hansen" in done.err


def test_a_wrong_setting_is_refused_in_a_dry_run_too(cli: StoreCli, own_folder: Path) -> None:
    (own_folder / "wrong.toml").write_text("nothing_we_know = 1")
    answer = cli("organisation", "settings", "wrong.toml", "--dry-run", "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "settings_invalid")


def test_a_price_that_is_named_changes_and_the_others_stay(cli: StoreCli, own_folder: Path) -> None:
    before = cli.run_json("organisation", "show")["settings"]["prices"]
    (own_folder / "prices.toml").write_text("[prices]\nuser = 2_550")
    assert cli.run_json("organisation", "settings", "prices.toml")["settings"]["prices"] == before | {
        "user": 2550
    }
    output = cli("organisation", "show").out
    assert "25,50 kr. ekskl. moms" in output
    assert "235,50 kr. ekskl. moms" in output
