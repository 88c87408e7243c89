"""Rows that delete: for good, and only whom they surely mean."""

from uuid import UUID

import pytest

from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.settings import Settings
from brugerbog.domain.user.user import Status
from tests.application.commands.imports.csv_rows import BIRTH_DATE, by_birth_date, cpr, create, delete
from tests.application.commands.imports.file_importer import Desk, only, outcomes, reasons


@pytest.mark.parametrize("key", ["uuid", "cpr", "both"])
def test_a_user_is_deleted_by_uuid_cpr_number_or_both(desk: Desk, key: str) -> None:
    user_id = desk.created(create())
    cells = {"user_id": "" if key == "cpr" else str(user_id), "cpr": "" if key == "uuid" else cpr(0)}
    outcome = only(desk.imports(delete(**cells)))
    assert (outcome.outcome, outcome.id) == ("deleted", user_id)
    assert desk.names() == []


def test_the_personal_data_goes_at_once(desk: Desk) -> None:
    user_id = desk.created(create())
    desk.imports(delete(user_id=str(user_id)))
    assert (desk.user(user_id).phase, desk.user(user_id).first_name) == (Status.DELETED, ERASED)


def test_the_personal_data_stays_as_long_as_the_organisation_keeps_it(desk: Desk) -> None:
    user_id = desk.created(create())
    desk.service.administration.change_settings(desk.actor, {"erasure_retention_days": 30})
    desk.imports(delete(user_id=str(user_id)))
    assert (desk.user(user_id).phase, desk.user(user_id).first_name) == (Status.DELETED, "Anne")
    assert only(desk.imports(create())).outcome == "created"


def test_names_and_birth_date_may_stand_beside_if_they_match_whatever_their_case(desk: Desk) -> None:
    desk.created(create())
    line = delete(cpr=cpr(0), first_name="ANNE", surname="hansen", date_of_birth=BIRTH_DATE)
    assert only(desk.imports(line)).outcome == "deleted"


@pytest.mark.parametrize(
    ("field", "column", "text"),
    [
        ("first_name", "Fornavn", "Birthe"),
        ("surname", "Efternavn", "Jensen"),
        ("date_of_birth", "Foedselsdato", "08091961"),
        ("cpr", "CPR", cpr(1)),
    ],
)
def test_what_does_not_match_protects_the_user(desk: Desk, field: str, column: str, text: str) -> None:
    user_id = desk.created(create())
    outcome = only(desk.imports(delete(user_id=str(user_id), **{field: text})))
    assert reasons(outcome) == {(column, "does_not_match")}
    assert desk.user(user_id).phase is Status.IMPORTED


def test_a_cpr_number_does_not_match_a_user_known_without_one(desk: Desk) -> None:
    user_id = desk.created(by_birth_date())
    outcome = only(desk.imports(delete(user_id=str(user_id), cpr=cpr(0))))
    assert reasons(outcome) == {("CPR", "does_not_match")}


def test_a_user_is_deleted_once(desk: Desk) -> None:
    user_id = desk.created(create())
    receipt = desk.imports(delete(user_id=str(user_id)), delete(user_id=str(user_id)), delete(cpr=cpr(0)))
    assert outcomes(receipt) == ["deleted", "refused", "refused"]
    assert reasons(receipt.outcomes[1]) == {("UUID", "already_deleted")}
    assert reasons(receipt.outcomes[2]) == {("CPR", "cpr_unknown")}


def test_nobody_unknown_is_deleted(desk: Desk) -> None:
    receipt = desk.imports(delete(user_id=str(UUID(int=5))), delete(cpr=cpr(5)))
    assert [one.code for outcome in receipt.outcomes for one in outcome.errors] == [
        "user_unknown",
        "cpr_unknown",
    ]


def test_another_organisation_s_users_are_not_deleted(desk: Desk, strict_desk: Desk) -> None:
    user_id = strict_desk.created(create())
    receipt = desk.imports(delete(user_id=str(user_id)), delete(cpr=cpr(0)))
    assert outcomes(receipt) == ["refused", "refused"]
    assert strict_desk.names() == ["Anne"]


def test_an_organisation_that_allows_little_deletes_all_the_same(strict_desk: Desk) -> None:
    assert not Settings().allow_private_means
    strict_desk.created(create())
    assert only(strict_desk.imports(delete(cpr=cpr(0), means="PrivatID"))).outcome == "deleted"
