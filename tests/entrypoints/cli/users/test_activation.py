"""Activation by link and by code, from the administrator's call to the user's last one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, NOBODY, USAGE, Answer
from tests.entrypoints.cli.store_cli import CPR, Office
from tests.entrypoints.cli.outbox_folder import Post, address_of

CARL = address_of("Carl")
PRETEND = ("self-service", "confirm-identity", "--pretend")
BORN = ("--date-of-birth", "1961-09-07")


def pretend(office: Office, link: str) -> None:
    office.ask(*PRETEND, *BORN, stdin=f"{link}\n")


def status(office: Office, user_id: str) -> str:
    answer: str = office.ask("users", "show", user_id)["status"]
    return answer


def test_a_user_of_whom_the_cpr_number_is_known_activates_himself_by_link(office: Office, post: Post) -> None:
    office.ask("users", "delete", office.ids["anne"], "--yes")
    create = ("users", "create", "--first-name", "Dorte", "--surname", "Ø", "--email", "dorte@firma.test")
    user = office.ask(*create, "--means", "private", "--cpr-stdin", stdin=f"{CPR}\n")
    assert (user["code"], user["code_already_shown"]) == (None, False)
    link = post.link_to("dorte@firma.test")
    opened = office.ask("self-service", "open", stdin=f"{link}\n")
    assert opened["may_take"] == ["private"]
    assert (opened["purpose"], opened["needs_code"], opened["identity_confirmed"]) == (
        "activation",
        False,
        False,
    )
    assert office.ask(*PRETEND, stdin=f"{link}\n{CPR}\n") == {"user_id": user["id"]}
    refused = office("self-service", "activate", "private", "--json", stdin=f"{link}\n")
    assert refused.error["code"] == "consent_missing"
    office.ask("self-service", "activate", "private", "--consent", stdin=f"{link}\n")
    shown = office.ask("users", "show", user["id"])
    assert (shown["status"], shown["active_means"], shown["link_expires_at"]) == ("active", ["private"], None)
    used = office("self-service", "open", "--json", stdin=f"{link}\n")
    assert (used.code, used.error["code"]) == (FAILED, "link_used")


def test_a_user_known_by_birth_date_needs_link_identity_and_code(office: Office, post: Post) -> None:
    user = office.create("Carl", "--means", "app", "--means", "code_display")
    link = post.link_to(CARL)
    activate = ("self-service", "activate", "app", "--json")
    assert office(*activate, stdin=link).error["code"] == "identity_not_confirmed"
    pretend(office, link)
    assert office(*activate, stdin=link).error["code"] == "code_missing"
    office.ask("self-service", "enter-code", stdin=f"{link}\n{user['code'].lower()}\n")
    office.ask("self-service", "order-means", "code_display", stdin=link)
    office.ask("self-service", "activate", "app", stdin=link)
    shown = office.ask("users", "show", user["id"])
    assert (shown["active_means"], shown["ordered_means"]) == (["app"], ["code_display"])
    office.ask("self-service", "open", stdin=post.link_to(CARL))
    office.ask("users", "resend-means-mail", user["id"])
    later = post.link_to(CARL)
    assert "/identifikationsmidler/" in later
    pretend(office, later)
    office.ask("self-service", "take-means", "code_display", stdin=later)
    assert office.ask("users", "show", user["id"])["active_means"] == ["app", "code_display"]


@pytest.mark.usefixtures("post")
def test_the_code_is_shown_once_below_the_id_with_the_guides_words(office: Office, post: Post) -> None:
    create = ("users", "create", "--first-name", "Carl", "--surname", "Ø", "--email", CARL, *BORN)
    answer = office(*create, "--command-id", NOBODY)
    user_id, code = answer.out.splitlines()
    assert "Husk at gemme koden, indtil brugeren har aktiveret sig i MitID Erhverv." in answer.err
    assert "på en sikker måde" in answer.err
    assert code not in answer.err
    again = office(*create, "--command-id", NOBODY)
    assert again.out == f"{user_id}\n"
    assert f"issue-code {user_id}" in again.err
    assert code not in str([office("users", "show", user_id), office("users", "history", user_id)])
    post.deliver()
    assert code not in post.text_to(CARL)


def test_a_new_code_and_a_new_mail_void_the_earlier_ones(office: Office, post: Post) -> None:
    user = office.create("Carl", "--means", "app")
    first = post.link_to(CARL)
    answer = office("users", "issue-code", user["id"])
    new_code = answer.out.splitlines()[1]
    assert "virker ikke længere" in answer.err
    second = post.link_to(CARL)
    assert office("self-service", "open", "--json", stdin=first).error["code"] == "link_voided"
    pretend(office, second)
    wrong = office("self-service", "enter-code", "--json", stdin=f"{second}\n{user['code']}\n")
    assert wrong.error["code"] == "code_wrong"
    office.ask("self-service", "enter-code", stdin=f"{second}\n{new_code}\n")
    resent = office("users", "resend-activation-mail", user["id"])
    assert (resent.code, resent.out) == (DONE, f"{user['id']}\n")
    assert "gensendt" in resent.err
    assert "Det tidligere link virker ikke længere." in resent.err
    assert post.subjects_to(CARL)[-1] != post.subjects_to(CARL)[0]


def test_three_wrong_codes_void_it(office: Office, post: Post) -> None:
    office.create("Carl")
    link = post.link_to(CARL)
    pretend(office, link)
    tries = [office("self-service", "enter-code", "--json", stdin=f"{link}\nno\n") for _ in range(4)]
    assert [one.error["code"] for one in tries] == ["code_wrong", "code_wrong", "code_void", "code_void"]


def test_identity_is_pretended_only_where_that_is_said(office: Office, post: Post) -> None:
    office.create("Carl")
    link = post.link_to(CARL)
    unsaid = office("self-service", "confirm-identity", *BORN, stdin=link)
    assert unsaid.code == USAGE
    assert "--pretend" in unsaid.err
    said = office(*PRETEND, *BORN, stdin=link)
    assert "ingen MitID-broker er spurgt" in said.err


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--date-of-birth", "1970-02-03"), "identity_does_not_match"),
        (("--date-of-birth", "1961-09-07"), "assurance_too_low"),
    ],
)
def test_somebody_else_or_too_weak_a_proof_is_refused(
    office: Office, post: Post, own_folder: Path, more: tuple[str, ...], code: str
) -> None:
    (own_folder / "high.toml").write_text('ial = "high"')
    office.ask("organisation", "settings", "high.toml")
    office.create("Carl", "--target-ial", "high")
    answer = office(*PRETEND, *more, "--json", stdin=post.link_to(CARL))
    assert (answer.code, answer.error["code"]) == (FAILED, code)


def leaks(answer: Answer, *secrets: str) -> list[str]:
    return [one for one in secrets if one in answer.out + answer.err]


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_no_link_code_or_cpr_number_is_repeated(office: Office, post: Post, as_json: tuple[str, ...]) -> None:
    office.create("Carl")
    link = post.link_to(CARL)
    pretend(office, link)
    token, typed = link.rpartition("/")[2], "WRNG-K0DE-1234"
    calls = [
        (("open",), f"{link}\n"),
        (("open",), f"{link}x\n"),
        (("open",), f"{token}\n"),
        (("confirm-identity", "--pretend"), f"{link}\n{CPR}\n"),
        (("confirm-identity", "--pretend"), f"{link}x\n{CPR}1\n"),
        (("confirm-identity", "--pretend"), f"{link}\n{CPR[:6]}-{CPR[6:]}\n"),
        (("enter-code",), f"{link}\n{typed}\n"),
        (("enter-code",), f"{typed}\n{link}\n"),
        (("activate", "app"), f"{link}\n"),
        (("order-means", "chip"), f"{link}\n"),
        (("take-means", "app"), f"{link}\n"),
    ]
    answers = [office("self-service", *arguments, *as_json, stdin=stdin) for arguments, stdin in calls]
    secrets = (token, typed, CPR, f"{CPR[:6]}-{CPR[6:]}")
    assert [found for answer in answers for found in leaks(answer, *secrets)] == []
    assert {answer.code for answer in answers} == {DONE, FAILED}


@pytest.mark.parametrize("name", ["open", "enter-code", "activate"])
def test_a_link_given_as_an_argument_is_a_usage_error_that_does_not_repeat_it(
    office: Office, name: str
) -> None:
    link = "http://localhost:8000/aktivering/" + "k" * 43
    answer = office("self-service", name, link, "--json", stdin=f"{link}\n")
    assert answer.code == USAGE
    assert leaks(answer, "k" * 43) == []


@pytest.mark.parametrize("stdin", ["", "\n", None])
def test_a_link_that_did_not_come_is_asked_for_in_danish(office: Office, stdin: str | None) -> None:
    answer = office("self-service", "open", stdin=stdin)
    assert (answer.code, "link" in answer.err) == (USAGE, True)


@pytest.mark.parametrize("link", ["x", "a" * 100_000, "\x00", "http://localhost/", "æøå"])
def test_an_unknown_link_is_refused(office: Office, link: str) -> None:
    answer = office("self-service", "open", "--json", stdin=f"{link}\n")
    assert (answer.code, answer.error["code"]) in [(FAILED, "link_unknown"), (USAGE, "usage")]


@pytest.mark.parametrize("name", ["open", "activate", "enter-code"])
def test_nobody_acts_for_another_by_a_link(office: Office, name: str) -> None:
    answer = office("self-service", name, "--as", office.ids["anne"], "--json", stdin="x\ny\n")
    assert answer.error["code"] == "not_allowed"


def test_what_was_added_is_told_and_mailed(office: Office, post: Post) -> None:
    answer = office("users", "assign-means", office.ids["anne"], "app", "code_display=2")
    assert answer.err == "Anne Hansen har fået tilføjet: MitID app, kodeviser (2). Status: Aktiv.\n"
    post.deliver()
    assert "kodeviser" in post.text_to("anne@firma.test")
    again = office("users", "assign-means", office.ids["anne"], "app")
    assert again.err == "Anne Hansen har allerede det, der blev valgt. Status: Aktiv.\n"
    card = office("users", "show", office.ids["anne"]).out
    assert "kodeviser (2 ikke taget i brug)" in card


def test_a_shared_means_is_named_by_cvr_number_and_id(office: Office) -> None:
    assign = ("users", "assign-means", office.ids["anne"], "shared")
    assert office(*assign, "--json").error["code"] == "shared_means_not_named"
    user = office.ask(*assign, "--shared-cvr", "90000002", "--shared-id", "delt-1")
    assert user["means"] == ["shared"]
    made = office.create("Carl", "--means", "shared", "--shared-cvr", "90000002", "--shared-id", "delt-2")
    assert made["means"] == ["shared"]
