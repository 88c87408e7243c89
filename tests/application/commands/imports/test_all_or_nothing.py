"""With all or nothing, one refused row holds back all others."""

import pytest

from brugerbog.application.commands.imports import importer
from brugerbog.infrastructure.database.schema import user_keys
from tests.application.commands.imports.csv_rows import cpr, create, delete, update
from tests.application.commands.imports.file_importer import USER_ID, FileImporter, outcomes, reasons
from tests.stores import rows


@pytest.fixture(params=[1000, 2], ids=["in one chunk", "in several"])
def _chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "CHUNK", request.param)


pytestmark = pytest.mark.usefixtures("_chunk")


@pytest.mark.parametrize("bad", [0, 2, 5], ids=["first", "in the middle", "last"])
def test_one_refused_row_changes_nothing_at_all(file_importer: FileImporter, bad: int) -> None:
    file_importer.create_one(create(9))
    before = file_importer.stored()
    lines = [create(0), create(1), update(cpr=cpr(9), phone="12345678"), delete(cpr=cpr(9)), create(2)]
    lines.insert(bad, create(7, phone="1"))
    receipt = file_importer.import_rows(*lines, all_or_nothing=True)

    assert file_importer.stored() == before
    assert outcomes(receipt) == ["refused" if place == bad else "unchanged" for place in range(6)]
    assert (receipt.created, receipt.unchanged, receipt.refused) == (0, 5, 1)


def test_the_rows_held_back_say_so_without_ids(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(create(0), create(1, phone="1"), all_or_nothing=True)
    held_back = receipt.outcomes[0]
    assert reasons(held_back) == {("Aktion", "held_back")}
    assert held_back.id is None


def test_no_error_names_a_user_who_was_rolled_back(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(create(), create(first_name="Birthe"), all_or_nothing=True)
    assert not USER_ID.search(receipt.outcomes[1].errors[0].message)


def test_without_a_refused_row_everything_is_done(file_importer: FileImporter) -> None:
    file_importer.create_one(create(9))
    lines = (create(0), create(1), create(0), update(cpr=cpr(0), phone="12345678"), delete(cpr=cpr(9)))
    receipt = file_importer.import_rows(*lines, all_or_nothing=True)
    assert outcomes(receipt) == ["created", "created", "unchanged", "updated", "deleted"]
    assert file_importer.names() == ["Anne", "Anne"]
    assert file_importer.user(receipt.outcomes[0].id).phone == "12345678"


def test_what_was_deleted_is_erased(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    file_importer.import_rows(delete(cpr=cpr(0)), all_or_nothing=True)
    assert user_id not in {one.user_id for one in rows(file_importer.service, user_keys)}


def test_the_file_put_right_is_done(file_importer: FileImporter) -> None:
    file_importer.import_rows(create(0), create(1, phone="1"), all_or_nothing=True)
    assert file_importer.import_rows(create(0), create(1), all_or_nothing=True).created == 2
    assert file_importer.import_rows(create(0), create(1), all_or_nothing=True).unchanged == 2
