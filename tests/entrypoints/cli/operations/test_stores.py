"""The location of the store and its key, and every error in them."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, SCRIPT, english_in, run_cli
from tests.entrypoints.cli.store_cli import StoreCli

REGISTER = ("organisation", "register", "--cvr", "90000001", "--name", "Firma")


def test_without_an_address_the_store_is_made_in_this_folder(own_folder: Path) -> None:
    answer = run_cli(*REGISTER)
    assert answer.code == DONE
    assert {path.name for path in own_folder.iterdir()} == {
        "brugerbog.db",
        "brugerbog.keys.db",
        "brugerbog.read.db",
        "brugerbog.read.lock",
        "brugerbog.master.key",
        "brugerbog.erased",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in own_folder.iterdir()} == {0o600}
    assert run_cli("users", "list").code == DONE


def test_the_new_key_is_named_once(own_folder: Path) -> None:
    assert run_cli(*REGISTER).err.count("brugerbog.master.key") == 1
    assert run_cli("organisation", "show").err == ""
    assert (own_folder / "brugerbog.master.key").exists()


def test_the_address_and_the_key_may_come_from_the_environment(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_STORE", "sqlite:///elsewhere/a b æøå.db")
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(own_folder / "keys" / "my key"))
    assert "my key" in run_cli(*REGISTER).err
    assert (own_folder / "elsewhere" / "a b æøå.db").exists()
    assert stat.S_IMODE((own_folder / "keys" / "my key").stat().st_mode) == 0o600
    assert run_cli("users", "list", "--json").document == {"users": [], "next": None}


def test_a_path_may_hold_blanks_and_danish_letters(own_folder: Path) -> None:
    url = f"sqlite:///{own_folder / 'Rød grød' / 'med fløde.db'}"
    assert run_cli(*REGISTER, "--store", url).code == DONE
    assert (own_folder / "Rød grød" / "med fløde.master.key").exists()
    assert run_cli("organisation", "show", "--json", "--store", url).document["name"] == "Firma"


def test_an_empty_file_is_an_empty_store(own_folder: Path) -> None:
    (own_folder / "brugerbog.db").touch()
    assert run_cli("users", "list", "--json").error["code"] == "store_empty"
    assert run_cli(*REGISTER).code == DONE


def test_a_store_in_memory_lives_for_one_call() -> None:
    assert run_cli(*REGISTER, "--store", "sqlite://").code == DONE
    assert run_cli("users", "list", "--store", "sqlite://", "--json").error["code"] == "store_empty"


def test_a_missing_key_is_refused_and_no_other_is_made(cli: StoreCli, own_folder: Path) -> None:
    key = own_folder / "store.master.key"
    key.unlink()
    for command in (("users", "list"), REGISTER):
        answer = cli(*command, "--json")
        assert (answer.code, answer.error["code"]) == (FAILED, "master_key_missing")
        assert str(key) in answer.error["message"]
    assert not key.exists()


@pytest.mark.parametrize("content", [b"", b"hej", b"\xff\xfe", b"A" * 44])
def test_a_wrong_key_is_refused(cli: StoreCli, own_folder: Path, content: bytes) -> None:
    (own_folder / "store.master.key").write_bytes(content)
    answer = cli("users", "list", "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "master_key_wrong")


def test_the_key_of_another_store_is_refused(cli: StoreCli, own_folder: Path) -> None:
    run_cli(*REGISTER)
    shutil.copy(own_folder / "brugerbog.master.key", own_folder / "store.master.key")
    assert cli("users", "list", "--json").error["code"] == "master_key_wrong"


def test_a_folder_in_place_of_the_key_is_refused(cli: StoreCli, own_folder: Path) -> None:
    (own_folder / "store.master.key").unlink()
    (own_folder / "store.master.key").mkdir()
    assert cli("users", "list").code == FAILED


def test_lost_read_tables_are_built_again(cli: StoreCli, own_folder: Path) -> None:
    (own_folder / "store.read.db").unlink()
    assert len(cli.run_json("users", "list")["users"]) == 4


def test_lost_keys_are_named_and_no_empty_ones_are_made(cli: StoreCli, own_folder: Path) -> None:
    (own_folder / "store.keys.db").unlink()
    answer = cli("users", "list")
    assert answer.code == FAILED
    assert "øgle" in answer.err
    assert not (own_folder / "store.keys.db").exists()


@pytest.mark.parametrize(
    "content", [os.urandom(9000), b"SQLite format 3\0 and no more", b"Navn;Efternavn\n" * 99]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(own_folder: Path, content: bytes) -> None:
    (own_folder / "brugerbog.db").write_bytes(content)
    for command in (("users", "list"), REGISTER):
        answer = run_cli(*command)
        assert answer.code == FAILED
        assert english_in(answer.err) == []
    assert (own_folder / "brugerbog.db").read_bytes() == content


def test_a_folder_in_place_of_the_store_is_refused(own_folder: Path) -> None:
    (own_folder / "brugerbog.db").mkdir()
    assert run_cli("users", "list").code == FAILED
    assert run_cli(*REGISTER).code == FAILED


@pytest.mark.parametrize(
    "url",
    [
        *("nonsense", "sqlite:/x", "sqlite+pysqlite:///x.db", "mysql://a/b", "postgresql://a/b", "://", " "),
        "postgresql+psycopg://host:port/db",
        "postgresql+psycopg://127.0.0.1:99999/db",
        "postgresql+psycopg://u:secret@127.0.0.1:1/db",
        "postgresql+psycopg://u:secret@127.0.0.1:1/db?nope=1",
        "sqlite:////dev/null/x.db",
    ],
)
def test_an_address_that_leads_nowhere_is_refused_without_its_password(url: str) -> None:
    answer = run_cli(*REGISTER, "--store", url)
    assert (answer.code, answer.out) == (FAILED, "")
    assert "secret" not in answer.err
    assert english_in(answer.err) == []


@pytest.mark.postgres
def test_postgresql_needs_a_key_file_to_be_named(postgres_url: str) -> None:
    answer = run_cli(*REGISTER, "--store", postgres_url)
    assert answer.code == FAILED
    assert "BRUGERBOG_MASTER_KEY_FILE" in answer.err
    assert "er ikke tomt" not in answer.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("BRUGERBOG_ALLOW_FICTITIOUS_CVR", "banana"), ("BRUGERBOG_MASTER_KEY_FILE", "/dev/null/x")],
)
def test_nonsense_in_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert run_cli(*REGISTER).code == FAILED


def test_fictitious_cvr_numbers_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRUGERBOG_ALLOW_FICTITIOUS_CVR", "false")
    assert run_cli(*REGISTER, "--json").error["code"] == "cvr_check_digit_wrong"


@pytest.mark.parametrize(("cvr", "name"), [("1", "Firma"), ("90000001", " "), ("90000001", "a\nb")])
def test_a_refused_registration_leaves_no_store_behind(own_folder: Path, cvr: str, name: str) -> None:
    assert run_cli("organisation", "register", "--cvr", cvr, "--name", name).code == FAILED
    assert list(own_folder.iterdir()) == []


@pytest.mark.usefixtures("cli")
@pytest.mark.parametrize("mode", [0o000, 0o500])
def test_a_folder_that_may_not_be_written_is_refused(own_folder: Path, mode: int) -> None:
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("nothing here can take root's right to write everywhere")
    locked = own_folder / "locked"
    locked.mkdir()
    for path in own_folder.glob("store.*"):
        shutil.copy(path, locked)
    locked.chmod(mode)
    try:
        for command, store in ((("users", "list"), "store"), (REGISTER, "new")):
            done = _as_anybody(*command, "--store", f"sqlite:///{locked / store}.db")
            assert done.returncode == FAILED
            assert done.stderr.startswith("Fejl: Lageret kan ikke åbnes.")
            assert "Traceback" not in done.stderr
    finally:
        locked.chmod(0o700)


def _as_anybody(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script without root's permission to write everywhere."""
    humble = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    return subprocess.run([*humble, SCRIPT, *arguments], capture_output=True, text=True, check=False)
