"""A file with very many errors has the first of them in full and the rest in brief."""

import gc
from uuid import uuid4

import pytest

from brugerbog.application.commands.imports import importer
from brugerbog.application.commands.imports import row as rows
from brugerbog.application.commands.imports.row import Reason
from brugerbog.domain.values.numbers import PhoneInvalid, phone
from tests.application.commands.imports.csv_rows import create, row
from tests.application.commands.imports.file_importer import FileImporter, reasons, without_ids

WRONG = row("C", first_name="Anne", phone="1", target_ial="x", cpr="0709610")


@pytest.fixture(autouse=True)
def _few_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_REASONS", 10)
    monkeypatch.setattr(importer, "CHUNK", 3)


def test_after_many_reasons_a_row_is_given_its_first_without_the_value(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(*[WRONG] * 4, create(0))
    assert [len(one.errors) for one in receipt.outcomes] == [5, 5, 1, 1, 0]
    full, brief = receipt.outcomes[0].errors, receipt.outcomes[3].errors
    assert brief[0].code == full[0].code
    assert receipt.refused == 4


def test_a_value_is_left_out_in_brief(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(*[create(serial, phone="1") for serial in range(11)])
    assert "»1«" in receipt.outcomes[9].errors[0].message
    assert "»1«" not in receipt.outcomes[10].errors[0].message
    assert reasons(receipt.outcomes[10]) == {("Telefon", "phone_invalid")}


def test_what_is_kept_of_an_import_gives_the_same_receipt(file_importer: FileImporter) -> None:
    lines = [WRONG] * 4 + [create(0)]
    command_id = uuid4()
    first = file_importer.import_rows(*lines, command_id=command_id)
    assert without_ids(file_importer.import_rows(*lines, command_id=command_id)) == without_ids(first)


def test_a_reason_keeps_nothing_else_in_memory() -> None:
    with pytest.raises(PhoneInvalid) as raised:
        phone("1")
    assert Reason(0, raised.value).refusal.__traceback__ is None


def test_what_an_import_sets_aside_is_looked_through_again_after_it(file_importer: FileImporter) -> None:
    file_importer.import_rows(create(0), create(1))
    assert gc.get_freeze_count() == 0


def test_what_a_chunk_leaves_is_set_aside_while_the_import_goes_on(file_importer: FileImporter) -> None:
    seen: list[int] = []
    file_importer.import_rows(
        *(create(serial) for serial in range(7)), progress=lambda _, __: seen.append(gc.get_freeze_count())
    )
    assert seen[1] > seen[0]
