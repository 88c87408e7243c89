"""`brugerbog demo`, in folders where it should and shouldn't play."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.entrypoints.cli.calling import DONE, Answer, call

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Answer, Path]:
    folder = tmp_path_factory.mktemp("demo") / "prøve og leg"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BRUGERBOG_MASTER_KEY_FILE", raising=False)
        return call("demo", "--folder", str(folder)), folder


def test_every_step_goes_as_it_should(played: tuple[Answer, Path]) -> None:
    answer, _ = played
    assert answer.code == DONE
    assert "Fejl" not in answer.out + answer.err


def test_the_result_is_a_store_to_go_on_with(played: tuple[Answer, Path]) -> None:
    url = f"sqlite:///{played[1] / 'demo.db'}"
    assert url in played[0].out
    assert call("projections", "verify", "--store", url).code == DONE


def test_no_cpr_number_is_shown(played: tuple[Answer, Path]) -> None:
    rows = (EXAMPLES / "brugere.csv").read_text("cp1252").splitlines()[1:]
    cprs = [row.split(";")[4] for row in rows]
    assert [cpr for cpr in cprs if cpr and cpr in played[0].out + played[0].err] == []


def test_it_can_be_played_again_in_its_folder(played: tuple[Answer, Path]) -> None:
    assert call("demo", "--folder", str(played[1])).code == DONE


def test_a_store_that_it_did_not_make_is_left_alone(own_folder: Path) -> None:
    call("organisation", "register", "--cvr", "90000001", "--name", "Real people")
    before = {path.name: path.read_bytes() for path in own_folder.iterdir()}
    assert call("demo", "--folder", ".").code != DONE
    assert {path.name: path.read_bytes() for path in own_folder.iterdir()} == before


def test_a_folder_that_cannot_be_made_is_said(own_folder: Path) -> None:
    (own_folder / "file").touch()
    assert call("demo", "--folder", "file/demo").code != DONE
