"""The main commands on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, SOME_REFUSED
from tests.entrypoints.cli.store_cli import CPR, MIXED_ROWS, SETTINGS, StoreCli, csv_file


@pytest.fixture
def empty(store_url: str, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> StoreCli:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(own_folder / "master.key"))
    return StoreCli(store_url, {})


def test_from_an_empty_store_to_a_deleted_user(empty: StoreCli, own_folder: Path) -> None:
    assert empty("users", "list", "--json").error["code"] == "store_empty"
    (own_folder / "settings.toml").write_text(SETTINGS)
    register = (
        "organisation",
        "register",
        "--cvr",
        "90000001",
        "--name",
        "Firma",
        "--settings",
        "settings.toml",
    )
    assert "master.key" in empty(*register).err
    create = ("users", "create", "--first-name", "Anne", "--surname", "Hansen", "--email", "a@firma.test")
    user = empty.run_json(*create, "--cpr-stdin", stdin=CPR)
    assert empty(*create, "--cpr-stdin", "--json", stdin=CPR).error["code"] == "cpr_in_use"
    assert empty("import", csv_file(own_folder / "a.csv", *MIXED_ROWS)).code == SOME_REFUSED
    imported = empty.run_json("users", "list", "--imported")["users"]
    for one in imported:
        empty.run_json("users", "send-to-activation", one["id"])
    for one in (user, *imported):
        empty.run_json("users", "activate", one["id"])
    empty.run_json("users", "deactivate", user["id"], "--to", "2999-12-31")
    assert [one["status"] for one in empty.run_json("users", "list")["users"]] == ["deactivated", "active"]
    later = empty.run_json("users", "list", "--at", "3000-01-01T00:00:00+01:00")["users"]
    assert [one["status"] for one in later] == ["active", "active"]
    empty.run_json("users", "reactivate", user["id"])
    assert len(empty.run_json("users", "history", user["id"])["activities"]) >= 4
    empty.run_json("users", "delete", user["id"], "--yes")
    assert empty.run_json("users", "show", user["id"])["first_name"] == "Slettet bruger"
    empty.run_json("projections", "rebuild")
    assert empty.run_json("projections", "verify")["equal"]
    (own_folder / "master.key").unlink()
    assert empty("users", "list", "--json").error["code"] == "master_key_missing"


def test_unusual_queries_get_the_same_answers(empty: StoreCli) -> None:
    empty.run_json("organisation", "register", "--cvr", "90000001", "--name", "Firma")
    questions = [
        *(("--search", words) for words in ("%", "\\", "\0", "\udcff", "a\0@b", "a" * 60_000)),
        *(("--p-number", number) for number in ("1' OR '1'='1", "\0", "\udcff")),
    ]
    codes = {question: empty("users", "list", *question, quiet=True).code for question in questions}
    assert [option for option, code in codes.items() if code != DONE] == []
