"""Backup and restore on the command line."""

import shutil
from pathlib import Path

from tests.entrypoints.cli.cli_runner import run_cli
from tests.entrypoints.cli.store_cli import StoreCli


def test_a_backup_becomes_a_store_with_the_same_people(cli: StoreCli, own_folder: Path) -> None:
    document = cli.run_json("backup", "kept")
    (own_folder / "new").mkdir()
    (own_folder / "store.master.key").rename(own_folder / "new" / "store.master.key")
    elsewhere = StoreCli(f"sqlite:///{own_folder / 'new' / 'store.db'}", dict(cli.ids))

    assert elsewhere.run_json("restore", "kept") == document
    assert len(elsewhere.run_json("users", "list")["users"]) == 4


def test_the_message_names_what_a_backup_does_not_hold(cli: StoreCli) -> None:
    answer = run_cli("backup", "kept", "--store", cli.url)

    assert (answer.code, answer.out) == (0, "")
    assert "Hovednøglen og listen over slettede er ikke med." in answer.err


def test_nothing_is_restored_over_a_store(cli: StoreCli) -> None:
    cli.run_json("backup", "kept")

    answer = run_cli("restore", "kept", "--store", cli.url, "--json")
    assert (answer.code, answer.error["code"]) == (1, "place_taken")


def test_no_user_may_back_up_or_restore(cli: StoreCli) -> None:
    for command in ("backup", "restore"):
        answer = run_cli(command, "kept", "--store", cli.url, "--as", cli.ids["anne"], "--json")
        assert (answer.code, answer.error["code"]) == (1, "not_allowed")


def test_a_restore_to_another_name_brings_no_deleted_person_back(cli: StoreCli, own_folder: Path) -> None:
    cli.run_json("backup", "kept")
    cli.run_json("users", "delete", cli.ids["anne"], "--yes")
    shutil.copy(own_folder / "store.master.key", own_folder / "new.master.key")
    elsewhere = StoreCli(f"sqlite:///{own_folder / 'new.db'}", dict(cli.ids))

    answer = run_cli("restore", "kept", "--store", elsewhere.url)

    assert (answer.code, answer.out) == (0, "")
    assert "Personer, der var slettet siden, er slettet igen" in answer.err
    assert cli.ids["anne"] not in {one["id"] for one in elsewhere.run_json("users", "list")["users"]}
    assert cli.ids["anne"] not in str(elsewhere.run_json("mail", "list"))
    assert "(1 personer)" in run_cli("doctor", "--store", elsewhere.url).out


def test_a_restore_without_the_erase_list_is_refused_with_advice(cli: StoreCli, own_folder: Path) -> None:
    cli.run_json("backup", "kept")
    (own_folder / "store.erased").rename(own_folder / "moved")
    shutil.copy(own_folder / "store.master.key", own_folder / "new.master.key")
    restore = ("restore", "kept", "--store", f"sqlite:///{own_folder / 'new.db'}", "--json")

    answer = run_cli(*restore)

    assert (answer.code, answer.error["code"]) == (1, "erase_list_missing")
    assert "--erase-list" in answer.error["message"]
    assert not (own_folder / "new.db").exists()
    assert run_cli(*restore, "--erase-list", "moved").code == 0


def test_a_lost_list_is_made_anew_on_the_operators_word_only(cli: StoreCli, own_folder: Path) -> None:
    (own_folder / "store.erased").unlink()

    assert run_cli("store", "renew-erase-list", "--store", cli.url).code == 2
    document = cli.run_json("store", "renew-erase-list", "--nobody-erased-since")

    assert document == {"place": str(own_folder / "store.erased")}
    assert len(cli.run_json("users", "list")["users"]) == 4
