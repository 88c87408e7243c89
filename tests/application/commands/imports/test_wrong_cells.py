"""An error of a cell has a code and its column, for every action, and all errors are reported at once."""

from uuid import UUID

import pytest

from brugerbog.application.commands.imports.columns import COLUMN_OF_FIELD, COLUMNS
from tests.application.commands.imports.csv_rows import (
    BIRTH_DATE,
    by_birth_date,
    cpr,
    create,
    delete,
    row,
    update,
)
from tests.application.commands.imports.file_importer import FileImporter, only, reasons
from tests.application.commands.imports.wrong_cells import (
    IGNORED_BY_D,
    IN_A_STRICT_ORGANISATION,
    ON_C,
    ON_D,
    ON_U,
)
from tests.given import EAN, P_NUMBER, SE_NUMBER

WRONG = ("field", "text", "code")


def column(field: str) -> str:
    return COLUMNS[COLUMN_OF_FIELD[field]]


@pytest.fixture(scope="module")
def known(dry_file_importer: FileImporter) -> UUID:
    """The person of serial 0, who is there already."""
    return dry_file_importer.create_one(create(0))


@pytest.fixture(scope="module")
def strictly_known(strict_dry_file_importer: FileImporter) -> UUID:
    return strict_dry_file_importer.create_one(create(0))


@pytest.mark.parametrize(WRONG, ON_C)
def test_a_row_that_creates_names_what_is_wrong(
    dry_file_importer: FileImporter, field: str, text: str, code: str
) -> None:
    outcome = only(dry_file_importer.import_rows(create(7, **{field: text}), dry_run=True))
    assert reasons(outcome) == {(column(field), code)}
    assert (outcome.outcome, outcome.id) == ("refused", None)


@pytest.mark.parametrize(WRONG, ON_U)
def test_a_row_that_edits_names_what_is_wrong(
    dry_file_importer: FileImporter, known: UUID, field: str, text: str, code: str
) -> None:
    outcome = only(
        dry_file_importer.import_rows(update(**{"user_id": str(known), field: text}), dry_run=True)
    )
    assert reasons(outcome) == {(column(field), code)}
    assert (outcome.outcome, outcome.id) == ("refused", None)


@pytest.mark.parametrize(WRONG, ON_D)
def test_a_row_that_deletes_names_what_is_wrong(
    dry_file_importer: FileImporter, known: UUID, field: str, text: str, code: str
) -> None:
    outcome = only(
        dry_file_importer.import_rows(delete(**{"user_id": str(known), field: text}), dry_run=True)
    )
    assert reasons(outcome) == {(column(field), code)}
    assert (outcome.outcome, outcome.id) == ("refused", None)


@pytest.mark.parametrize(WRONG, IGNORED_BY_D)
def test_a_row_that_deletes_ignores_the_other_cells_even_if_wrong(
    dry_file_importer: FileImporter, known: UUID, field: str, text: str, code: str
) -> None:
    outcome = only(
        dry_file_importer.import_rows(delete(**{"user_id": str(known), field: text}), dry_run=True)
    )
    assert (outcome.outcome, outcome.errors) == ("deleted", ()), code


@pytest.mark.parametrize(WRONG, [*IN_A_STRICT_ORGANISATION, ("anonymous", "J", "anonymity_not_allowed")])
def test_a_new_user_may_have_only_what_the_organisation_allows(
    strict_dry_file_importer: FileImporter, field: str, text: str, code: str
) -> None:
    outcome = only(strict_dry_file_importer.import_rows(create(7, **{field: text}), dry_run=True))
    assert reasons(outcome) == {(column(field), code)}


@pytest.mark.parametrize(WRONG, IN_A_STRICT_ORGANISATION)
def test_a_user_may_be_given_only_what_the_organisation_allows(
    strict_dry_file_importer: FileImporter, strictly_known: UUID, field: str, text: str, code: str
) -> None:
    outcome = only(
        strict_dry_file_importer.import_rows(
            update(user_id=str(strictly_known), **{field: text}), dry_run=True
        )
    )
    assert reasons(outcome) == {(column(field), code)}


@pytest.mark.parametrize(WRONG, IN_A_STRICT_ORGANISATION)
def test_deleting_asks_nothing_of_what_the_organisation_allows(
    strict_dry_file_importer: FileImporter, strictly_known: UUID, field: str, text: str, code: str
) -> None:
    outcome = only(
        strict_dry_file_importer.import_rows(
            delete(user_id=str(strictly_known), **{field: text}), dry_run=True
        )
    )
    assert outcome.outcome == "deleted", code


@pytest.mark.parametrize("action", ["", "c", "u", "d", "X", "CU", "Create", "C U", "\uff23"])
def test_any_other_action_is_unknown(dry_file_importer: FileImporter, action: str) -> None:
    outcome = only(dry_file_importer.import_rows(row(action, first_name="Anne"), dry_run=True))
    assert reasons(outcome) == {("Aktion", "action_unknown")}


