"""Rights, signing, sealing and roles, by those who may give them."""

from __future__ import annotations

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED
from tests.entrypoints.cli.store_cli import Office
from tests.entrypoints.cli.outbox_folder import Post


@pytest.mark.parametrize(
    ("arguments", "expected", "said"),
    [
        (("grant-rights", "post", "barsel"), {"rights": ["post", "barsel"]}, "Indberette barsel"),
        (("revoke-rights", "post"), {"rights": []}, "har rettigheder til: intet"),
        (("allow-signing",), {"can_sign": True}, "kan underskrive for organisationen"),
        (("withdraw-signing",), {"can_sign": False}, "kan ikke længere underskrive"),
        (("assign-sealing-profiles", "P1", "P2"), {"sealing_profiles": ["P1", "P2"]}, "P1, P2"),
        (("assign-sealing-profiles",), {"sealing_profiles": []}, "ingen"),
    ],
)
def test_what_somebody_may_do_is_given_and_told(
    office: Office, arguments: tuple[str, ...], expected: dict[str, object], said: str
) -> None:
    name, *more = arguments
    answer = office("users", name, office.ids["anne"], *more)
    assert (answer.code, answer.out) == (DONE, f"{office.ids['anne']}\n")
    assert said in answer.err
    user = office.ask("users", name, office.ids["anne"], *more)
    assert user | expected == user


def test_a_user_may_be_created_with_all_of_it(office: Office) -> None:
    user = office.create("Carl", "--right", "post", "--can-sign", "--sealing-profile", "P1")
    assert (user["rights"], user["can_sign"], user["sealing_profiles"]) == (["post"], True, ["P1"])
    card = office("users", "show", user["id"]).out
    assert "Læse Digital Post (Digital Post)" in card


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("grant-rights", "anne", "flying"), "right_unknown"),
        (("assign-sealing-profiles", "anne", "P9"), "profile_not_active"),
        (("give-role", "carl", "user_administrator"), "anonymous_holds_no_role"),
    ],
)
def test_what_cannot_be_given_is_refused(office: Office, arguments: tuple[str, ...], code: str) -> None:
    office.ids["carl"] = office.create("Carl", "--anonymous")["id"]
    answer = office("users", *(office.ids.get(one, one) for one in arguments), "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, code)


def test_a_role_lets_somebody_act_and_is_mailed(office: Office, post: Post) -> None:
    anne = office.ids["anne"]
    list_as_anne = ("users", "list", "--as", anne, "--json")
    assert office(*list_as_anne).error["code"] == "not_allowed"
    given = office("users", "give-role", anne, "user_administrator")
    assert given.err == "Anne Hansen har rollen brugeradministrator. Status: Aktiv.\n"
    post.deliver()
    assert len(office(*list_as_anne).document["users"]) == 4
    assert office.ask("users", "show", anne)["roles"] == ["user_administrator"]
    assert office.ask("me", "show", "--as", anne)["roles"] == ["user_administrator"]
    assert office.ask("organisation", "roles")["roles"] == [
        {"user_id": anne, "first_name": "Anne", "surname": "Hansen", "role": "user_administrator"}
    ]
    assert "Anne Hansen  brugeradministrator" in office("organisation", "roles").out
    assert "brugeradministrator" in office("users", "show", anne).out
    office.ask("users", "take-role", anne, "user_administrator")
    assert office(*list_as_anne).error["code"] == "not_allowed"
    assert office("organisation", "roles").err == "Ingen har fået en rolle.\n"
    post.deliver()
    assert len(post.subjects_to("anne@firma.test")) == 2


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
def test_each_role_may_what_its_table_says(
    office: Office, role: str, arguments: tuple[str, ...], *, allowed: bool
) -> None:
    office.ask("users", "give-role", office.ids["anne"], role)
    given = (office.ids.get(one, one) for one in arguments)
    answer = office(*given, "--as", office.ids["anne"], "--json")
    assert (answer.code == DONE, "not_allowed" in answer.out) == (allowed, not allowed)


def test_the_last_organisation_administrator_stays(office: Office) -> None:
    role = ("organisation_administrator", "--json")
    office.ask("users", "give-role", office.ids["anne"], *role[:1])
    answer = office("users", "take-role", office.ids["anne"], *role)
    assert answer.error["code"] == "last_organisation_administrator"
