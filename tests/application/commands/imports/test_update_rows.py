"""Rows that edit users: which user, which fields, and what they must not change."""

from uuid import UUID

import pytest

from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means
from tests.application.commands.imports.csv_rows import BIRTH_DATE, by_birth_date, cpr, create, delete, update
from tests.application.commands.imports.file_importer import FileImporter, only, reasons
from tests.given import EAN, P_NUMBER, SE_NUMBER

EDITS = [
    ("first_name", "Birthe", "Birthe"),
    ("surname", "Jensen", "Jensen"),
    ("email", "birthe@firma.test", "birthe@firma.test"),
    ("phone", "87654321", "87654321"),
    ("reference_text", "Afd. 2", "Afd. 2"),
    ("target_ial", "4", Ial.HIGH),
    ("ean", EAN, EAN),
    ("p_number", P_NUMBER, P_NUMBER),
    ("se_number", SE_NUMBER, SE_NUMBER),
    ("means", "PrivatID", (Means.PRIVATE,)),
]
FULL = {
    "phone": "12345678",
    "reference_text": "Afd. 1",
    "ean": EAN,
    "p_number": P_NUMBER,
    "se_number": SE_NUMBER,
    "means": "PrivatID",
}


def state(user: User) -> dict[str, object]:
    """What an edit can change, and what it can't."""
    fields = ("anonymous", "cpr", "date_of_birth", *(field for field, _, _ in EDITS))
    return {name: getattr(user, name) for name in fields}


@pytest.mark.parametrize(("field", "text", "value"), EDITS)
def test_a_cell_changes_its_field_and_no_other(
    file_importer: FileImporter, field: str, text: str, value: object
) -> None:
    user_id = file_importer.create_one(create())
    before = state(file_importer.user(user_id))
    outcome = only(file_importer.import_rows(update(user_id=str(user_id), **{field: text})))
    assert (outcome.outcome, outcome.id, outcome.errors) == ("updated", user_id, ())
    assert state(file_importer.user(user_id)) == before | {field: value}


@pytest.mark.parametrize("blank", ["", " \u00a0"], ids=["empty", "blanks"])
def test_an_empty_cell_leaves_everything_as_it_is(file_importer: FileImporter, blank: str) -> None:
    user_id = file_importer.create_one(create(**FULL))
    before, size = state(file_importer.user(user_id)), file_importer.size()
    cells = {field: blank for field, _, _ in EDITS}
    outcome = only(file_importer.import_rows(update(user_id=str(user_id), **cells)))
    assert (outcome.outcome, outcome.id) == ("unchanged", user_id)
    assert (state(file_importer.user(user_id)), file_importer.size()) == (before, size)


def test_what_is_so_already_is_unchanged(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create(**FULL))
    size = file_importer.size()
    line = update(user_id=str(user_id), cpr=cpr(0), first_name="Anne", target_ial="3", **FULL)
    assert only(file_importer.import_rows(line)).outcome == "unchanged"
    assert file_importer.size() == size


