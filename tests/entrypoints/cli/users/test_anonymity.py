"""Anonymity: a user's request, and an administrator's answer."""

from __future__ import annotations

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, UNKNOWN_ID, USAGE
from tests.entrypoints.cli.outbox_folder import OutboxFolder
from tests.entrypoints.cli.store_cli import CPR, StoreCli

REASON = "Kunderne skal kunne se dit navn"


@pytest.fixture
def anne(cli: StoreCli) -> str:
    """Anne, who has the right `post`."""
    cli.run_json("users", "grant-rights", cli.ids["anne"], "post")
    return cli.ids["anne"]


def ask_as(cli: StoreCli, user_id: str) -> None:
    cli.run_json("me", "request-anonymity", "--accept-losing-rights", "--as", user_id)


def test_without_acceptance_the_rights_to_be_lost_are_listed(cli: StoreCli, anne: str) -> None:
    request = ("me", "request-anonymity", "--as", anne)
    result = cli(*request)
    assert result.code == FAILED
    assert "Læse Digital Post" in result.out
    assert result.err.startswith("Fejl: Når du bliver anonym, bliver dine rettigheder ikke overført")
    answer = cli(*request, "--json")
    assert answer.code == FAILED
    assert [one["id"] for one in answer.document["rights"]] == ["post"]
    assert answer.document["error"]["code"] == "loss_of_rights_not_accepted"
    assert cli.run_json("notices", "list") == {"notices": []}


def test_a_request_waits_for_an_administrator(cli: StoreCli, anne: str) -> None:
    assert cli("notices", "list").err == "Ingen notifikationer.\n"
    answer = cli("me", "request-anonymity", "--accept-losing-rights", "--as", anne)
    assert (answer.code, answer.out) == (DONE, f"{anne}\n")
    (notice,) = cli.run_json("notices", "list")["notices"]
    assert notice.keys() == {"user_id", "first_name", "surname", "asked_at"}
    assert notice["user_id"] == anne
    assert "Anne Hansen" in cli("notices", "list").out
    assert cli.run_json("users", "show", anne)["asks_for_anonymity"]
    assert "ønsker at være anonym" in cli("users", "show", anne).out


def test_approving_creates_a_new_user_and_prints_the_id(cli: StoreCli, anne: str) -> None:
    ask_as(cli, anne)
    new = cli.run_json("users", "approve-anonymity", anne)
    assert new["id"] != anne
    assert (new["anonymous"], new["rights"], new["code"]) == (True, [], None)
    user = cli.run_json("users", "show", new["id"])
    assert user["replaces"] == anne
    assert anne in cli("users", "show", new["id"]).out
    assert cli.run_json("users", "show", anne)["status"] == "deleted"


def test_approving_shows_the_code_of_whom_no_cpr_number_is_known(cli: StoreCli) -> None:
    cli.run_json("users", "activate", cli.ids["øjvind"])
    ask_as(cli, cli.ids["øjvind"])
    answer = cli("users", "approve-anonymity", cli.ids["øjvind"])
    new_id, code = answer.out.splitlines()
    assert new_id != cli.ids["øjvind"]
    assert code not in answer.err
    assert f"Den tidligere bruger {cli.ids['øjvind']} er slettet." in answer.err


def test_the_replaced_user_is_shown_only_with_the_permission(cli: StoreCli, anne: str) -> None:
    ask_as(cli, anne)
    new = cli.run_json("users", "approve-anonymity", anne)["id"]
    cli.run_json("users", "activate", cli.ids["øjvind"])
    cli.run_json("users", "give-role", cli.ids["øjvind"], "rights_administrator")
    assert cli.run_json("users", "show", new, "--as", cli.ids["øjvind"])["replaces"] is None


@pytest.mark.parametrize("stdin", [None, f"{REASON}\n"])
def test_declining_mails_the_reason_to_the_user_only(
    cli: StoreCli, outbox: OutboxFolder, anne: str, stdin: str | None
) -> None:
    ask_as(cli, anne)
    how = ("--reason", REASON) if stdin is None else ("--reason-stdin",)
    answer = cli("users", "decline-anonymity", anne, *how, stdin=stdin or "")
    assert (answer.code, answer.out) == (DONE, f"{anne}\n")
    assert REASON not in answer.err
    outbox.run_worker()
    assert REASON in outbox.text_to("anne@firma.test")
    assert cli.run_json("notices", "list") == {"notices": []}


def test_a_reason_is_needed(cli: StoreCli, anne: str) -> None:
    ask_as(cli, anne)
    assert cli("users", "decline-anonymity", anne).code == USAGE
    blank = cli("users", "decline-anonymity", anne, "--reason", " ", "--json")
    assert blank.error["code"] == "reason_missing"


@pytest.mark.parametrize("name", ["approve-anonymity", "decline-anonymity"])
def test_an_unknown_parameter_is_refused(cli: StoreCli, anne: str, name: str) -> None:
    more = ("--reason", "a") if name.startswith("decline") else ()
    assert cli("users", name, anne, *more, "--json").error["code"] == "no_anonymity_request"


def test_a_repeat_gives_the_first_answer_without_the_code(cli: StoreCli) -> None:
    cli.run_json("users", "activate", cli.ids["øjvind"])
    ask_as(cli, cli.ids["øjvind"])
    approve = ("users", "approve-anonymity", cli.ids["øjvind"], "--command-id", UNKNOWN_ID)
    first, second = cli.run_json(*approve), cli.run_json(*approve)
    assert first["id"] == second["id"]
    assert (second["code"], second["code_already_shown"]) == (None, True)


def test_a_user_without_a_role_sees_their_own_data(cli: StoreCli, anne: str) -> None:
    myself = cli.run_json("me", "show", "--as", anne)
    assert (myself["id"], myself["roles"], myself["rights"]) == (anne, [], ["post"])
    assert "Læse Digital Post" in cli("me", "show", "--as", anne).out
    assert cli("users", "show", anne, "--as", anne, "--json").error["code"] == "not_allowed"


def test_there_is_no_consent_to_withdraw_before_it_was_given(
    cli: StoreCli, outbox: OutboxFolder, anne: str
) -> None:
    withdraw = ("me", "withdraw-consent", "--as", anne)
    assert cli(*withdraw, "--json").error["code"] == "no_consent_given"
    cli.run_json("users", "assign-means", anne, "private")
    link = outbox.link_to("anne@firma.test")
    born = ("--date-of-birth", "1961-09-07")
    refused = cli("self-service", "confirm-identity", "--pretend", *born, "--json", stdin=link)
    assert refused.error["code"] == "identity_does_not_match"
    cli.run_json("self-service", "confirm-identity", "--pretend", stdin=f"{link}\n{CPR}\n")
    cli.run_json("self-service", "take-means", "private", "--consent", stdin=link)
    answer = cli(*withdraw)
    assert (answer.code, "trukket tilbage" in answer.err) == (DONE, True)
    assert cli.run_json("me", "show", "--as", anne)["active_means"] == []
