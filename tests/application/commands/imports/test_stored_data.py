"""An import stores a keyed digest, the next row, and ids and codes by row: no personal data."""

from hashlib import sha256

from brugerbog.infrastructure.database.schema import import_rows, imports
from tests.application.commands.imports.csv_rows import (
    by_birth_date,
    cpr,
    create,
    delete,
    file_of,
    row,
    update,
)
from tests.application.commands.imports.file_importer import FileImporter, open_file_importer
from tests.application.commands.imports.wrong_cells import ON_C
from tests.stores import rows

ROWS = [
    create(0, first_name="Ærøline", phone="12345678", reference_text="Hemmelig"),
    create(0, first_name="Birtheline"),
    by_birth_date(1),
    update(cpr=cpr(0), email="nyadresse@firma.test"),
    update(cpr=cpr(9)),
    delete(cpr=cpr(0), surname="Forkertsen"),
    delete(cpr=cpr(0)),
    row(cpr(7), first_name=cpr(8)),
    create(4, p_number=cpr(6)),
    update(user_id="123", cpr=cpr(6), reference_text=cpr(6), phone=cpr(6), ean=cpr(6), se_number=cpr(6)),
    *(create(3, **{field: text}) for field, text, _ in ON_C),
]
PERSONAL = {
    *(cpr(serial) for serial in (0, 3, 6, 7, 8, 9)),
    *("Ærøline", "Birtheline", "Hansen", "Forkertsen", "Hemmelig"),
    *("anne0@firma.test", "nyadresse@firma.test", "12345678"),
}


def test_of_a_row_are_kept_its_outcome_its_user_and_codes(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(create(0), create(1, phone="1", email="x"))
    (begun,) = [
        one
        for one in rows(file_importer.service, imports)
        if one.organisation_id == file_importer.actor.organisation_id
    ]
    kept = [one for one in rows(file_importer.service, import_rows) if one.import_id == begun.import_id]

    assert (begun.next_row, begun.finished) == (4, True)
    assert [(one.row, one.outcome, one.user_id) for one in kept] == [
        (2, "created", receipt.outcomes[0].id),
        (3, "refused", None),
    ]
    assert [one.reasons for one in kept] == ["", "E-mail\temail_invalid\t{}\nTelefon\tphone_invalid\t{}"]


def test_nothing_kept_of_an_import_shows_anything_about_anybody(file_importer: FileImporter) -> None:
    file_importer.import_rows(*ROWS)
    kept = [
        cell for table in (imports, import_rows) for one in rows(file_importer.service, table) for cell in one
    ]
    written = [cell.hex() if isinstance(cell, bytes) else str(cell) for cell in kept]
    assert [one for one in written if any(personal in one for personal in PERSONAL)] == []


def test_the_digest_of_a_file_can_not_be_made_without_the_key(file_importer: FileImporter) -> None:
    file_importer.import_rows(*ROWS)
    digests = {one.digest for one in rows(file_importer.service, imports)}
    assert sha256(file_of(*ROWS)).digest() not in digests


def test_two_installations_keep_different_digests_of_one_file(file_importer: FileImporter) -> None:
    file_importer.import_rows(create())
    with open_file_importer(file_importer.path.parent) as other:
        other.import_rows(create())
        (theirs,) = rows(other.service, imports)
    assert theirs.digest not in {one.digest for one in rows(file_importer.service, imports)}


def test_nothing_is_left_of_the_file_in_the_whole_store(file_importer: FileImporter) -> None:
    """In the events' own columns and payloads, in claims and commands; what is sealed is sealed."""
    file_importer.import_rows(*ROWS)
    plain = [
        bytes(cell) if isinstance(cell, bytes) else str(cell).encode()
        for table in file_importer.stored().values()
        for one in table
        for cell in one
    ]
    assert not [cell for cell in plain if any(personal.encode() in cell for personal in PERSONAL)]
