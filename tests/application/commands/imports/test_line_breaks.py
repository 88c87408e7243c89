"""No line inside a quoted or ambiguous cell is ever a row."""

import pytest

from brugerbog.application.commands.imports.receipt import ImportReceipt
from brugerbog.application.commands.imports.records import LONGEST_LINE
from tests.application.commands.imports.csv_rows import cpr, create, delete, file_of, update
from tests.application.commands.imports.file_importer import FileImporter, only, outcomes, reasons

BYSTANDER = 9
TRAP = delete(cpr=cpr(BYSTANDER))
"""A row that would delete a bystander."""

NEVER_DONE = {
    "a line of a quoted cell": (f'"Note, linje 1\n{TRAP}\nslut"', "line_break_in_cell"),
    "a line between two breaks": (f'"Note\n\n{TRAP}\n\nslut"', "line_break_in_cell"),
    "after a doubled mark": (f'"Note ""x""\n{TRAP}\n""slut"', "line_break_in_cell"),
    "after a blank and a mark": (f' "Note\n{TRAP}\nslut"', "line_break_in_cell"),
    "after a no-break space and a mark": (f'\u00a0"Note\n{TRAP}\nslut"', "line_break_in_cell"),
    "after a zero width space and a mark": (f'\u200b"Note\n{TRAP}\nslut"', "line_break_in_cell"),
    "after an ideographic space and a mark": (f'\u3000"Note\n{TRAP}\nslut"', "line_break_in_cell"),
    "after a line separator and a mark": (f'\u2028"Note\n{TRAP}\nslut"', "line_break_in_cell"),
    "after controls and a mark": (f'\x01\x0b"Note\n{TRAP}\nslut"', "line_break_in_cell"),
    "after a mark inside the cell": (f'Note "x\n{TRAP}\nslut"', "quote_unbalanced"),
    "after an equals sign and a mark": (f'="Note\n{TRAP}\nslut"', "quote_unbalanced"),
    "after a break, and a mark inside the last cell": (f'"a\nb";="Note\n{TRAP}\nslut"', "quote_unbalanced"),
    "behind a second cell with a break": (f'"a\nb";"\n{TRAP}\n"', "line_break_in_cell"),
    "after a line longer than the longest": (f'"Note\n{"x" * 9000}\n{TRAP}\nslut"', "line_break_in_cell"),
    "never closed": (f'"Note\n{TRAP}\nslut', "quote_unbalanced"),
    "closed, with marks that aren't doubled": (f'"Note "x"\n{TRAP}\ny" slut"', "quote_unbalanced"),
    "closed with a mark behind a backslash": (f'"Note \\"x\n{TRAP}\ny"', "quote_unbalanced"),
    "closed by the mark of another cell": (f'"Note\nC;;"Bo";x\n{TRAP}', "quote_unbalanced"),
    "in a line longer than the longest": (f'"{"x" * LONGEST_LINE}\n{TRAP}\n"', "quote_unbalanced"),
    "closed in a line longer than the longest": (f'"Note\n{"x" * 70_000}";\n{TRAP}', "quote_unbalanced"),
    "behind a cell closed in a line longer than the longest": (
        f'"Note\n{"x" * 9000}";\n;"\n{TRAP}\n"',
        "quote_unbalanced",
    ),
}


def handed_in(
    file_importer: FileImporter, cell: str, end: str, *, all_or_nothing: bool = False
) -> ImportReceipt:
    content = file_of(create(0), create(1, reference_text=cell), create(2)).decode().replace("\r\n", "\n")
    return file_importer.import_bytes(content.replace("\n", end).encode(), all_or_nothing=all_or_nothing)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("cell", "code"), NEVER_DONE.values(), ids=NEVER_DONE)
def test_what_may_lie_inside_a_cell_is_never_done(
    file_importer: FileImporter, cell: str, code: str, end: str
) -> None:
    bystander = file_importer.create_one(create(BYSTANDER))
    receipt = handed_in(file_importer, cell, end)
    assert bystander in {one.id for one in file_importer.service.queries.users(file_importer.actor).users}
    assert [one.outcome for one in receipt.outcomes[:2]] == ["created", "refused"]
    assert [error.code for error in receipt.outcomes[1].errors] == [code]
    assert all(one.outcome == "created" for one in receipt.outcomes[2:])
    assert receipt.deleted == 0


@pytest.mark.parametrize(("cell", "code"), NEVER_DONE.values(), ids=NEVER_DONE)
def test_all_or_nothing_does_nothing_of_it_either(file_importer: FileImporter, cell: str, code: str) -> None:
    bystander = file_importer.create_one(create(BYSTANDER))
    receipt = handed_in(file_importer, cell, "\n", all_or_nothing=True)
    assert [one.id for one in file_importer.service.queries.users(file_importer.actor).users] == [bystander]
    assert [error.code for error in receipt.outcomes[1].errors] == [code]


def test_a_row_with_a_line_break_is_named_by_its_first_line_its_column_and_its_last(
    file_importer: FileImporter,
) -> None:
    receipt = file_importer.import_rows(create(0), create(1, reference_text='"a\r\n\r\nb"'), create(2))
    assert [one.row for one in receipt.outcomes] == [2, 3, 6]
    assert outcomes(receipt) == ["created", "refused", "created"]
    assert reasons(receipt.outcomes[1]) == {("Referencetekst", "line_break_in_cell")}
    assert "linje 5" in receipt.outcomes[1].errors[0].message


def test_of_two_cells_with_line_breaks_the_first_is_named(file_importer: FileImporter) -> None:
    outcome = only(file_importer.import_rows(create(first_name='"An\nne"', reference_text='"a\nb"')))
    assert reasons(outcome) == {("Fornavn", "line_break_in_cell")}


def test_after_a_mark_that_is_never_closed_nothing_is_done(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(create(0), create(1, surname='"Hansen'), create(2), create(3))
    assert outcomes(receipt) == ["created", "refused"]
    assert reasons(receipt.outcomes[1]) == {("Efternavn", "quote_unbalanced")}
    assert file_importer.import_rows(create(0), create(1), create(2), create(3)).created == 3


def test_a_closed_cell_in_every_row_hides_no_row(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(
        *(create(serial, reference_text='"Afd. 1; ""stuen"""') for serial in range(5))
    )
    assert outcomes(receipt) == ["created"] * 5


def test_a_mark_inside_a_cell_is_a_character_unless_a_line_ends_behind_it(
    file_importer: FileImporter,
) -> None:
    receipt = file_importer.import_rows(
        create(0, reference_text='Skærm 12"'), create(1, reference_text='Kaldt "Bo"')
    )
    assert outcomes(receipt) == ["created"] * 2
    one = file_importer.import_rows(
        create(2), update(cpr=cpr(0), reference_text='Skærm 13"').rstrip(";"), create(3)
    )
    assert outcomes(one) == ["created", "refused"]
    assert reasons(one.outcomes[1]) == {("Referencetekst", "quote_unbalanced")}
    two = file_importer.import_rows(update(cpr=cpr(0), reference_text='"Skærm 13"""').rstrip(";"))
    assert outcomes(two) == ["updated"]
