"""`brugerbog keys`: status and rotation, without showing any key."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, UNKNOWN_ID, USAGE, english_in
from tests.entrypoints.cli.store_cli import StoreCli

STATUS = {"place", "masters", "index", "tokens", "signing"}
MASTER = {"id", "at_place", "wraps", "wrapped"}
SIGNING = {"public_key", "since_size", "retired_at_size"}
ROTATED = {"master", "retired", "rewrapped", "went_on", "left_at_place"}
ROTATIONS = [("keys", "rotate", what) for what in ("master", "index", "tokens", "signing")]


def key_of(folder: Path) -> str:
    return (folder / "store.master.key").read_text().strip()


def test_the_status_of_the_keys(cli: StoreCli, own_folder: Path) -> None:
    status = cli.run_json("keys", "status")
    assert status.keys() == STATUS
    assert status["place"] == str(own_folder / "store.master.key")
    (master,), (signing,) = status["masters"], status["signing"]
    assert (master.keys(), signing.keys()) == (MASTER, SIGNING)
    assert (master["at_place"], master["wraps"], master["wrapped"]) == (True, True, 4 + 4)
    assert (signing["since_size"], signing["retired_at_size"]) == (0, None)
    assert len(base64.b64decode(signing["public_key"])) == 32


def test_the_status_is_a_table_for_people(cli: StoreCli) -> None:
    answer, document = cli("keys", "status"), cli.run_json("keys", "status")
    assert answer.code == DONE
    assert document["place"] in answer.err
    for key_id in (document["masters"][0]["id"], document["index"], document["signing"][0]["public_key"]):
        assert key_id in answer.out


def test_changing_the_master_key(cli: StoreCli, own_folder: Path) -> None:
    before, (known,) = key_of(own_folder), cli.run_json("keys", "status")["masters"]
    done = cli.run_json("keys", "rotate", "master")
    assert done.keys() == ROTATED
    assert done["retired"] == [known["id"]]
    assert (done["rewrapped"], done["went_on"], done["left_at_place"]) == (8, False, False)
    assert key_of(own_folder) != before
    assert [one["id"] for one in cli.run_json("keys", "status")["masters"]] == [done["master"]]
    assert len(cli.run_json("users", "list")["users"]) == 4


def test_keeping_the_old_master_key(cli: StoreCli, own_folder: Path) -> None:
    before = key_of(own_folder)
    assert cli.run_json("keys", "rotate", "master", "--keep-old")["left_at_place"] is True
    assert key_of(own_folder).splitlines()[1:] == [before]
    assert "Fjern den" in cli("keys", "rotate", "master", "--keep-old").err
    assert cli.run_json("keys", "rotate", "master")["went_on"] is True


def test_changing_the_key_of_the_claims(cli: StoreCli) -> None:
    before = cli.run_json("keys", "status")["index"]
    done = cli.run_json("keys", "rotate", "index")
    assert (done.keys(), done["claims"]) == ({"index", "claims"}, 4 + 1)
    assert before != done["index"] == cli.run_json("keys", "status")["index"]
    assert cli.run_json("organisation", "show")["cvr"] == "90000001"


def test_changing_the_key_that_signs(cli: StoreCli) -> None:
    (before,) = cli.run_json("keys", "status")["signing"]
    done = cli.run_json("keys", "rotate", "signing")
    assert done["retired"] == before["public_key"]
    current, retired = cli.run_json("keys", "status")["signing"]
    assert (current["public_key"], current["retired_at_size"]) == (done["public_key"], None)
    assert (retired["public_key"], retired["retired_at_size"]) == (done["retired"], current["since_size"])


@pytest.mark.parametrize("rotation", ROTATIONS, ids=" ".join)
def test_the_message_of_a_change_is_danish_and_its_data_the_id(
    cli: StoreCli, rotation: tuple[str, ...]
) -> None:
    answer = cli(*rotation)
    assert answer.code == DONE
    assert english_in(answer.err) == []
    (line,) = answer.out.splitlines()
    assert line in str(cli.run_json("keys", "status"))


@pytest.mark.parametrize("command", [("keys", "status"), *ROTATIONS], ids=" ".join)
def test_only_the_operator_has_to_do_with_keys(cli: StoreCli, command: tuple[str, ...]) -> None:
    for who in (UNKNOWN_ID, cli.ids["anne"]):
        answer = cli(*command, "--as", who, "--json")
        assert (answer.code, answer.error["code"]) == (FAILED, "not_allowed")


@pytest.mark.parametrize("command", [("keys", "status"), *ROTATIONS], ids=" ".join)
def test_no_key_is_ever_shown(cli: StoreCli, own_folder: Path, command: tuple[str, ...]) -> None:
    keys = {key_of(own_folder)}
    results = [cli(*command, *more) for more in ((), ("--json",))]
    keys.add(key_of(own_folder))
    for answer in results:
        assert not any(key in answer.out + answer.err for key in keys)
        assert not any(base64.b64decode(key).hex() in answer.out + answer.err for key in keys)


def test_a_key_file_that_others_can_read_is_refused(cli: StoreCli, own_folder: Path) -> None:
    (own_folder / "store.master.key").chmod(0o640)
    answer = cli("users", "list", "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "master_key_not_private")
    assert f"chmod 600 {own_folder / 'store.master.key'}" in answer.error["message"]


def test_a_master_key_of_zeros_is_refused(cli: StoreCli, own_folder: Path) -> None:
    (own_folder / "store.master.key").write_text(base64.b64encode(bytes(32)).decode())
    assert cli("users", "list", "--json").error["code"] == "master_key_is_default"


def test_a_key_in_the_environment_is_the_operators_to_change(
    cli: StoreCli, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY", key_of(own_folder))
    assert cli.run_json("keys", "status")["place"] == "BRUGERBOG_MASTER_KEY"
    answer = cli("keys", "rotate", "master")
    assert answer.code == FAILED
    assert "BRUGERBOG_MASTER_KEY" in answer.err
    assert english_in(answer.err.replace("openssl", "")) == []


def test_rotate_alone_is_a_usage_error(cli: StoreCli) -> None:
    assert cli("keys", "rotate").code == USAGE
