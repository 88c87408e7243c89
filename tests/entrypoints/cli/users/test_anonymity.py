"""Becoming anonymous: what a user asks for himself, and what an administrator answers."""

from __future__ import annotations

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, NOBODY, USAGE
from tests.entrypoints.cli.store_cli import CPR, Office
from tests.entrypoints.cli.outbox_folder import Post

REASON = "Kunderne skal kunne se dit navn"


@pytest.fixture
def anne(office: Office) -> str:
    """Anne, who may read the post."""
    office.ask("users", "grant-rights", office.ids["anne"], "post")
    return office.ids["anne"]


def ask_as(office: Office, user_id: str) -> None:
    office.ask("me", "request-anonymity", "--accept-losing-rights", "--as", user_id)


def test_who_has_not_accepted_is_told_what_he_would_lose(office: Office, anne: str) -> None:
    request = ("me", "request-anonymity", "--as", anne)
    told = office(*request)
    assert told.code == FAILED
    assert "Læse Digital Post" in told.out
    assert told.err.startswith("Fejl: Når du bliver anonym, bliver dine rettigheder ikke overført")
    answer = office(*request, "--json")
    assert answer.code == FAILED
    assert [one["id"] for one in answer.document["rights"]] == ["post"]
    assert answer.document["error"]["code"] == "loss_of_rights_not_accepted"
    assert office.ask("notices", "list") == {"notices": []}


def test_a_request_waits_for_an_administrator(office: Office, anne: str) -> None:
    assert office("notices", "list").err == "Ingen notifikationer.\n"
    answer = office("me", "request-anonymity", "--accept-losing-rights", "--as", anne)
    assert (answer.code, answer.out) == (DONE, f"{anne}\n")
    (notice,) = office.ask("notices", "list")["notices"]
    assert notice.keys() == {"user_id", "first_name", "surname", "asked_at"}
    assert notice["user_id"] == anne
    assert "Anne Hansen" in office("notices", "list").out
    assert office.ask("users", "show", anne)["asks_for_anonymity"]
    assert "ønsker at være anonym" in office("users", "show", anne).out


def test_approving_makes_a_new_user_and_tells_his_id(office: Office, anne: str) -> None:
    ask_as(office, anne)
    new = office.ask("users", "approve-anonymity", anne)
    assert new["id"] != anne
    assert (new["anonymous"], new["rights"], new["code"]) == (True, [], None)
    shown = office.ask("users", "show", new["id"])
    assert shown["replaces"] == anne
    assert anne in office("users", "show", new["id"]).out
    assert office.ask("users", "show", anne)["status"] == "deleted"


def test_approving_shows_the_code_of_whom_no_cpr_number_is_known(office: Office) -> None:
    office.ask("users", "activate", office.ids["øjvind"])
    ask_as(office, office.ids["øjvind"])
    answer = office("users", "approve-anonymity", office.ids["øjvind"])
    new_id, code = answer.out.splitlines()
    assert new_id != office.ids["øjvind"]
    assert code not in answer.err
    assert f"Den tidligere bruger {office.ids['øjvind']} er slettet." in answer.err


def test_whom_an_anonymous_user_replaced_is_told_to_those_who_may_know(office: Office, anne: str) -> None:
    ask_as(office, anne)
    new = office.ask("users", "approve-anonymity", anne)["id"]
    office.ask("users", "activate", office.ids["øjvind"])
    office.ask("users", "give-role", office.ids["øjvind"], "rights_administrator")
    assert office.ask("users", "show", new, "--as", office.ids["øjvind"])["replaces"] is None


@pytest.mark.parametrize("stdin", [None, f"{REASON}\n"])
def test_declining_tells_the_user_why_and_nobody_else(
    office: Office, post: Post, anne: str, stdin: str | None
) -> None:
    ask_as(office, anne)
    how = ("--reason", REASON) if stdin is None else ("--reason-stdin",)
    answer = office("users", "decline-anonymity", anne, *how, stdin=stdin or "")
    assert (answer.code, answer.out) == (DONE, f"{anne}\n")
    assert REASON not in answer.err
    post.deliver()
    assert REASON in post.text_to("anne@firma.test")
    assert office.ask("notices", "list") == {"notices": []}


def test_a_reason_is_needed(office: Office, anne: str) -> None:
    ask_as(office, anne)
    assert office("users", "decline-anonymity", anne).code == USAGE
    blank = office("users", "decline-anonymity", anne, "--reason", " ", "--json")
    assert blank.error["code"] == "reason_missing"


@pytest.mark.parametrize("name", ["approve-anonymity", "decline-anonymity"])
def test_what_nobody_asked_for_is_refused(office: Office, anne: str, name: str) -> None:
    more = ("--reason", "a") if name.startswith("decline") else ()
    assert office("users", name, anne, *more, "--json").error["code"] == "no_anonymity_request"


def test_a_repeat_gives_the_first_answer_without_the_code(office: Office) -> None:
    office.ask("users", "activate", office.ids["øjvind"])
    ask_as(office, office.ids["øjvind"])
    approve = ("users", "approve-anonymity", office.ids["øjvind"], "--command-id", NOBODY)
    first, second = office.ask(*approve), office.ask(*approve)
    assert first["id"] == second["id"]
    assert (second["code"], second["code_already_shown"]) == (None, True)


def test_a_user_sees_himself_without_any_role(office: Office, anne: str) -> None:
    myself = office.ask("me", "show", "--as", anne)
    assert (myself["id"], myself["roles"], myself["rights"]) == (anne, [], ["post"])
    assert "Læse Digital Post" in office("me", "show", "--as", anne).out
    assert office("users", "show", anne, "--as", anne, "--json").error["code"] == "not_allowed"


def test_there_is_no_consent_to_withdraw_before_it_was_given(office: Office, post: Post, anne: str) -> None:
    withdraw = ("me", "withdraw-consent", "--as", anne)
    assert office(*withdraw, "--json").error["code"] == "no_consent_given"
    office.ask("users", "assign-means", anne, "private")
    link = post.link_to("anne@firma.test")
    born = ("--date-of-birth", "1961-09-07")
    refused = office("self-service", "confirm-identity", "--pretend", *born, "--json", stdin=link)
    assert refused.error["code"] == "identity_does_not_match"
    office.ask("self-service", "confirm-identity", "--pretend", stdin=f"{link}\n{CPR}\n")
    office.ask("self-service", "take-means", "private", "--consent", stdin=link)
    answer = office(*withdraw)
    assert (answer.code, "trukket tilbage" in answer.err) == (DONE, True)
    assert office.ask("me", "show", "--as", anne)["active_means"] == []
