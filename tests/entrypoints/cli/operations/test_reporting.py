"""Creation of the views for reporting tools on the command line."""

from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import run_cli
from tests.entrypoints.cli.store_cli import StoreCli
from tests.infrastructure.database.reporting_store import NAMES_READER, READER
from tests.infrastructure.database.roles import drop_roles, run_script


def test_the_views_are_made_once_there_is_room_for_them_and_again_after_an_upgrade(
    postgres_url: str, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_STORE", postgres_url)
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(own_folder / "master.key"))
    run_cli("organisation", "register", "--cvr", "90000001", "--name", "Firma")

    early = run_cli("store", "reporting", "--json")
    assert (early.code, early.error["code"]) == (1, "reporting_not_set_up")

    run_script(postgres_url, "postgresql-reporting.sql")
    try:
        result = run_cli("store", "reporting")
        assert (result.code, result.out) == (0, "")
        assert "docs/reporting.md" in result.err
        assert run_cli("store", "reporting", "--json").document == {"schema": "reporting"}
    finally:
        drop_roles(postgres_url, [READER, NAMES_READER])


def test_on_sqlite_the_answer_explains_how_to_get_reports(cli: StoreCli) -> None:
    answer = run_cli("store", "reporting", "--store", cli.url)

    assert answer.code == 1
    assert "brugerbog report" in answer.err


def test_no_user_may_make_them(cli: StoreCli) -> None:
    answer = run_cli("store", "reporting", "--store", cli.url, "--as", cli.ids["anne"], "--json")
    assert (answer.code, answer.error["code"]) == (1, "not_allowed")
