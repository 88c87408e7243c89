"""Sending imported users to activation, one by one and many at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, NOBODY, SOME_REFUSED
from tests.entrypoints.cli.store_cli import Office, csv_file
from tests.entrypoints.cli.outbox_folder import Post
from tests.people import made_up_cpr

MANY = ("users", "send-many-to-activation")


@pytest.fixture
def waiting(office: Office, own_folder: Path) -> list[str]:
    """Two who wait with CPR numbers, beside Åse, who waits without."""
    cprs = [made_up_cpr(date(1970, 5, 4), serial) for serial in range(2)]
    rows = [f"C;;Nr{n};Sen;{cpr};;n{n}@firma.test;;;;3;;;;" for n, cpr in enumerate(cprs)]
    office.ask("import", csv_file(own_folder / "two.csv", *rows))
    return [one["id"] for one in office.ask("users", "list", "--imported", "--search", "Sen")["users"]]


def test_one_without_cpr_number_is_sent_with_a_code(office: Office, post: Post) -> None:
    answer = office("users", "send-to-activation", office.ids["åse"], "--means", "app")
    user_id, code = answer.out.splitlines()
    assert (user_id, len(code)) == (office.ids["åse"], len("XXXX-XXXX-XXXX"))
    assert answer.err.startswith("Åse Bæk er sendt til aktivering. Status: Afventer aktivering.\n")
    assert office.ask("users", "show", user_id)["means"] == ["app"]
    assert "/aktivering/" in post.link_to("aase@firma.test")


def test_one_with_a_cpr_number_is_sent_without_a_code(office: Office, waiting: list[str]) -> None:
    user = office.ask("users", "send-to-activation", waiting[0])
    assert (user["status"], user["code"]) == ("pending", None)


@pytest.mark.parametrize("whom", ["all", "named"])
def test_a_dry_run_tells_exactly_what_then_comes_of_it(office: Office, waiting: list[str], whom: str) -> None:
    named = [*waiting, office.ids["åse"], office.ids["anne"], waiting[0]]
    arguments = (*MANY, *(["--all"] if whom == "all" else named), "--means", "code_display=2", "--json")
    before = office.ask("users", "list")
    planned = office(*arguments, "--dry-run")
    assert office.ask("users", "list") == before
    done = office(*arguments)
    assert planned.code == done.code == SOME_REFUSED
    assert planned.document == done.document | {"new_means": {"code_display": 4}, "cost": 4 * 3350}
    assert done.document == {
        "sent": waiting,
        "without_cpr": [office.ids["åse"]],
        "not_waiting": [] if whom == "all" else [office.ids["anne"]],
    }
    assert [office.ask("users", "show", one)["status"] for one in waiting] == ["pending", "pending"]


def test_people_are_told_the_price_and_who_is_left_out(office: Office, waiting: list[str]) -> None:
    arguments = (*MANY, *waiting, office.ids["åse"], office.ids["anne"], "--means", "code_display")
    planned = office(*arguments, "--dry-run")
    assert "Prøvekørsel, intet er ændret: 4 brugere · 2 får en aktiveringsmail" in planned.out
    assert "kodeviser (2) · højst 67,00 kr. ekskl. moms" in planned.out
    done = office(*arguments)
    assert "Sendt til aktivering: 4 brugere · 2 får en aktiveringsmail" in done.out
    for shown in (planned.out, done.out):
        assert "Åse Bæk" in shown
        assert "Send brugeren enkeltvis." in shown
        assert "Venter ikke under Importerede brugere." in shown


def test_nobody_left_out_is_done(office: Office, waiting: list[str]) -> None:
    assert office(*MANY, *waiting).code == DONE


def test_all_of_nobody_is_done(office: Office) -> None:
    office.ask("users", "delete", office.ids["åse"], "--yes")
    answer = office(*MANY, "--all", "--json")
    assert (answer.code, answer.document["sent"]) == (DONE, [])


def test_a_repeat_gives_the_first_answer(office: Office, waiting: list[str]) -> None:
    first, second = (office(*MANY, *waiting, "--command-id", NOBODY, "--json") for _ in range(2))
    assert first == second
    assert first.document["sent"] == waiting


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_means_that_are_not_offered_send_nobody(
    office: Office, waiting: list[str], more: tuple[str, ...]
) -> None:
    answer = office(*MANY, *waiting, "--means", "chip", *more, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "means_not_offered")
    assert len(office.ask("users", "list", "--imported")["users"]) == 3