@pytest.mark.parametrize("action", ["J", "N", ""])
def test_anonymous_is_yes_no_or_nothing(dry_file_importer: FileImporter, action: str) -> None:
    assert only(dry_file_importer.import_rows(create(7, anonymous=action), dry_run=True)).outcome == "created"


def test_anonymous_may_be_no_where_anonymity_is_not_allowed(strict_dry_file_importer: FileImporter) -> None:
    assert (
        only(strict_dry_file_importer.import_rows(create(7, anonymous="N"), dry_run=True)).outcome
        == "created"
    )


def test_a_uuid_may_be_written_with_or_without_hyphens(dry_file_importer: FileImporter, known: UUID) -> None:
    for written in (str(known), known.hex, str(known).upper()):
        assert only(dry_file_importer.import_rows(update(user_id=written), dry_run=True)).id == known


def test_a_user_who_is_13_today_is_old_enough(dry_file_importer: FileImporter) -> None:
    assert (
        only(dry_file_importer.import_rows(by_birth_date(date_of_birth="20032013"), dry_run=True)).outcome
        == "created"
    )
    outcome = only(dry_file_importer.import_rows(by_birth_date(date_of_birth="21032013"), dry_run=True))
    assert reasons(outcome) == {("Foedselsdato", "too_young")}


def test_a_birth_date_may_stand_beside_a_cpr_number_it_agrees_with(dry_file_importer: FileImporter) -> None:
    assert (
        only(dry_file_importer.import_rows(create(7, date_of_birth=BIRTH_DATE), dry_run=True)).outcome
        == "created"
    )


def test_a_row_that_creates_shows_all_reasons_at_once(strict_dry_file_importer: FileImporter) -> None:
    line = create(
        user_id="123",
        first_name="",
        surname="A" * 101,
        cpr="709611111",
        date_of_birth="7091961",
        email="anne",
        phone="1",
        anonymous="J",
        reference_text="Afd. 1",
        target_ial="4",
        ean=EAN,
        p_number=P_NUMBER,
        se_number="x",
        means="PrivatID",
    )
    assert reasons(only(strict_dry_file_importer.import_rows(line, dry_run=True))) == {
        ("UUID", "must_be_empty"),
        ("Fornavn", "must_be_filled"),
        ("Efternavn", "name_too_long"),
        ("CPR", "cpr_lost_leading_zero"),
        ("Foedselsdato", "birth_date_lost_leading_zero"),
        ("E-mail", "email_invalid"),
        ("Telefon", "phone_invalid"),
        ("Anonym", "anonymity_not_allowed"),
        ("Referencetekst", "reference_text_not_in_use"),
        ("TargetIAL", "target_ial_above_organisation"),
        ("EAN", "ean_unknown"),
        ("P-nummer", "p_numbers_not_in_use"),
        ("SE-nummer", "se_number_invalid"),
        ("Loginmiddel", "means_not_offered"),
    }


def test_a_row_that_edits_shows_all_reasons_at_once(strict_dry_file_importer: FileImporter) -> None:
    line = update(
        user_id="123",
        cpr="070961-1111",
        first_name="A" * 101,
        surname="An\tne",
        date_of_birth="x",
        email="anne",
        phone="1",
        anonymous="N",
        reference_text="Afd. 1",
        target_ial="4",
        ean=EAN,
        p_number=P_NUMBER,
        se_number=SE_NUMBER,
        means="PrivatID",
    )
    assert len(reasons(only(strict_dry_file_importer.import_rows(line, dry_run=True)))) == 14


def test_a_row_that_deletes_shows_all_reasons_at_once(dry_file_importer: FileImporter, known: UUID) -> None:
    line = delete(user_id=str(known), cpr=cpr(1), first_name="Bo", surname="Prip", date_of_birth="08091961")
    assert reasons(only(dry_file_importer.import_rows(line, dry_run=True))) == {
        (name, "does_not_match") for name in ("CPR", "Fornavn", "Efternavn", "Foedselsdato")
    }


def test_a_wrong_cell_hides_no_wrong_key(dry_file_importer: FileImporter) -> None:
    line = update(cpr=cpr(9), phone="1")
    assert reasons(only(dry_file_importer.import_rows(line, dry_run=True))) == {
        ("CPR", "cpr_unknown"),
        ("Telefon", "phone_invalid"),
    }


def test_a_birth_date_that_does_not_match_hides_no_cpr_number_that_does_not(
    dry_file_importer: FileImporter, known: UUID
) -> None:
    line = update(user_id=str(known), cpr=cpr(1), date_of_birth="08091961")
    assert reasons(only(dry_file_importer.import_rows(line, dry_run=True))) == {
        ("CPR", "known_by_another_cpr"),
        ("Foedselsdato", "does_not_match"),
    }
