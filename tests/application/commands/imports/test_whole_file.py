"""A file that is not a CSV file of ours is refused as a whole, with its reason, and nothing is stored."""

from pathlib import Path

import pytest

from brugerbog.application.commands.imports.columns import COLUMNS
from brugerbog.application.commands.imports.csv_file import MOST_ROWS
from brugerbog.application.commands.imports.file_refusals import FileRefused
from brugerbog.application.commands.imports.sources import MOST_MEGABYTES
from tests.application.commands.imports.csv_rows import HEADER, create, file_of
from tests.application.commands.imports.file_importer import FileImporter, only

SWAPPED = ";".join([COLUMNS[1], COLUMNS[0], *COLUMNS[2:]])

WRONG_FILES = {
    "commas": (file_of(create()).replace(b";", b","), "not_semicolon_separated"),
    "tabs": (file_of(create()).replace(b";", b"\t"), "not_semicolon_separated"),
    "another order": (SWAPPED.encode(), "wrong_column_order"),
    "Fødselsdato": (HEADER.replace("Foedselsdato", "Fødselsdato").encode(), "column_missing"),
    "Fødselsdato in Windows-1252": (
        HEADER.replace("Foedselsdato", "Fødselsdato").encode("cp1252"),
        "column_missing",
    ),
    "another case": (HEADER.replace("Aktion", "aktion").encode(), "column_missing"),
    "one column twice": (HEADER.replace("Efternavn", "Fornavn").encode(), "column_missing"),
    "no header": (create().encode(), "column_missing"),
    "14 columns": (";".join(COLUMNS[:-1]).encode(), "wrong_column_count"),
    "16 columns": (f"{HEADER};Afdeling".encode(), "wrong_column_count"),
    "a line before the header": (b"Brugere;;\r\n" + file_of(create()), "wrong_column_count"),
    "sep=, and commas": (b"sep=,\r\n" + file_of(create()).replace(b";", b","), "not_semicolon_separated"),
    "commas and quotation marks": (
        f'"{HEADER}"\r\n'.replace(";", '","').encode(),
        "not_semicolon_separated",
    ),
    "a header that goes on to the next line": (
        HEADER.replace("Aktion", '"Aktion\n"').encode(),
        "column_missing",
    ),
    "a header whose last column is never closed": (
        HEADER.replace("Loginmiddel", '"Loginmiddel').encode() + b"\nD;;;;0709610000;;;;;;;;;;\n",
        "column_missing",
    ),
    "a header without end": (HEADER.encode() + b";" * 5000, "not_text"),
    "nothing": (b"", "file_empty"),
    "a byte order mark only": (b"\xef\xbb\xbf", "file_empty"),
    "NUL in a cell": (file_of(create(first_name="An\0ne")), "not_text"),
    "NUL at the end": (file_of(create()) + b"\0", "not_text"),
    "UTF-16 with a NUL": (file_of(create(first_name="An\0ne"), encoding="utf-16"), "not_text"),
    "UTF-16 cut in a character": (file_of(create(), encoding="utf-16") + b"\n", "not_text"),
    "UTF-16 mark only": (b"\xff\xfe", "file_empty"),
    "UTF-32 with a mark": (file_of(create(), encoding="utf-32"), "not_text"),
    "UTF-16, least byte first": (file_of(create(), encoding="utf-16-le"), "not_text"),
    "UTF-16, most byte first": (file_of(create(), encoding="utf-16-be"), "not_text"),
    "a spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)), "not_text"),
    "bytes of no encoding": (bytes(range(1, 256)) * 20, "not_text"),
}


