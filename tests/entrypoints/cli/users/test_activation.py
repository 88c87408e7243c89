"""Activation by link and by code, from the administrator's command to the user's last step."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, UNKNOWN_ID, USAGE, CliResult
from tests.entrypoints.cli.outbox_folder import OutboxFolder, address_of
from tests.entrypoints.cli.store_cli import CPR, StoreCli

CARL = address_of("Carl")
PRETEND = ("self-service", "confirm-identity", "--pretend")
DATE_OF_BIRTH = ("--date-of-birth", "1961-09-07")


def pretend(cli: StoreCli, link: str) -> None:
    cli.run_json(*PRETEND, *DATE_OF_BIRTH, stdin=f"{link}\n")


def status(cli: StoreCli, user_id: str) -> str:
    answer: str = cli.run_json("users", "show", user_id)["status"]
    return answer


def test_a_user_with_a_cpr_number_activates_by_link(cli: StoreCli, outbox: OutboxFolder) -> None:
    cli.run_json("users", "delete", cli.ids["anne"], "--yes")
    create = ("users", "create", "--first-name", "Dorte", "--surname", "Ø", "--email", "dorte@firma.test")
    user = cli.run_json(*create, "--means", "private", "--cpr-stdin", stdin=f"{CPR}\n")
    assert (user["code"], user["code_already_shown"]) == (None, False)
    link = outbox.link_to("dorte@firma.test")
    opened = cli.run_json("self-service", "open", stdin=f"{link}\n")
    assert opened["may_take"] == ["private"]
    assert (opened["purpose"], opened["needs_code"], opened["identity_confirmed"]) == (
        "activation",
        False,
        False,
    )
    assert cli.run_json(*PRETEND, stdin=f"{link}\n{CPR}\n") == {"user_id": user["id"]}
    refused = cli("self-service", "activate", "private", "--json", stdin=f"{link}\n")
    assert refused.error["code"] == "consent_missing"
    cli.run_json("self-service", "activate", "private", "--consent", stdin=f"{link}\n")
    user_now = cli.run_json("users", "show", user["id"])
    assert (user_now["status"], user_now["active_means"], user_now["link_expires_at"]) == (
        "active",
        ["private"],
        None,
    )
    used = cli("self-service", "open", "--json", stdin=f"{link}\n")
    assert (used.code, used.error["code"]) == (FAILED, "link_used")


def test_a_user_known_by_birth_date_needs_link_identity_and_code(cli: StoreCli, outbox: OutboxFolder) -> None:
    user = cli.create_user("Carl", "--means", "app", "--means", "code_display")
    link = outbox.link_to(CARL)
    activate = ("self-service", "activate", "app", "--json")
    assert cli(*activate, stdin=link).error["code"] == "identity_not_confirmed"
    pretend(cli, link)
    assert cli(*activate, stdin=link).error["code"] == "code_missing"
    cli.run_json("self-service", "enter-code", stdin=f"{link}\n{user['code'].lower()}\n")
    cli.run_json("self-service", "order-means", "code_display", stdin=link)
    cli.run_json("self-service", "activate", "app", stdin=link)
    user_now = cli.run_json("users", "show", user["id"])
    assert (user_now["active_means"], user_now["ordered_means"]) == (["app"], ["code_display"])
    cli.run_json("self-service", "open", stdin=outbox.link_to(CARL))
    cli.run_json("users", "resend-means-mail", user["id"])
    later = outbox.link_to(CARL)
    assert "/identifikationsmidler/" in later
    pretend(cli, later)
    cli.run_json("self-service", "take-means", "code_display", stdin=later)
    assert cli.run_json("users", "show", user["id"])["active_means"] == ["app", "code_display"]


@pytest.mark.usefixtures("outbox")
def test_the_code_is_shown_once_below_the_id_with_the_guides_words(
    cli: StoreCli, outbox: OutboxFolder
) -> None:
    create = ("users", "create", "--first-name", "Carl", "--surname", "Ø", "--email", CARL, *DATE_OF_BIRTH)
    answer = cli(*create, "--command-id", UNKNOWN_ID)
    user_id, code = answer.out.splitlines()
    assert "Husk at gemme koden, indtil brugeren har aktiveret sig i MitID Erhverv." in answer.err
    assert "på en sikker måde" in answer.err
    assert code not in answer.err
    again = cli(*create, "--command-id", UNKNOWN_ID)
    assert again.out == f"{user_id}\n"
    assert f"issue-code {user_id}" in again.err
    assert code not in str([cli("users", "show", user_id), cli("users", "history", user_id)])
    outbox.run_worker()
    assert code not in outbox.text_to(CARL)


def test_a_new_code_and_a_new_mail_void_the_earlier_ones(cli: StoreCli, outbox: OutboxFolder) -> None:
    user = cli.create_user("Carl", "--means", "app")
    first = outbox.link_to(CARL)
    answer = cli("users", "issue-code", user["id"])
    new_code = answer.out.splitlines()[1]
    assert "virker ikke længere" in answer.err
    second = outbox.link_to(CARL)
    assert cli("self-service", "open", "--json", stdin=first).error["code"] == "link_voided"
    pretend(cli, second)
    wrong = cli("self-service", "enter-code", "--json", stdin=f"{second}\n{user['code']}\n")
    assert wrong.error["code"] == "code_wrong"
    cli.run_json("self-service", "enter-code", stdin=f"{second}\n{new_code}\n")
    resent = cli("users", "resend-activation-mail", user["id"])
    assert (resent.code, resent.out) == (DONE, f"{user['id']}\n")
    assert "gensendt" in resent.err
    assert "Det tidligere link virker ikke længere." in resent.err
    assert outbox.subjects_to(CARL)[-1] != outbox.subjects_to(CARL)[0]


def test_three_wrong_codes_void_it(cli: StoreCli, outbox: OutboxFolder) -> None:
    cli.create_user("Carl")
    link = outbox.link_to(CARL)
    pretend(cli, link)
    tries = [cli("self-service", "enter-code", "--json", stdin=f"{link}\nno\n") for _ in range(4)]
    assert [one.error["code"] for one in tries] == ["code_wrong", "code_wrong", "code_void", "code_void"]


def test_identity_is_simulated_only_with_the_option(cli: StoreCli, outbox: OutboxFolder) -> None:
    cli.create_user("Carl")
    link = outbox.link_to(CARL)
    unsaid = cli("self-service", "confirm-identity", *DATE_OF_BIRTH, stdin=link)
    assert unsaid.code == USAGE
    assert "--pretend" in unsaid.err
    result = cli(*PRETEND, *DATE_OF_BIRTH, stdin=link)
    assert "ingen MitID-broker er spurgt" in result.err


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--date-of-birth", "1970-02-03"), "identity_does_not_match"),
        (("--date-of-birth", "1961-09-07"), "assurance_too_low"),
    ],
)
def test_another_identity_or_too_low_an_assurance_level_is_refused(
    cli: StoreCli, outbox: OutboxFolder, own_folder: Path, more: tuple[str, ...], code: str
) -> None:
    (own_folder / "high.toml").write_text('ial = "high"')
    cli.run_json("organisation", "settings", "high.toml")
    cli.create_user("Carl", "--target-ial", "high")
    answer = cli(*PRETEND, *more, "--json", stdin=outbox.link_to(CARL))
    assert (answer.code, answer.error["code"]) == (FAILED, code)


def leaks(answer: CliResult, *secrets: str) -> list[str]:
    return [one for one in secrets if one in answer.out + answer.err]


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_no_link_code_or_cpr_number_is_repeated(
    cli: StoreCli, outbox: OutboxFolder, as_json: tuple[str, ...]
) -> None:
    cli.create_user("Carl")
    link = outbox.link_to(CARL)
    pretend(cli, link)
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
    answers = [cli("self-service", *arguments, *as_json, stdin=stdin) for arguments, stdin in calls]
    secrets = (token, typed, CPR, f"{CPR[:6]}-{CPR[6:]}")
    assert [found for answer in answers for found in leaks(answer, *secrets)] == []
    assert {answer.code for answer in answers} == {DONE, FAILED}


@pytest.mark.parametrize("name", ["open", "enter-code", "activate"])
def test_a_link_given_as_an_argument_is_a_usage_error_that_does_not_repeat_it(
    cli: StoreCli, name: str
) -> None:
    link = "http://localhost:8000/aktivering/" + "k" * 43
    answer = cli("self-service", name, link, "--json", stdin=f"{link}\n")
    assert answer.code == USAGE
    assert leaks(answer, "k" * 43) == []


@pytest.mark.parametrize("stdin", ["", "\n", None])
def test_a_missing_link_is_reported_in_danish(cli: StoreCli, stdin: str | None) -> None:
    answer = cli("self-service", "open", stdin=stdin)
    assert (answer.code, "link" in answer.err) == (USAGE, True)


@pytest.mark.parametrize("link", ["x", "a" * 100_000, "\x00", "http://localhost/", "æøå"])
def test_an_unknown_link_is_refused(cli: StoreCli, link: str) -> None:
    answer = cli("self-service", "open", "--json", stdin=f"{link}\n")
    assert (answer.code, answer.error["code"]) in [(FAILED, "link_unknown"), (USAGE, "usage")]


@pytest.mark.parametrize("name", ["open", "activate", "enter-code"])
def test_a_link_cannot_be_used_for_another_user(cli: StoreCli, name: str) -> None:
    answer = cli("self-service", name, "--as", cli.ids["anne"], "--json", stdin="x\ny\n")
    assert answer.error["code"] == "not_allowed"


def test_added_means_are_printed_and_mailed(cli: StoreCli, outbox: OutboxFolder) -> None:
    answer = cli("users", "assign-means", cli.ids["anne"], "app", "code_display=2")
    assert answer.err == "Anne Hansen har fået tilføjet: MitID app, kodeviser (2). Status: Aktiv.\n"
    outbox.run_worker()
    assert "kodeviser" in outbox.text_to("anne@firma.test")
    again = cli("users", "assign-means", cli.ids["anne"], "app")
    assert again.err == "Anne Hansen har allerede det, der blev valgt. Status: Aktiv.\n"
    card = cli("users", "show", cli.ids["anne"]).out
    assert "kodeviser (2 ikke taget i brug)" in card


def test_a_shared_means_is_named_by_cvr_number_and_id(cli: StoreCli) -> None:
    assign = ("users", "assign-means", cli.ids["anne"], "shared")
    assert cli(*assign, "--json").error["code"] == "shared_means_not_named"
    user = cli.run_json(*assign, "--shared-cvr", "90000002", "--shared-id", "delt-1")
    assert user["means"] == ["shared"]
    created = cli.create_user(
        "Carl", "--means", "shared", "--shared-cvr", "90000002", "--shared-id", "delt-2"
    )
    assert created["means"] == ["shared"]
