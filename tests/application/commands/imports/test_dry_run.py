"""A dry run returns the receipt of the import and changes nothing."""

from dataclasses import replace

import pytest

from brugerbog.application.commands.imports import importer
from brugerbog.application.commands.imports.receipt import ImportReceipt, RowOutcome
from tests.application.commands.imports.csv_rows import by_birth_date, cpr, create, delete, row, update
from tests.application.commands.imports.file_importer import USER_ID, FileImporter, last, only, outcomes
from tests.application.commands.imports.wrong_cells import ON_C

MIXED = (
    create(0),
    create(0),
    create(1, phone="1"),
    by_birth_date(2),
    update(cpr=cpr(0), phone="12345678"),
    update(cpr=cpr(9)),
    delete(cpr=cpr(0)),
    create(0, first_name="Birthe"),
    row("X", first_name="Anne"),
    "C",
    'C;"',
)


def without_the_unmade(outcome: RowOutcome, known: set[str]) -> RowOutcome:
    """A row's outcome as long as nobody has been made by the file."""
    return outcome if str(outcome.id) in known else replace(outcome, id=None)


def as_if_dry(receipt: ImportReceipt, *known: object) -> ImportReceipt:
    there = {str(user_id) for user_id in known}
    return replace(receipt, outcomes=[without_the_unmade(one, there) for one in receipt.outcomes])


@pytest.mark.parametrize("chunk", [1000, 1, 3])
def test_it_gives_the_receipt_of_the_import_without_the_ids_of_those_not_made(
    file_importer: FileImporter, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(importer, "CHUNK", chunk)
    known = file_importer.create_one(create(5))
    rows = (*MIXED, update(cpr=cpr(5), phone="12345678"), create(5), delete(user_id=str(known)))
    dry = file_importer.import_rows(*rows, dry_run=True)
    assert dry == as_if_dry(file_importer.import_rows(*rows), known)
    assert {"created", "updated", "deleted", "unchanged", "refused"} == set(outcomes(dry))


def test_it_gives_the_receipt_of_the_import_for_every_kind_of_wrong_cell(file_importer: FileImporter) -> None:
    rows = [create(serial, **{field: text}) for serial, (field, text, _) in enumerate(ON_C)]
    assert file_importer.import_rows(*rows, dry_run=True) == file_importer.import_rows(*rows)


def test_it_changes_nothing(file_importer: FileImporter) -> None:
    file_importer.create_one(create(5))
    before = file_importer.stored()
    file_importer.import_rows(*MIXED, delete(cpr=cpr(5)), dry_run=True)
    assert file_importer.stored() == before


def test_it_makes_no_key(file_importer: FileImporter) -> None:
    with file_importer.service.log.backend.keys.connect() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM user_keys").scalar()
        file_importer.import_rows(create(), dry_run=True)
        assert connection.exec_driver_sql("SELECT count(*) FROM user_keys").scalar() == before


def test_it_has_no_ids_of_users_who_are_not_created(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(
        create(), update(cpr=cpr(0), phone="12345678"), create(), dry_run=True
    )
    assert [one.id for one in receipt.outcomes] == [None, None, None]


def test_no_error_names_the_user_either(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(create(), create(first_name="Birthe"), dry_run=True)
    assert not USER_ID.search(last(receipt).errors[0].message)


def test_it_has_the_ids_of_existing_users(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    assert only(file_importer.import_rows(create(), dry_run=True)).id == user_id
    assert only(file_importer.import_rows(delete(cpr=cpr(0)), dry_run=True)).id == user_id


def test_the_import_after_it_is_whole(file_importer: FileImporter) -> None:
    file_importer.import_rows(*MIXED, dry_run=True)
    assert file_importer.import_rows(create(), by_birth_date(2)).created == 2


def test_with_all_or_nothing_it_gives_that_receipt(file_importer: FileImporter) -> None:
    rows = (create(0), create(1, phone="1"))
    dry = file_importer.import_rows(*rows, dry_run=True, all_or_nothing=True)
    assert dry == file_importer.import_rows(*rows, all_or_nothing=True)
