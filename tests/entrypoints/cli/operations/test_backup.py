"""Backing up and restoring at the command line."""

import shutil
from pathlib import Path

from tests.entrypoints.cli.cli_runner import call
from tests.entrypoints.cli.store_cli import Office


def test_a_backup_becomes_a_store_with_the_same_people(office: Office, own_folder: Path) -> None:
    made = office.ask("backup", "kept")
    (own_folder / "new").mkdir()
    (own_folder / "office.master.key").rename(own_folder / "new" / "office.master.key")
    elsewhere = Office(f"sqlite:///{own_folder / 'new' / 'office.db'}", dict(office.ids))

    assert elsewhere.ask("restore", "kept") == made
    assert len(elsewhere.ask("users", "list")["users"]) == 4


def test_people_are_told_what_a_backup_does_not_hold(office: Office) -> None:
    answer = call("backup", "kept", "--store", office.url)

    assert (answer.code, answer.out) == (0, "")
    assert "Hovednøglen og listen over slettede er ikke med." in answer.err


def test_nothing_is_restored_over_a_store(office: Office) -> None:
    office.ask("backup", "kept")

    answer = call("restore", "kept", "--store", office.url, "--json")
    assert (answer.code, answer.error["code"]) == (1, "place_taken")


def test_no_user_may_back_up_or_restore(office: Office) -> None:
    for command in ("backup", "restore"):
        answer = call(command, "kept", "--store", office.url, "--as", office.ids["anne"], "--json")
        assert (answer.code, answer.error["code"]) == (1, "not_allowed")


def test_a_restore_to_another_name_brings_no_deleted_person_back(office: Office, own_folder: Path) -> None:
    office.ask("backup", "kept")
    office.ask("users", "delete", office.ids["anne"], "--yes")
    shutil.copy(own_folder / "office.master.key", own_folder / "new.master.key")
    elsewhere = Office(f"sqlite:///{own_folder / 'new.db'}", dict(office.ids))

    answer = call("restore", "kept", "--store", elsewhere.url)

    assert (answer.code, answer.out) == (0, "")
    assert "Personer, der var slettet siden, er slettet igen" in answer.err
    assert office.ids["anne"] not in {one["id"] for one in elsewhere.ask("users", "list")["users"]}
    assert office.ids["anne"] not in str(elsewhere.ask("mail", "list"))
    assert "(1 personer)" in call("doctor", "--store", elsewhere.url).out


def test_a_restore_without_the_list_is_refused_and_told_what_to_do(office: Office, own_folder: Path) -> None:
    office.ask("backup", "kept")
    (own_folder / "office.erased").rename(own_folder / "moved")
    shutil.copy(own_folder / "office.master.key", own_folder / "new.master.key")
    restore = ("restore", "kept", "--store", f"sqlite:///{own_folder / 'new.db'}", "--json")

    answer = call(*restore)

    assert (answer.code, answer.error["code"]) == (1, "erase_list_missing")
    assert "--erase-list" in answer.error["message"]
    assert not (own_folder / "new.db").exists()
    assert call(*restore, "--erase-list", "moved").code == 0


def test_a_lost_list_is_made_anew_on_the_operators_word_only(office: Office, own_folder: Path) -> None:
    (own_folder / "office.erased").unlink()

    assert call("store", "renew-erase-list", "--store", office.url).code == 2
    made = office.ask("store", "renew-erase-list", "--nobody-erased-since")

    assert made == {"place": str(own_folder / "office.erased")}
    assert len(office.ask("users", "list")["users"]) == 4
