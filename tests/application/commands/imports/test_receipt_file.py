"""The receipt as CSV: every row and error, and no cell that a spreadsheet would execute."""

import csv
import io

import pytest

from brugerbog.application.commands.imports.receipt import (
    ImportReceipt,
    RowOutcome,
    escape_formula,
    write_receipt,
)
from tests.application.commands.imports.csv_rows import cpr, create, delete, row, update
from tests.application.commands.imports.file_importer import FileImporter

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://firma.test")', "=cmd|' /C calc'!A0")


def cells_of(receipt: ImportReceipt) -> list[list[str]]:
    out = io.StringIO()
    write_receipt(receipt, out)
    return list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=";", strict=True))


def test_it_has_a_line_for_every_row_and_for_every_further_reason(file_importer: FileImporter) -> None:
    file_importer.create_one(create(5))
    receipt = file_importer.import_rows(
        create(0),
        create(0),
        update(cpr=cpr(0), phone="12345678"),
        delete(cpr=cpr(5)),
        create(1, phone="1", email="x"),
    )
    header, *lines = cells_of(receipt)
    assert header == ["Række", "Aktion", "Resultat", "UUID", "Kolonne", "Kode", "Besked"]
    assert [line[:3] for line in lines] == [
        ["2", "C", "oprettet"],
        ["3", "C", "uændret"],
        ["4", "U", "redigeret"],
        ["5", "D", "slettet"],
        ["6", "C", "afvist"],
        ["6", "C", "afvist"],
    ]
    assert [line[3] for line in lines[:4]] == [str(one.id) for one in receipt.outcomes[:4]]
    assert [line[3] for line in lines[4:]] == ["", ""]
    assert {(line[4], line[5]) for line in lines[4:]} == {
        ("E-mail", "email_invalid"),
        ("Telefon", "phone_invalid"),
    }


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_begins_a_formula_even_if_a_cell_of_the_file_does(
    file_importer: FileImporter, formula: str
) -> None:
    receipt = file_importer.import_rows(
        create(0, first_name=formula, surname="A" * 101),
        create(1, first_name=formula * 30),
        create(2, email=formula, phone=formula, ean=formula),
        row(formula),
        f"{formula};",
        row("X", first_name=formula),
    )
    assert not [cell for line in cells_of(receipt) for cell in line if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_would_begin_one_is_marked_as_text(start: str) -> None:
    assert escape_formula(f"{start}1") == f"'{start}1"
    assert escape_formula(f"1{start}") == f"1{start}"


def test_its_lines_end_as_spreadsheets_end_them() -> None:
    out = io.StringIO()
    receipt = ImportReceipt(1, 0, 0, 0, 1, 0, "utf-8", [RowOutcome(2, "C", "unchanged", None)])
    write_receipt(receipt, out)
    assert out.getvalue().splitlines(keepends=True)[1] == "2;C;uændret;;;;\r\n"


def test_the_counts_are_those_of_the_outcomes(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(
        create(0), create(0), create(1), update(cpr=cpr(0), phone="12345678"), row("X")
    )
    assert (receipt.rows, receipt.created, receipt.unchanged, receipt.updated) == (5, 2, 1, 1)
    assert (receipt.deleted, receipt.refused) == (0, 1)
