"""The same command id twice, somebody else's hat, and several organisations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, NOBODY, SOME_REFUSED, call
from tests.entrypoints.cli.store_cli import BORN, MIXED, Office, csv_file
from tests.entrypoints.cli.test_every_command import ARGUMENTS, OPERATIONAL, arguments_of

COMMAND = "22222222-2222-4222-8222-222222222222"
CREATE = ("users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test", *BORN)


def test_a_creation_sent_twice_is_done_once(office: Office) -> None:
    first, second = (office.ask(*CREATE, "--command-id", COMMAND) for _ in range(2))
    assert first.pop("code")
    assert (second.pop("code"), second.pop("code_already_shown")) == (None, True)
    assert first == second | {"code_already_shown": False}
    assert len(office.ask("users", "list")["users"]) == 5


def test_a_command_id_of_another_creation_is_refused(office: Office) -> None:
    office(*CREATE, "--command-id", COMMAND)
    answer = office(*CREATE, "--phone", "12345678", "--command-id", COMMAND, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "command_id_reused")


@pytest.mark.parametrize("more", [(), ("--all-or-nothing",)])
def test_an_import_sent_twice_gives_the_same_receipt(
    office: Office, own_folder: Path, more: tuple[str, ...]
) -> None:
    path = csv_file(own_folder / "a.csv", *MIXED)
    first, second = (office("import", path, *more, "--command-id", COMMAND, "--json") for _ in range(2))
    assert first.code == SOME_REFUSED
    assert first == second


def test_a_command_id_of_another_file_is_refused(office: Office, own_folder: Path) -> None:
    office("import", csv_file(own_folder / "a.csv", *MIXED), "--command-id", COMMAND)
    path = csv_file(own_folder / "a.csv", MIXED[0])
    answer = office("import", path, "--command-id", COMMAND, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "command_id_reused")


@pytest.mark.parametrize("import_first", [True, False])
def test_a_command_id_of_an_import_is_refused_elsewhere(
    office: Office, own_folder: Path, *, import_first: bool
) -> None:
    calls = [("import", csv_file(own_folder / "a.csv", MIXED[0])), CREATE]
    first, second = calls if import_first else calls[::-1]
    assert office(*first, "--command-id", COMMAND).code == DONE
    assert office(*second, "--command-id", COMMAND, "--json").error["code"] == "command_id_reused"


def test_a_registration_and_a_deletion_sent_twice_are_done_once(office: Office) -> None:
    register = ("organisation", "register", "--cvr", "90000002", "--name", "B", "--command-id", COMMAND)
    assert office.ask(*register) == office.ask(*register)
    delete = ("users", "delete", office.ids["anne"], "--yes", "--command-id", NOBODY)
    delete += ("--organisation", "90000001")
    assert office.ask(*delete) == office.ask(*delete)


def test_somebody_unknown_is_refused_everything(office: Office, own_folder: Path) -> None:
    for name in ("settings.toml", "activities.jsonl"):
        (own_folder / name).touch()
    csv_file(own_folder / "users.csv", MIXED[0])
    commands = sorted(set(OPERATIONAL) - {"template"})
    answers = {name: office(*arguments_of(name), "--as", NOBODY, "--json").document for name in commands}
    assert [name for name in commands if answers[name].get("error", {}).get("code") != "not_allowed"] == []


@pytest.fixture
def two(office: Office) -> Office:
    office.ask("organisation", "register", "--cvr", "90000002", "--name", "Anden")
    return office


ON_USERS = [name for name in OPERATIONAL if name.startswith("users ") and NOBODY in ARGUMENTS.get(name, ())]


def test_of_several_organisations_one_must_be_named(two: Office) -> None:
    show = ("organisation", "show", "--json")
    assert two(*show).error["code"] == "organisation_not_named"
    assert two(*CREATE, "--json").error["code"] == "organisation_not_named"
    assert two(*show, "--organisation", "90000002").document["name"] == "Anden"
    assert two(*show, "--organisation", "90000003").error["code"] == "organisation_unknown"


def test_a_user_of_another_organisation_is_unknown(two: Office) -> None:
    codes = {}
    for name in ON_USERS:
        more = ARGUMENTS[name][1:]
        answer = two(*name.split(), two.ids["anne"], *more, "--organisation", "90000002", "--json")
        codes[name] = answer.error["code"]
    assert codes == dict.fromkeys(ON_USERS, "user_unknown")


def test_an_organisation_is_registered_once(office: Office) -> None:
    answer = office("organisation", "register", "--cvr", "90000001", "--name", "A", "--json")
    assert answer.error["code"] == "organisation_already_registered"


@pytest.mark.parametrize("arguments", [("organisation", "show"), ("projections", "status")])
def test_an_option_before_the_command_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert call("--json", *arguments).code == 2