@pytest.mark.parametrize(("content", "code"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_file_that_is_not_the_template_filled_in_is_refused(
    file_importer: FileImporter, content: bytes, code: str
) -> None:
    assert file_importer.refused(content).code == code


@pytest.mark.parametrize(("content", "code"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_it_is_refused_all_or_nothing_and_in_a_dry_run_too(
    file_importer: FileImporter, content: bytes, code: str
) -> None:
    assert file_importer.refused(content, all_or_nothing=True).code == code
    assert file_importer.refused(content, dry_run=True).code == code


def test_the_refusal_names_what_stands_between_the_columns(file_importer: FileImporter) -> None:
    assert "komma" in file_importer.refused(file_of().replace(b";", b",")).message
    assert "tabulator" in file_importer.refused(file_of().replace(b";", b"\t")).message


def test_the_refusal_names_the_column_that_has_another_name(file_importer: FileImporter) -> None:
    content = HEADER.replace("Foedselsdato", "Fødselsdato").encode()
    assert "Foedselsdato" in file_importer.refused(content).message


def test_the_refusal_names_the_columns_that_are_missing(file_importer: FileImporter) -> None:
    message = file_importer.refused(";".join(COLUMNS[:-2]).encode()).message
    assert "13" in message
    assert "SE-nummer, Loginmiddel" in message


def test_the_refusal_names_the_first_column_out_of_order(file_importer: FileImporter) -> None:
    message = file_importer.refused(SWAPPED.encode()).message
    assert "kolonne 1 skal være Aktion" in message


def test_a_file_without_its_header_shows_nothing_of_the_person_on_its_first_line(
    file_importer: FileImporter,
) -> None:
    message = file_importer.refused(create().encode()).message
    assert not set(create().split(";")[2:7]) - {""} & set(message.split())


def test_300_000_rows_are_too_many(file_importer: FileImporter) -> None:
    assert file_importer.refused(file_of() + b"C;;;;;;;;;;;;;;\n" * 300_000).code == "too_many_rows"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_row_beyond_the_limit_is_too_many_whatever_ends_it(file_importer: FileImporter, end: str) -> None:
    content = f"{HEADER}{end}" + f"C{end}" * MOST_ROWS + "C"
    assert file_importer.refused(content.encode(), dry_run=True).code == "too_many_rows"


def test_more_than_50_mb_is_too_large(file_importer: FileImporter) -> None:
    assert file_importer.refused(file_of() + b" " * (MOST_MEGABYTES << 20)).code == "file_too_large"


def test_a_header_alone_is_a_file_of_no_rows(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows()
    assert (receipt.rows, receipt.outcomes) == (0, [])


def test_a_header_alone_all_or_nothing_is_a_file_of_no_rows(file_importer: FileImporter) -> None:
    assert file_importer.import_rows(all_or_nothing=True).rows == 0
    assert file_importer.import_bytes(HEADER.encode(), dry_run=True).rows == 0


def test_a_header_in_quotation_marks_and_blanks_is_accepted(file_importer: FileImporter) -> None:
    header = ";".join(f'"{column}" ' for column in COLUMNS)
    assert only(file_importer.import_bytes(f"{header}\n{create()}".encode())).outcome == "created"


def test_a_folder_is_no_file(file_importer: FileImporter, tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        file_importer.service.administration.import_users(file_importer.actor, tmp_path)
    assert refused.value.code == "file_unreadable"


def test_a_file_that_is_not_there_is_refused(file_importer: FileImporter, tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        file_importer.service.administration.import_users(file_importer.actor, tmp_path / "nowhere.csv")
    assert refused.value.code == "file_unreadable"


def test_a_byte_of_no_encoding_far_down_refuses_the_file_before_its_first_row(
    file_importer: FileImporter,
) -> None:
    """0x81 is neither UTF-8 nor Windows-1252; by then the first thousand rows would have been stored."""
    content = file_of(*(create(serial) for serial in range(1200))) + b"\x81"
    assert file_importer.refused(content).code == "encoding_wrong"


def test_every_refusal_of_a_file_says_what_to_do(file_importer: FileImporter, tmp_path: Path) -> None:
    told = {
        refusal.code: refusal.message
        for refusal in (file_importer.refused(one) for one, _ in WRONG_FILES.values())
    }
    with pytest.raises(FileRefused) as refused:
        file_importer.service.administration.import_users(file_importer.actor, tmp_path / "nowhere.csv")
    told[refused.value.code] = refused.value.message
    orders = ("Brug ", "Gem ", "Vælg ", "Kontrollér ", "Del ", "skal være ")
    assert {code for code, message in told.items() if not any(order in message for order in orders)} == set()
