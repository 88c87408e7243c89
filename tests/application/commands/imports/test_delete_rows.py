"""Rows that delete users: for good, and only the user that they identify."""

from uuid import UUID

import pytest

from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.settings import Settings
from brugerbog.domain.user.user import Status
from tests.application.commands.imports.csv_rows import BIRTH_DATE, by_birth_date, cpr, create, delete
from tests.application.commands.imports.file_importer import FileImporter, only, outcomes, reasons


@pytest.mark.parametrize("key", ["uuid", "cpr", "both"])
def test_a_user_is_deleted_by_uuid_cpr_number_or_both(file_importer: FileImporter, key: str) -> None:
    user_id = file_importer.create_one(create())
    cells = {"user_id": "" if key == "cpr" else str(user_id), "cpr": "" if key == "uuid" else cpr(0)}
    outcome = only(file_importer.import_rows(delete(**cells)))
    assert (outcome.outcome, outcome.id) == ("deleted", user_id)
    assert file_importer.names() == []


def test_the_personal_data_goes_at_once(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    file_importer.import_rows(delete(user_id=str(user_id)))
    assert (file_importer.user(user_id).phase, file_importer.user(user_id).first_name) == (
        Status.DELETED,
        ERASED,
    )


def test_the_personal_data_stays_as_long_as_the_organisation_keeps_it(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    file_importer.service.administration.change_settings(file_importer.actor, {"erasure_retention_days": 30})
    file_importer.import_rows(delete(user_id=str(user_id)))
    assert (file_importer.user(user_id).phase, file_importer.user(user_id).first_name) == (
        Status.DELETED,
        "Anne",
    )
    assert only(file_importer.import_rows(create())).outcome == "created"


def test_names_and_birth_date_may_stand_beside_if_they_match_whatever_their_case(
    file_importer: FileImporter,
) -> None:
    file_importer.create_one(create())
    line = delete(cpr=cpr(0), first_name="ANNE", surname="hansen", date_of_birth=BIRTH_DATE)
    assert only(file_importer.import_rows(line)).outcome == "deleted"


@pytest.mark.parametrize(
    ("field", "column", "text"),
    [
        ("first_name", "Fornavn", "Birthe"),
        ("surname", "Efternavn", "Jensen"),
        ("date_of_birth", "Foedselsdato", "08091961"),
        ("cpr", "CPR", cpr(1)),
    ],
)
def test_what_does_not_match_protects_the_user(
    file_importer: FileImporter, field: str, column: str, text: str
) -> None:
    user_id = file_importer.create_one(create())
    outcome = only(file_importer.import_rows(delete(user_id=str(user_id), **{field: text})))
    assert reasons(outcome) == {(column, "does_not_match")}
    assert file_importer.user(user_id).phase is Status.IMPORTED


def test_a_cpr_number_does_not_match_a_user_known_without_one(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(by_birth_date())
    outcome = only(file_importer.import_rows(delete(user_id=str(user_id), cpr=cpr(0))))
    assert reasons(outcome) == {("CPR", "does_not_match")}


def test_a_user_is_deleted_once(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    receipt = file_importer.import_rows(
        delete(user_id=str(user_id)), delete(user_id=str(user_id)), delete(cpr=cpr(0))
    )
    assert outcomes(receipt) == ["deleted", "refused", "refused"]
    assert reasons(receipt.outcomes[1]) == {("UUID", "already_deleted")}
    assert reasons(receipt.outcomes[2]) == {("CPR", "cpr_unknown")}


def test_an_unknown_user_is_not_deleted(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(delete(user_id=str(UUID(int=5))), delete(cpr=cpr(5)))
    assert [one.code for outcome in receipt.outcomes for one in outcome.errors] == [
        "user_unknown",
        "cpr_unknown",
    ]


def test_another_organisation_s_users_are_not_deleted(
    file_importer: FileImporter, strict_file_importer: FileImporter
) -> None:
    user_id = strict_file_importer.create_one(create())
    receipt = file_importer.import_rows(delete(user_id=str(user_id)), delete(cpr=cpr(0)))
    assert outcomes(receipt) == ["refused", "refused"]
    assert strict_file_importer.names() == ["Anne"]


def test_an_organisation_that_allows_little_deletes_all_the_same(strict_file_importer: FileImporter) -> None:
    assert not Settings().allow_private_means
    strict_file_importer.create_one(create())
    assert only(strict_file_importer.import_rows(delete(cpr=cpr(0), means="PrivatID"))).outcome == "deleted"
