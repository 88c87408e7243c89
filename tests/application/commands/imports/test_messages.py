"""Every error is in Danish, says what to do, and never shows a CPR number."""

import io
import re

import pytest

from brugerbog.application.commands.imports.columns import COLUMN_OF_FIELD, COLUMNS
from brugerbog.application.commands.imports.receipt import ImportReceipt, write_receipt
from tests.application.commands.imports.csv_rows import by_birth_date, cpr, create, delete, row, update
from tests.application.commands.imports.file_importer import USER_ID, FileImporter, only
from tests.application.commands.imports.wrong_cells import IN_A_STRICT_ORGANISATION, ON_C, ON_D, ON_U

CPR = cpr(50)
DAY, SERIAL = CPR[:6], CPR[6:]
WRITTEN = {
    "plain": CPR,
    "with a hyphen": f"{DAY}-{SERIAL}",
    "with a dash": f"{DAY}\u2013{SERIAL}",
    "with a blank": f"{DAY} {SERIAL}",
    "with two blanks": f"{DAY}  {SERIAL}",
    "with a no-break space": f"{DAY}\u00a0{SERIAL}",
    "in pairs": f"{DAY[:2]} {DAY[2:4]} {DAY[4:]} {SERIAL}",
    "with points": f"{DAY[:2]}.{DAY[2:4]}.{DAY[4:]}-{SERIAL}",
    "with decimals": f"{CPR},00",
    "in words": f"CPR: {CPR}.",
    "twice": f"{CPR} {CPR}",
    "before a phone number": f"{CPR} tlf. 12345678",
    "before an underscore": f"{CPR}_1",
    "after a letter": f"x{CPR}",
    "far to the right": f"{'x' * 30}{CPR}",
}
ORDERS = re.compile(
    r"\b(brug|kontrollér|skriv|ret|udfyld|udfyldes|lad|vælg|forkort|slet|fjern|formatér|kopiér|redigér|opret"
    r"|skal være|udelad)\b",
    re.IGNORECASE,
)


def everything_said(receipt: ImportReceipt) -> list[str]:
    """All text of a receipt and of its file, ids of users apart."""
    out = io.StringIO()
    write_receipt(receipt, out)
    said = [one.action for one in receipt.outcomes]
    said += [error.message for one in receipt.outcomes for error in one.errors]
    return [USER_ID.sub("", text) for text in [*said, *out.getvalue().split(";")]]


def holds_it(text: str) -> bool:
    return CPR in re.sub(r"\D", "", text)


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_a_cpr_number_is_never_repeated_whatever_column_it_stands_in(
    dry_file_importer: FileImporter, written: str
) -> None:
    lines = [
        row(action, **({"target_ial": "x"} | {field: written}))
        for action in "CUD"
        for field in COLUMN_OF_FIELD
    ]
    receipt = dry_file_importer.import_rows(*lines, dry_run=True)
    assert [text for text in everything_said(receipt) if holds_it(text)] == []


def test_a_cpr_number_is_not_repeated_where_the_action_should_stand(dry_file_importer: FileImporter) -> None:
    receipt = dry_file_importer.import_rows(*(row(written) for written in WRITTEN.values()), dry_run=True)
    assert [text for text in everything_said(receipt) if holds_it(text)] == []


def test_a_cpr_number_in_a_row_of_wrong_length_is_not_repeated(dry_file_importer: FileImporter) -> None:
    receipt = dry_file_importer.import_rows(
        f"{CPR};Anne", f'C;"{CPR}', f"C;{CPR}", create(50) + ";", dry_run=True
    )
    assert [text for text in everything_said(receipt) if holds_it(text)] == []


def test_a_cpr_number_inside_an_e_mail_address_is_not_repeated(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(by_birth_date(email="anne@firma.test"))
    file_importer.create_one(by_birth_date(email=f"{CPR}@firma.test"))
    receipt = file_importer.import_rows(update(user_id=str(user_id), email=f"{CPR}@firma.test"))
    assert [error.code for error in only(receipt).errors] == ["person_in_use"]
    assert [text for text in everything_said(receipt) if holds_it(text)] == []


def test_the_day_of_a_refused_cpr_number_is_shown_so_that_it_can_be_found(
    dry_file_importer: FileImporter,
) -> None:
    (error,) = only(dry_file_importer.import_rows(create(cpr="070961-1111"), dry_run=True)).errors
    assert error.message.startswith("»070961-xxxx«")


def test_an_id_is_shown_whole_even_if_some_of_its_digits_could_be_a_cpr_number(
    dry_file_importer: FileImporter,
) -> None:
    user_id = "01a20462-50ba-725c-b703-982423121078"
    (error,) = only(dry_file_importer.import_rows(update(user_id=user_id), dry_run=True)).errors
    assert user_id in error.message


def test_a_refused_value_is_shown_shortened(dry_file_importer: FileImporter) -> None:
    (error,) = only(dry_file_importer.import_rows(create(51, first_name="A" * 101), dry_run=True)).errors
    assert error.message.startswith(f"»{'A' * 40}…«")


def test_every_reason_says_in_danish_what_to_do(
    dry_file_importer: FileImporter, strict_dry_file_importer: FileImporter
) -> None:
    user_id = str(dry_file_importer.create_one(create(52)))
    wrong = [create(53, **{field: text}) for field, text, _ in ON_C]
    wrong += [update(**{"user_id": user_id, field: text}) for field, text, _ in ON_U]
    wrong += [delete(**{"user_id": user_id, field: text}) for field, text, _ in ON_D]
    wrong += [update(cpr=cpr(54)), create(52, phone="12345678"), "C", 'C;"', row("X")]
    strict = [create(54, **{field: text}) for field, text, _ in IN_A_STRICT_ORGANISATION]
    receipts = (
        dry_file_importer.import_rows(*wrong, dry_run=True),
        strict_dry_file_importer.import_rows(*strict, create(54, anonymous="J"), dry_run=True),
    )

    errors = [error for receipt in receipts for one in receipt.outcomes for error in one.errors]
    assert {error.column for error in errors} <= set(COLUMNS)
    assert {error.code for error in errors if not ORDERS.search(error.message)} == set()
    assert not [
        error
        for error in errors
        if re.search(r"\b(the|is|not|must|None|MISSING)\b|\{", error.message.rpartition("«")[2])
    ]
