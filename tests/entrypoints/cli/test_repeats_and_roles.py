"""Repeated command ids, calls in another user's roles, and several organisations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, SOME_REFUSED, UNKNOWN_ID, run_cli
from tests.entrypoints.cli.store_cli import DATE_OF_BIRTH, MIXED_ROWS, StoreCli, csv_file
from tests.entrypoints.cli.test_every_command import ARGUMENTS, OPERATIONAL, arguments_of

COMMAND = "22222222-2222-4222-8222-222222222222"
CREATE = ("users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test", *DATE_OF_BIRTH)


def test_a_creation_sent_twice_is_done_once(cli: StoreCli) -> None:
    first, second = (cli.run_json(*CREATE, "--command-id", COMMAND) for _ in range(2))
    assert first.pop("code")
    assert (second.pop("code"), second.pop("code_already_shown")) == (None, True)
    assert first == second | {"code_already_shown": False}
    assert len(cli.run_json("users", "list")["users"]) == 5


def test_a_command_id_of_another_creation_is_refused(cli: StoreCli) -> None:
    cli(*CREATE, "--command-id", COMMAND)
    answer = cli(*CREATE, "--phone", "12345678", "--command-id", COMMAND, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "command_id_reused")


@pytest.mark.parametrize("more", [(), ("--all-or-nothing",)])
def test_an_import_sent_twice_gives_the_same_receipt(
    cli: StoreCli, own_folder: Path, more: tuple[str, ...]
) -> None:
    path = csv_file(own_folder / "a.csv", *MIXED_ROWS)
    first, second = (cli("import", path, *more, "--command-id", COMMAND, "--json") for _ in range(2))
    assert first.code == SOME_REFUSED
    assert first == second


def test_a_command_id_of_another_file_is_refused(cli: StoreCli, own_folder: Path) -> None:
    cli("import", csv_file(own_folder / "a.csv", *MIXED_ROWS), "--command-id", COMMAND)
    path = csv_file(own_folder / "a.csv", MIXED_ROWS[0])
    answer = cli("import", path, "--command-id", COMMAND, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "command_id_reused")


@pytest.mark.parametrize("import_first", [True, False])
def test_a_command_id_of_an_import_is_refused_elsewhere(
    cli: StoreCli, own_folder: Path, *, import_first: bool
) -> None:
    calls = [("import", csv_file(own_folder / "a.csv", MIXED_ROWS[0])), CREATE]
    first, second = calls if import_first else calls[::-1]
    assert cli(*first, "--command-id", COMMAND).code == DONE
    assert cli(*second, "--command-id", COMMAND, "--json").error["code"] == "command_id_reused"


def test_a_registration_and_a_deletion_sent_twice_are_done_once(cli: StoreCli) -> None:
    register = ("organisation", "register", "--cvr", "90000002", "--name", "B", "--command-id", COMMAND)
    assert cli.run_json(*register) == cli.run_json(*register)
    delete = ("users", "delete", cli.ids["anne"], "--yes", "--command-id", UNKNOWN_ID)
    delete += ("--organisation", "90000001")
    assert cli.run_json(*delete) == cli.run_json(*delete)


def test_an_unknown_client_is_refused_everything(cli: StoreCli, own_folder: Path) -> None:
    for name in ("settings.toml", "activities.jsonl"):
        (own_folder / name).touch()
    csv_file(own_folder / "users.csv", MIXED_ROWS[0])
    commands = sorted(set(OPERATIONAL) - {"template"})
    answers = {name: cli(*arguments_of(name), "--as", UNKNOWN_ID, "--json").document for name in commands}
    assert [name for name in commands if answers[name].get("error", {}).get("code") != "not_allowed"] == []


@pytest.fixture
def two(cli: StoreCli) -> StoreCli:
    cli.run_json("organisation", "register", "--cvr", "90000002", "--name", "Anden")
    return cli


ON_USERS = [
    name for name in OPERATIONAL if name.startswith("users ") and UNKNOWN_ID in ARGUMENTS.get(name, ())
]


def test_of_several_organisations_one_must_be_named(two: StoreCli) -> None:
    show = ("organisation", "show", "--json")
    assert two(*show).error["code"] == "organisation_not_named"
    assert two(*CREATE, "--json").error["code"] == "organisation_not_named"
    assert two(*show, "--organisation", "90000002").document["name"] == "Anden"
    assert two(*show, "--organisation", "90000003").error["code"] == "organisation_unknown"


def test_a_user_of_another_organisation_is_unknown(two: StoreCli) -> None:
    codes = {}
    for name in ON_USERS:
        more = ARGUMENTS[name][1:]
        answer = two(*name.split(), two.ids["anne"], *more, "--organisation", "90000002", "--json")
        codes[name] = answer.error["code"]
    assert codes == dict.fromkeys(ON_USERS, "user_unknown")


def test_an_organisation_is_registered_once(cli: StoreCli) -> None:
    answer = cli("organisation", "register", "--cvr", "90000001", "--name", "A", "--json")
    assert answer.error["code"] == "organisation_already_registered"


@pytest.mark.parametrize("arguments", [("organisation", "show"), ("projections", "status")])
def test_an_option_before_the_command_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert run_cli("--json", *arguments).code == 2
