"""Sending imported users to activation, singly and many at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, SOME_REFUSED, UNKNOWN_ID
from tests.entrypoints.cli.outbox_folder import OutboxFolder
from tests.entrypoints.cli.store_cli import StoreCli, csv_file
from tests.people import made_up_cpr

MANY = ("users", "send-many-to-activation")


@pytest.fixture
def waiting(cli: StoreCli, own_folder: Path) -> list[str]:
    """Two imported users with CPR numbers, beside Åse, who has none."""
    cprs = [made_up_cpr(date(1970, 5, 4), serial) for serial in range(2)]
    rows = [f"C;;Nr{n};Sen;{cpr};;n{n}@firma.test;;;;3;;;;" for n, cpr in enumerate(cprs)]
    cli.run_json("import", csv_file(own_folder / "two.csv", *rows))
    return [one["id"] for one in cli.run_json("users", "list", "--imported", "--search", "Sen")["users"]]


def test_one_without_cpr_number_is_sent_with_a_code(cli: StoreCli, outbox: OutboxFolder) -> None:
    answer = cli("users", "send-to-activation", cli.ids["åse"], "--means", "app")
    user_id, code = answer.out.splitlines()
    assert (user_id, len(code)) == (cli.ids["åse"], len("XXXX-XXXX-XXXX"))
    assert answer.err.startswith("Åse Bæk er sendt til aktivering. Status: Afventer aktivering.\n")
    assert cli.run_json("users", "show", user_id)["means"] == ["app"]
    assert "/aktivering/" in outbox.link_to("aase@firma.test")


def test_one_with_a_cpr_number_is_sent_without_a_code(cli: StoreCli, waiting: list[str]) -> None:
    user = cli.run_json("users", "send-to-activation", waiting[0])
    assert (user["status"], user["code"]) == ("pending", None)


@pytest.mark.parametrize("whom", ["all", "named"])
def test_a_dry_run_previews_the_exact_outcome(cli: StoreCli, waiting: list[str], whom: str) -> None:
    named = [*waiting, cli.ids["åse"], cli.ids["anne"], waiting[0]]
    arguments = (*MANY, *(["--all"] if whom == "all" else named), "--means", "code_display=2", "--json")
    before = cli.run_json("users", "list")
    planned = cli(*arguments, "--dry-run")
    assert cli.run_json("users", "list") == before
    done = cli(*arguments)
    assert planned.code == done.code == SOME_REFUSED
    assert planned.document == done.document | {"new_means": {"code_display": 4}, "cost": 4 * 3350}
    assert done.document == {
        "sent": waiting,
        "without_cpr": [cli.ids["åse"]],
        "not_waiting": [] if whom == "all" else [cli.ids["anne"]],
    }
    assert [cli.run_json("users", "show", one)["status"] for one in waiting] == ["pending", "pending"]


def test_the_message_has_the_price_and_the_users_left_out(cli: StoreCli, waiting: list[str]) -> None:
    arguments = (*MANY, *waiting, cli.ids["åse"], cli.ids["anne"], "--means", "code_display")
    planned = cli(*arguments, "--dry-run")
    assert "Prøvekørsel, intet er ændret: 4 brugere · 2 får en aktiveringsmail" in planned.out
    assert "kodeviser (2) · højst 67,00 kr. ekskl. moms" in planned.out
    done = cli(*arguments)
    assert "Sendt til aktivering: 4 brugere · 2 får en aktiveringsmail" in done.out
    for output in (planned.out, done.out):
        assert "Åse Bæk" in output
        assert "Send brugeren enkeltvis." in output
        assert "Venter ikke under Importerede brugere." in output


def test_sending_every_chosen_user_succeeds(cli: StoreCli, waiting: list[str]) -> None:
    assert cli(*MANY, *waiting).code == DONE


def test_sending_all_without_imported_users_succeeds(cli: StoreCli) -> None:
    cli.run_json("users", "delete", cli.ids["åse"], "--yes")
    answer = cli(*MANY, "--all", "--json")
    assert (answer.code, answer.document["sent"]) == (DONE, [])


def test_a_repeat_gives_the_first_answer(cli: StoreCli, waiting: list[str]) -> None:
    first, second = (cli(*MANY, *waiting, "--command-id", UNKNOWN_ID, "--json") for _ in range(2))
    assert first == second
    assert first.document["sent"] == waiting


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_means_that_are_not_offered_send_no_user(
    cli: StoreCli, waiting: list[str], more: tuple[str, ...]
) -> None:
    answer = cli(*MANY, *waiting, "--means", "chip", *more, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "means_not_offered")
    assert len(cli.run_json("users", "list", "--imported")["users"]) == 3