def test_a_cpr_number_alone_names_a_user(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    assert only(file_importer.import_rows(update(cpr=cpr(0), phone="12345678"))).id == user_id


def test_uuid_and_cpr_number_may_both_be_given_if_they_belong_together(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    outcome = only(file_importer.import_rows(update(user_id=str(user_id), cpr=cpr(0), phone="12345678")))
    assert outcome.outcome == "updated"


def test_uuid_and_cpr_number_of_two_users_are_refused(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create(0))
    file_importer.create_one(create(1))
    outcome = only(file_importer.import_rows(update(user_id=str(user_id), cpr=cpr(1))))
    assert reasons(outcome) == {("CPR", "known_by_another_cpr")}


def test_a_uuid_adds_a_cpr_number_to_a_user_without_one(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(by_birth_date())
    assert only(file_importer.import_rows(update(user_id=str(user_id), cpr=cpr(0)))).outcome == "updated"
    assert file_importer.user(user_id).cpr == cpr(0)
    assert only(file_importer.import_rows(update(cpr=cpr(0), phone="12345678"))).id == user_id


def test_a_cpr_number_of_another_birth_date_is_not_added(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(by_birth_date(date_of_birth="08091961"))
    outcome = only(file_importer.import_rows(update(user_id=str(user_id), cpr=cpr(0))))
    assert reasons(outcome) == {("CPR", "cpr_and_birth_date_disagree")}
    assert file_importer.user(user_id).cpr is None


def test_a_cpr_number_that_a_living_user_has_is_not_added(file_importer: FileImporter) -> None:
    holder, user_id = file_importer.create_one(create(0)), file_importer.create_one(by_birth_date(1))
    outcome = only(file_importer.import_rows(update(user_id=str(user_id), cpr=cpr(0))))
    assert reasons(outcome) == {("CPR", "cpr_in_use")}
    assert str(holder) in outcome.errors[0].message


def test_a_cpr_number_that_a_deleted_user_had_can_be_added(file_importer: FileImporter) -> None:
    file_importer.create_one(create(0))
    user_id = file_importer.create_one(by_birth_date(1))
    file_importer.import_rows(delete(cpr=cpr(0)))
    assert only(file_importer.import_rows(update(user_id=str(user_id), cpr=cpr(0)))).outcome == "updated"


def test_a_row_that_adds_a_wrong_cpr_number_changes_nothing_else_either(file_importer: FileImporter) -> None:
    file_importer.create_one(create(0))
    user_id = file_importer.create_one(by_birth_date(1))
    file_importer.import_rows(update(user_id=str(user_id), cpr=cpr(0), phone="12345678", first_name="Birthe"))
    assert (file_importer.user(user_id).phone, file_importer.user(user_id).first_name) == (None, "Anne")


def test_a_birth_date_is_no_change_but_must_match(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    assert (
        only(file_importer.import_rows(update(user_id=str(user_id), date_of_birth=BIRTH_DATE))).outcome
        == "unchanged"
    )
    outcome = only(
        file_importer.import_rows(update(user_id=str(user_id), date_of_birth="08091961", phone="12345678"))
    )
    assert reasons(outcome) == {("Foedselsdato", "does_not_match")}
    assert file_importer.user(user_id).phone is None


def test_a_row_does_not_change_anonymity(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create(anonymous="J"))
    for anonymous in ("J", "N"):
        outcome = only(file_importer.import_rows(update(user_id=str(user_id), anonymous=anonymous)))
        assert reasons(outcome) == {("Anonym", "must_be_empty")}
    assert file_importer.user(user_id).anonymous


def test_an_edit_to_the_identity_of_another_user_without_cpr_number_is_refused(
    file_importer: FileImporter,
) -> None:
    holder, user_id = file_importer.create_one(by_birth_date(0)), file_importer.create_one(by_birth_date(1))
    outcome = only(file_importer.import_rows(update(user_id=str(user_id), email="anne0@firma.test")))
    assert reasons(outcome) == {("E-mail", "person_in_use")}
    assert str(holder) in outcome.errors[0].message


def test_an_unknown_uuid_is_refused(file_importer: FileImporter) -> None:
    outcome = only(file_importer.import_rows(update(user_id=str(UUID(int=5)), phone="12345678")))
    assert reasons(outcome) == {("UUID", "user_unknown")}


def test_the_organisation_s_own_id_is_no_user_s(file_importer: FileImporter) -> None:
    outcome = only(
        file_importer.import_rows(update(user_id=str(file_importer.actor.organisation_id), phone="12345678"))
    )
    assert reasons(outcome) == {("UUID", "user_unknown")}


def test_an_unknown_cpr_number_is_refused(file_importer: FileImporter) -> None:
    assert reasons(only(file_importer.import_rows(update(cpr=cpr(5))))) == {("CPR", "cpr_unknown")}


def test_another_organisation_s_users_are_unknown(
    file_importer: FileImporter, strict_file_importer: FileImporter
) -> None:
    user_id = strict_file_importer.create_one(create())
    by_id = only(file_importer.import_rows(update(user_id=str(user_id), phone="12345678")))
    by_cpr = only(file_importer.import_rows(update(cpr=cpr(0), phone="12345678")))
    assert (reasons(by_id), reasons(by_cpr)) == ({("UUID", "user_unknown")}, {("CPR", "cpr_unknown")})
    assert strict_file_importer.user(user_id).phone is None


def test_a_deleted_user_is_not_edited(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    file_importer.import_rows(delete(user_id=str(user_id)))
    by_id = only(file_importer.import_rows(update(user_id=str(user_id), phone="12345678")))
    by_cpr = only(file_importer.import_rows(update(cpr=cpr(0), phone="12345678")))
    assert (reasons(by_id), reasons(by_cpr)) == ({("UUID", "already_deleted")}, {("CPR", "cpr_unknown")})
