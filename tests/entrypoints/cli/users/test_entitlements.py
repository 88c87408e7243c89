"""Rights, signing, sealing and roles, by users with the permission to give them."""

from __future__ import annotations

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED
from tests.entrypoints.cli.outbox_folder import OutboxFolder
from tests.entrypoints.cli.store_cli import StoreCli


@pytest.mark.parametrize(
    ("arguments", "expected", "message"),
    [
        (("grant-rights", "post", "barsel"), {"rights": ["post", "barsel"]}, "Indberette barsel"),
        (("revoke-rights", "post"), {"rights": []}, "har rettigheder til: intet"),
        (("allow-signing",), {"can_sign": True}, "kan underskrive for organisationen"),
        (("withdraw-signing",), {"can_sign": False}, "kan ikke længere underskrive"),
        (("assign-sealing-profiles", "P1", "P2"), {"sealing_profiles": ["P1", "P2"]}, "P1, P2"),
        (("assign-sealing-profiles",), {"sealing_profiles": []}, "ingen"),
    ],
)
def test_entitlements_are_given_and_printed(
    cli: StoreCli, arguments: tuple[str, ...], expected: dict[str, object], message: str
) -> None:
    name, *more = arguments
    answer = cli("users", name, cli.ids["anne"], *more)
    assert (answer.code, answer.out) == (DONE, f"{cli.ids['anne']}\n")
    assert message in answer.err
    user = cli.run_json("users", name, cli.ids["anne"], *more)
    assert user | expected == user


def test_a_user_may_be_created_with_all_of_it(cli: StoreCli) -> None:
    user = cli.create_user("Carl", "--right", "post", "--can-sign", "--sealing-profile", "P1")
    assert (user["rights"], user["can_sign"], user["sealing_profiles"]) == (["post"], True, ["P1"])
    card = cli("users", "show", user["id"]).out
    assert "Læse Digital Post (Digital Post)" in card


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("grant-rights", "anne", "flying"), "right_unknown"),
        (("assign-sealing-profiles", "anne", "P9"), "profile_not_active"),
        (("give-role", "carl", "user_administrator"), "anonymous_holds_no_role"),
    ],
)
def test_an_invalid_assignment_is_refused(cli: StoreCli, arguments: tuple[str, ...], code: str) -> None:
    cli.ids["carl"] = cli.create_user("Carl", "--anonymous")["id"]
    answer = cli("users", *(cli.ids.get(one, one) for one in arguments), "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, code)


def test_a_role_gives_permissions_and_is_mailed(cli: StoreCli, outbox: OutboxFolder) -> None:
    anne = cli.ids["anne"]
    list_as_anne = ("users", "list", "--as", anne, "--json")
    assert cli(*list_as_anne).error["code"] == "not_allowed"
    given = cli("users", "give-role", anne, "user_administrator")
    assert given.err == "Anne Hansen har rollen brugeradministrator. Status: Aktiv.\n"
    outbox.run_worker()
    assert len(cli(*list_as_anne).document["users"]) == 4
    assert cli.run_json("users", "show", anne)["roles"] == ["user_administrator"]
    assert cli.run_json("me", "show", "--as", anne)["roles"] == ["user_administrator"]
    assert cli.run_json("organisation", "roles")["roles"] == [
        {"user_id": anne, "first_name": "Anne", "surname": "Hansen", "role": "user_administrator"}
    ]
    assert "Anne Hansen  brugeradministrator" in cli("organisation", "roles").out
    assert "brugeradministrator" in cli("users", "show", anne).out
    cli.run_json("users", "take-role", anne, "user_administrator")
    assert cli(*list_as_anne).error["code"] == "not_allowed"
    assert cli("organisation", "roles").err == "Ingen har fået en rolle.\n"
    outbox.run_worker()
    assert len(outbox.subjects_to("anne@firma.test")) == 2


@pytest.mark.parametrize(
    ("role", "arguments", "allowed"),
    [
        ("rights_administrator", ("users", "grant-rights", "øjvind", "post"), True),
        ("rights_administrator", ("users", "resend-activation-mail", "øjvind"), False),
        ("user_administrator", ("users", "resend-activation-mail", "øjvind"), True),
        ("user_administrator", ("users", "allow-signing", "øjvind"), False),
        ("organisation_administrator", ("users", "give-role", "øjvind", "trusted_employee"), True),
        ("organisation_administrator", ("users", "issue-code", "øjvind"), False),
        ("trusted_employee", ("users", "list"), False),
        ("user_administrator", ("users", "activate", "øjvind"), False),
        ("user_administrator", ("mail", "list"), True),
        ("rights_administrator", ("mail", "list"), False),
    ],
)
def test_each_role_has_the_permissions_of_its_table(
    cli: StoreCli, role: str, arguments: tuple[str, ...], *, allowed: bool
) -> None:
    cli.run_json("users", "give-role", cli.ids["anne"], role)
    given = (cli.ids.get(one, one) for one in arguments)
    answer = cli(*given, "--as", cli.ids["anne"], "--json")
    assert (answer.code == DONE, "not_allowed" in answer.out) == (allowed, not allowed)


def test_the_last_organisation_administrator_stays(cli: StoreCli) -> None:
    role = ("organisation_administrator", "--json")
    cli.run_json("users", "give-role", cli.ids["anne"], *role[:1])
    answer = cli("users", "take-role", cli.ids["anne"], *role)
    assert answer.error["code"] == "last_organisation_administrator"
