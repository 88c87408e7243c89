"""`brugerbog demo --terminal`, in suitable and unsuitable folders."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, CliResult, run_cli

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[CliResult, Path]:
    folder = tmp_path_factory.mktemp("demo") / "prøve og leg"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BRUGERBOG_MASTER_KEY_FILE", raising=False)
        return run_cli("demo", "--terminal", "--folder", str(folder)), folder


def test_every_step_succeeds(played: tuple[CliResult, Path]) -> None:
    answer, _ = played
    assert answer.code == DONE
    assert "Not as expected" not in answer.err
    assert [line for line in answer.err.splitlines() if "Fejl" in line] == [
        "Fejl: Koden er forkert. Prøv igen; forsøg tilbage, før den spærres: 2."
    ]


def test_people_activate_themselves_by_link_and_by_code(played: tuple[CliResult, Path]) -> None:
    answer, folder = played
    store = ("--store", f"sqlite:///{folder / 'demo.db'}")
    found = {}
    for name in ("Åse Bæk", "Øjvind Skov"):
        (user,) = run_cli("users", "list", "--search", name, "--json", *store).document["users"]
        found[name] = (user["status"], user["active_means"], user["ordered_means"])
    assert found == {
        "Åse Bæk": ("active", ["private"], []),
        "Øjvind Skov": ("deactivated", ["app"], ["code_display"]),
    }
    assert "  │ Kære Åse Bæk" in answer.out
    assert "ingen MitID-broker er spurgt" in answer.err


def test_the_log_is_taken_away_and_found_sound(played: tuple[CliResult, Path]) -> None:
    answer, folder = played
    assert "Alt er i orden." in answer.out
    assert sorted(path.name for path in (folder / "demo.export").iterdir()) == [
        *("checkpoint", "events.jsonl", "key.pub", "leaves", "manifest"),
    ]


def test_the_outbox_folder_is_readable_by_its_owner_only(
    played: tuple[CliResult, Path],
) -> None:
    outbox = played[1] / "outbox"
    assert stat.S_IMODE(outbox.stat().st_mode) == 0o700
    assert {stat.S_IMODE(letter.stat().st_mode) for letter in outbox.iterdir()} == {0o600}
    assert len(list(outbox.glob("*.eml"))) > 2


def test_the_result_is_a_store_to_go_on_with(played: tuple[CliResult, Path]) -> None:
    url = f"sqlite:///{played[1] / 'demo.db'}"
    assert url in played[0].out
    assert run_cli("projections", "verify", "--store", url).code == DONE


def test_no_cpr_number_is_shown(played: tuple[CliResult, Path]) -> None:
    rows = (EXAMPLES / "brugere.csv").read_text("cp1252").splitlines()[1:]
    cprs = ["0709611111", *(row.split(";")[4] for row in rows)]
    assert [cpr for cpr in cprs if cpr and cpr in played[0].out + played[0].err] == []


def test_it_can_be_repeated_and_leaves_foreign_files_unchanged(
    played: tuple[CliResult, Path],
) -> None:
    outbox = played[1] / "outbox"
    before = set(outbox.iterdir())
    (outbox / "mine.eml").write_text("mine")
    (played[1] / "mine.txt").write_text("mine")
    assert run_cli("demo", "--terminal", "--folder", str(played[1])).code == DONE
    assert (outbox / "mine.eml").read_text() == (played[1] / "mine.txt").read_text() == "mine"
    assert not before & set(outbox.iterdir())


def test_the_real_installation_is_neither_used_nor_forgotten(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = {
        "BRUGERBOG_STORE": f"sqlite:///{own_folder / 'real.db'}",
        "BRUGERBOG_MASTER_KEY_FILE": str(own_folder / "real.key"),
        "BRUGERBOG_SMTP_URL": "smtp://127.0.0.1:1",
        "BRUGERBOG_ALLOW_FICTITIOUS_CVR": "false",
    }
    for name, value in real.items():
        monkeypatch.setenv(name, value)
    assert run_cli("demo", "--terminal", "--folder", "demo").code == DONE
    assert {path.name for path in own_folder.iterdir()} == {"demo"}
    assert {name: value for name, value in os.environ.items() if name in real} == real
    assert "BRUGERBOG_OUTBOX" not in os.environ


def test_a_store_that_it_did_not_make_is_left_alone(own_folder: Path) -> None:
    run_cli("organisation", "register", "--cvr", "90000001", "--name", "Real people")
    before = {path.name: path.read_bytes() for path in own_folder.iterdir()}
    assert run_cli("demo", "--terminal", "--folder", ".").code != DONE
    assert {path.name: path.read_bytes() for path in own_folder.iterdir()} == before


def test_a_folder_that_cannot_be_created_is_reported(own_folder: Path) -> None:
    (own_folder / "file").touch()
    assert run_cli("demo", "--terminal", "--folder", "file/demo").code != DONE
