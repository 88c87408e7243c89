"""Rows that create users, and rows whose user exists already."""

from datetime import date

import pytest

from brugerbog.domain.user.user import Status
from brugerbog.domain.values.means import Ial, Means
from tests.application.commands.imports.csv_rows import BIRTH_DATE, by_birth_date, cpr, create, delete, update
from tests.application.commands.imports.file_importer import FileImporter, last, only, outcomes, reasons
from tests.given import BORN, EAN, P_NUMBER, SE_NUMBER
from tests.people import made_up_cpr


def test_a_row_with_every_cell_filled_in_creates_just_that_user(file_importer: FileImporter) -> None:
    line = create(
        date_of_birth=BIRTH_DATE,
        phone="12345678",
        anonymous="J",
        reference_text="Afd. 1",
        target_ial="4",
        ean=EAN,
        p_number=P_NUMBER,
        se_number=SE_NUMBER,
        means="PrivatID",
    )
    user = file_importer.user(file_importer.create_one(line))
    assert (user.first_name, user.surname, user.email) == ("Anne", "Hansen", "anne0@firma.test")
    assert (user.cpr, user.date_of_birth, user.phone) == (cpr(0), BORN, "12345678")
    assert (user.anonymous, user.reference_text, user.target_ial) == (True, "Afd. 1", Ial.HIGH)
    assert (user.ean, user.p_number, user.se_number) == (EAN, P_NUMBER, SE_NUMBER)
    assert user.means == (Means.PRIVATE,)


def test_a_row_with_the_least_creates_a_user_with_no_more_than_that(file_importer: FileImporter) -> None:
    user = file_importer.user(file_importer.create_one(by_birth_date()))
    assert (user.cpr, user.date_of_birth, user.phone, user.anonymous) == (None, BORN, None, False)
    assert (user.reference_text, user.target_ial, user.means) == (None, Ial.SUBSTANTIAL, ())
    assert (user.ean, user.p_number, user.se_number) == (None, None, None)


def test_a_created_user_waits_to_be_sent_to_activation(file_importer: FileImporter) -> None:
    assert file_importer.user(file_importer.create_one(create())).phase is Status.IMPORTED


def test_a_birth_date_comes_from_the_cpr_number_with_its_century(file_importer: FileImporter) -> None:
    born = date(1899, 3, 5)
    assert (
        file_importer.user(file_importer.create_one(create(cpr=made_up_cpr(born, 0)))).date_of_birth == born
    )


def test_a_row_equal_to_a_user_is_unchanged_with_the_id(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    size = file_importer.size()
    outcome = only(file_importer.import_rows(create()))
    assert (outcome.outcome, outcome.id, outcome.errors) == ("unchanged", user_id, ())
    assert file_importer.size() == size


def test_a_row_equal_to_a_user_by_birth_date_is_unchanged_with_the_id(
    file_importer: FileImporter,
) -> None:
    user_id = file_importer.create_one(by_birth_date())
    outcome = only(file_importer.import_rows(by_birth_date()))
    assert (outcome.outcome, outcome.id) == ("unchanged", user_id)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("first_name", "Birthe"),
        ("surname", "Jensen"),
        ("email", "birthe@firma.test"),
        ("phone", "87654321"),
        ("anonymous", "J"),
        ("reference_text", "Afd. 2"),
        ("target_ial", "4"),
        ("ean", EAN),
        ("p_number", P_NUMBER),
        ("se_number", SE_NUMBER),
        ("means", "PrivatID"),
    ],
)
def test_the_cpr_number_of_a_user_with_other_data_is_refused_with_the_id(
    file_importer: FileImporter, field: str, text: str
) -> None:
    user_id = file_importer.create_one(create())
    outcome = only(file_importer.import_rows(create(**{field: text})))
    assert reasons(outcome) == {("CPR", "cpr_in_use_with_other_data")}
    assert str(user_id) in outcome.errors[0].message


def test_a_user_without_cpr_number_with_other_data_is_refused_with_the_id(
    file_importer: FileImporter,
) -> None:
    user_id = file_importer.create_one(by_birth_date())
    outcome = only(file_importer.import_rows(by_birth_date(phone="12345678")))
    assert [error.code for error in outcome.errors] == ["person_in_use_with_other_data"]
    assert str(user_id) in outcome.errors[0].message


@pytest.mark.parametrize(
    "other",
    [
        {"first_name": "Birthe"},
        {"surname": "Jensen"},
        {"email": "birthe@firma.test"},
        {"date_of_birth": "08091961"},
    ],
    ids=str,
)
def test_without_cpr_number_another_name_birth_date_or_e_mail_is_another_person(
    file_importer: FileImporter, other: dict[str, str]
) -> None:
    file_importer.create_one(by_birth_date())
    assert only(file_importer.import_rows(by_birth_date(**other))).outcome == "created"


def test_two_persons_of_equal_names_and_other_cpr_numbers_are_two(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(create(0), create(1, email="anne0@firma.test"))
    assert outcomes(receipt) == ["created", "created"]


def test_a_deleted_person_is_created_anew_with_a_new_id(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    file_importer.import_rows(delete(user_id=str(user_id)))
    outcome = only(file_importer.import_rows(create()))
    assert outcome.outcome == "created"
    assert outcome.id != user_id


def test_after_a_cpr_number_is_added_the_row_by_birth_date_creates_no_user(
    file_importer: FileImporter,
) -> None:
    user_id = file_importer.create_one(by_birth_date())
    file_importer.import_rows(update(user_id=str(user_id), cpr=cpr(0)))
    outcome = only(file_importer.import_rows(by_birth_date()))
    assert (outcome.outcome, outcome.id) == ("unchanged", user_id)


def test_an_edited_user_is_no_longer_equal_to_the_row(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    file_importer.import_rows(update(user_id=str(user_id), phone="12345678"))
    assert reasons(only(file_importer.import_rows(create()))) == {("CPR", "cpr_in_use_with_other_data")}


def test_a_cpr_number_of_another_organisation_is_free_here(
    file_importer: FileImporter, strict_file_importer: FileImporter
) -> None:
    file_importer.create_one(create())
    assert only(strict_file_importer.import_rows(create())).outcome == "created"


def test_equal_rows_of_one_file_create_one_user(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(create(), create(), by_birth_date(1), by_birth_date(1))
    assert outcomes(receipt) == ["created", "unchanged", "created", "unchanged"]
    assert [one.id for one in receipt.outcomes[::2]] == [one.id for one in receipt.outcomes[1::2]]


def test_one_cpr_number_with_two_names_in_a_file_is_refused_the_second_time(
    file_importer: FileImporter,
) -> None:
    receipt = file_importer.import_rows(create(), create(first_name="Birthe"))
    assert reasons(last(receipt)) == {("CPR", "twice_in_file")}
    assert "række 2" in last(receipt).errors[0].message
    assert file_importer.names() == ["Anne"]
