"""Changes of a file's text by spreadsheets and editors that leave its meaning intact are accepted."""

import pytest

from brugerbog.application.commands.imports.records import LONGEST_LINE
from tests.application.commands.imports.csv_rows import HEADER, create, file_of
from tests.application.commands.imports.file_importer import FileImporter, only, outcomes, reasons

NAME = "Æsåøé-Åse"


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "windows-1252")]
)
def test_danish_letters_come_through_and_the_encoding_is_said(
    file_importer: FileImporter, encoding: str, said: str
) -> None:
    receipt = file_importer.import_bytes(file_of(create(first_name=NAME), encoding=encoding))
    assert receipt.encoding == said
    assert file_importer.user(only(receipt).id).first_name == NAME


def test_plain_letters_are_utf_8(file_importer: FileImporter) -> None:
    assert file_importer.import_rows(create()).encoding == "utf-8"


def test_a_letter_in_windows_1252_far_down_is_read_rightly(file_importer: FileImporter) -> None:
    rows = [create(0, first_name="A" * 100)] * 12_000
    receipt = file_importer.import_bytes(
        file_of(*rows, create(1, first_name=NAME), encoding="cp1252"), dry_run=True
    )
    assert (receipt.encoding, receipt.created) == ("windows-1252", 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(file_importer: FileImporter, end: str) -> None:
    receipt = file_importer.import_bytes(file_of(create(0), create(1), end=end))
    assert [one.row for one in receipt.outcomes] == [2, 3]
    assert outcomes(receipt) == ["created", "created"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_last_line_needs_no_end(file_importer: FileImporter, end: str) -> None:
    assert file_importer.import_bytes(end.join([HEADER, create(0), create(1)]).encode()).created == 2


@pytest.mark.parametrize("blanks", ["", ";" * 14, " ; ;", "\u00a0;\t", '"";""'])
def test_a_blank_row_has_no_outcome_and_row_numbers_stay_those_of_the_file(
    file_importer: FileImporter, blanks: str
) -> None:
    receipt = file_importer.import_rows(blanks, create(0), blanks, blanks, create(1), blanks)
    assert [one.row for one in receipt.outcomes] == [3, 6]
    assert receipt.rows == 2


def test_a_row_of_the_file_keeps_its_number_among_bare_carriage_returns(file_importer: FileImporter) -> None:
    content = "\r".join([HEADER, "", create(0), "X", ""])
    assert [one.row for one in file_importer.import_bytes(content.encode()).outcomes] == [3, 4]


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u2007", "\u202f", "\u2060", "\ufeff", " \u00a0 "])
def test_blanks_round_a_value_are_trimmed(file_importer: FileImporter, blank: str) -> None:
    line = ";".join(f"{blank}{cell}{blank}" for cell in create(phone="12345678").split(";"))
    user = file_importer.user(only(file_importer.import_rows(line)).id)
    assert (user.first_name, user.phone, user.email) == ("Anne", "12345678", "anne0@firma.test")


def test_a_cell_of_blanks_counts_as_empty(file_importer: FileImporter) -> None:
    outcome = only(file_importer.import_rows(create(first_name=" \u00a0", phone="\u202f ", user_id=" ")))
    assert reasons(outcome) == {("Fornavn", "must_be_filled")}


def test_a_quoted_cell_may_hold_a_semicolon(file_importer: FileImporter) -> None:
    user = file_importer.user(only(file_importer.import_rows(create(reference_text='"Afd. 1; stuen"'))).id)
    assert user.reference_text == "Afd. 1; stuen"


def test_doubled_quotation_marks_are_one(file_importer: FileImporter) -> None:
    user = file_importer.user(only(file_importer.import_rows(create(surname='"""And"" Hansen"'))).id)
    assert user.surname == '"And" Hansen'


def test_a_quotation_mark_inside_an_unquoted_cell_stays(file_importer: FileImporter) -> None:
    user = file_importer.user(
        only(file_importer.import_rows(create(reference_text='Skærm 24" og tastatur'))).id
    )
    assert user.reference_text == 'Skærm 24" og tastatur'


def test_every_cell_may_be_quoted(file_importer: FileImporter) -> None:
    line = ";".join(f'"{cell}"' for cell in create().split(";"))
    assert only(file_importer.import_rows(line)).outcome == "created"


def test_blanks_round_a_quoted_cell_are_trimmed(file_importer: FileImporter) -> None:
    user = file_importer.user(only(file_importer.import_rows(create(first_name='" Anne "'))).id)
    assert user.first_name == "Anne"


def test_an_unbalanced_quotation_mark_in_the_last_column_is_named_there(file_importer: FileImporter) -> None:
    assert reasons(only(file_importer.import_rows(create(means='"')))) == {
        ("Loginmiddel", "quote_unbalanced")
    }


def test_text_behind_a_quotation_mark_is_named_by_its_column(file_importer: FileImporter) -> None:
    assert reasons(only(file_importer.import_rows(create(first_name='"Anne" Marie')))) == {
        ("Fornavn", "quote_unbalanced")
    }


def test_an_unbalanced_quotation_mark_behind_a_quoted_semicolon_is_named_by_its_column(
    file_importer: FileImporter,
) -> None:
    line = create(first_name='"Anne; Marie"', surname='"Hansen')
    assert reasons(only(file_importer.import_rows(line))) == {("Efternavn", "quote_unbalanced")}


@pytest.mark.parametrize("missing", range(5))
def test_empty_cells_at_a_rows_end_may_be_missing(file_importer: FileImporter, missing: int) -> None:
    line = create()
    assert only(file_importer.import_rows(line[: len(line) - missing])).outcome == "created"


def test_a_cell_that_must_be_filled_is_missed_where_it_is_missing(file_importer: FileImporter) -> None:
    outcome = only(file_importer.import_rows("C;;Anne;Hansen;0709610000;;anne@firma.test"))
    assert reasons(outcome) == {("TargetIAL", "must_be_filled")}


@pytest.mark.parametrize("line", [f"{create()};", f"{create()};;"])
def test_a_row_of_more_cells_is_refused_alone(file_importer: FileImporter, line: str) -> None:
    receipt = file_importer.import_rows(line, create(1))
    assert outcomes(receipt) == ["refused", "created"]
    assert [error.code for error in receipt.outcomes[0].errors] == ["wrong_cell_count"]
    assert str(len(line.split(";"))) in receipt.outcomes[0].errors[0].message


def test_line_separators_of_other_kinds_end_no_line(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(
        create(0, first_name="An\u2028ne"), create(1, first_name="An\x0cne"), create(2)
    )
    assert [one.row for one in receipt.outcomes] == [2, 3, 4]
    assert outcomes(receipt) == ["refused", "refused", "created"]


def test_a_name_is_kept_in_its_composed_form(file_importer: FileImporter) -> None:
    assert (
        file_importer.user(only(file_importer.import_rows(create(first_name="A\u030ase"))).id).first_name
        == "Åse"
    )


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_a_first_line_that_names_the_separator_is_accepted_and_counted(
    file_importer: FileImporter, first: str
) -> None:
    receipt = file_importer.import_bytes(f"{first}\r\n".encode() + file_of(create(0), create(1)))
    assert [one.row for one in receipt.outcomes] == [3, 4]
    assert outcomes(receipt) == ["created", "created"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_a_mark_is_read_and_said(file_importer: FileImporter, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    content = mark.encode(encoding) + file_of(
        create(first_name="Łukasz-Åse", phone="12345678"), encoding=encoding
    )
    receipt = file_importer.import_bytes(content)
    assert receipt.encoding == "utf-16"
    assert file_importer.user(only(receipt).id).first_name == "Łukasz-Åse"


def test_blanks_round_quotation_marks_are_none_of_the_cell(file_importer: FileImporter) -> None:
    user = file_importer.user(only(file_importer.import_rows(create(surname=' "Bo; Ib"\u00a0 '))).id)
    assert user.surname == "Bo; Ib"


def test_a_row_longer_than_the_longest_is_refused_alone(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(
        create(0, first_name="A" * 70_000), create(1), create(2, email="x" * LONGEST_LINE), create(3)
    )
    assert outcomes(receipt) == ["refused", "created", "refused", "created"]
    assert reasons(receipt.outcomes[0]) == {("Aktion", "line_too_long")}


def test_a_row_as_long_as_the_longest_is_read(file_importer: FileImporter) -> None:
    line = create(reference_text="")
    row = line + " " * (LONGEST_LINE - len(line))
    assert outcomes(file_importer.import_rows(row, f"{row} ")) == ["created", "refused"]
