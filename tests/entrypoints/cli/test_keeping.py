"""Backing up and restoring at the command line."""

from pathlib import Path

from tests.entrypoints.cli.calling import call
from tests.entrypoints.cli.office import Office


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
