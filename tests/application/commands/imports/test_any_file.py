"""Any file is imported or refused, by row or as a whole, and its valid rows are done."""

import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from brugerbog.application.commands.imports.columns import COLUMN_OF_FIELD, COLUMNS
from brugerbog.application.commands.imports.file_refusals import FileRefused
from brugerbog.application.commands.imports.misread_text import (
    has_code_or_two_alphabets,
    has_lost_letter,
    has_sign_in_word,
    is_misread,
    is_utf_8_misread,
)
from brugerbog.application.commands.imports.receipt import write_receipt
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means
from brugerbog.service import Service
from tests.application.commands.imports.csv_rows import HEADER, quoted
from tests.application.commands.imports.file_importer import FileImporter, register
from tests.application.commands.imports.wrong_cells import ON_C, ON_D, ON_U
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.people import made_up_cpr

NewDesk = Callable[[], FileImporter]


@pytest.fixture(scope="module")
def new_desk(shared_service: Service, tmp_path_factory: pytest.TempPathFactory) -> NewDesk:
    numbers, path = count(92000001), tmp_path_factory.mktemp("any") / "users.csv"
    return lambda: FileImporter(shared_service, register(shared_service, cvr=str(next(numbers))), path)


def in_any_case(file_importer: FileImporter, content: bytes) -> None:
    """Judged in a dry run and in earnest alike; the receipt can be written."""
    with suppress(FileRefused):
        dry = file_importer.import_bytes(content, dry_run=True)
        receipt = file_importer.import_bytes(content)
        assert [one.outcome for one in receipt.outcomes] == [one.outcome for one in dry.outcomes]
        assert {error.column for one in receipt.outcomes for error in one.errors} <= set(COLUMNS)
        with file_importer.path.with_name("receipt.csv").open("w", encoding="utf-8", newline="") as out:
            write_receipt(receipt, out)


@given(content=st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused(dry_file_importer: FileImporter, content: bytes) -> None:
    in_any_case(dry_file_importer, content)


@given(content=st.binary(max_size=300))
def test_any_bytes_after_the_header_are_taken_or_refused(new_desk: NewDesk, content: bytes) -> None:
    in_any_case(new_desk(), f"{HEADER}\n".encode() + content)


@given(
    text=st.text(st.sampled_from('CUD;";"\r\n\t ="0123456789æ\u00a0'), max_size=80),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
)
def test_any_text_after_the_header_is_taken_or_refused(new_desk: NewDesk, text: str, encoding: str) -> None:
    in_any_case(new_desk(), f"{HEADER}\n{text}".encode(encoding, errors="replace"))


ALL_CELLS = sorted({(COLUMN_OF_FIELD[field], text) for field, text, _ in (*ON_C, *ON_U, *ON_D)})
CELLS = st.one_of(
    st.just(""),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.text("0123456789-.,E+ @=", max_size=14),
    st.sampled_from([text for _, text in ALL_CELLS]),
)


@given(
    rows=st.lists(st.tuples(st.sampled_from("CUD"), st.lists(CELLS, min_size=14, max_size=14)), max_size=4)
)
def test_any_cells_are_taken_or_refused(new_desk: NewDesk, rows: list[tuple[str, list[str]]]) -> None:
    lines = [quoted([action, *cells]) for action, cells in rows]
    in_any_case(new_desk(), "\r\n".join([HEADER, *lines]).encode())


LETTERS = st.characters(
    codec="utf-8",
    exclude_categories=["C", "Z", "M"],
    exclude_characters="\ufdfa\u115f\u1160\u2800",
    max_codepoint=0x2FFF,
)
NAMES = st.one_of(
    st.sampled_from(["Åse", 'And "Anders"', "O'Hara", "Bo;Ib", "=SUM(1)", 'A"', "A-B", "Anne Marie"]),
    st.text(LETTERS, max_size=19).map(lambda text: unicodedata.normalize("NFC", f"Å{text}")),
)
LOCAL_PARTS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=10)
OPTIONAL = {
    "phone": st.from_regex(r"[0-9]{8}", fullmatch=True),
    "anonymous": st.sampled_from("JN"),
    "reference_text": NAMES,
    "ean": st.just(EAN),
    "p_number": st.just(P_NUMBER),
    "se_number": st.just(SE_NUMBER),
    "means": st.just("PrivatID"),
}
BORN = st.dates(date(1900, 1, 2), date(2013, 3, 20)).filter(lambda day: (day.month, day.day) != (1, 1))
PEOPLE = st.fixed_dictionaries(
    {
        "first_name": NAMES,
        "surname": NAMES,
        "email": LOCAL_PARTS.map(lambda local: f"{local}@firma.test"),
        "target_ial": st.sampled_from("34"),
        "born": BORN,
        "known by": st.sampled_from(["cpr", "date_of_birth", "both"]),
    },
    optional=OPTIONAL,
)


def cells_of(serial: int, person: dict[str, Any]) -> dict[str, str]:
    """What stands in a person's row."""
    said = {field: text for field, text in person.items() if field in COLUMN_OF_FIELD}
    if person["known by"] != "date_of_birth":
        said["cpr"] = made_up_cpr(person["born"], serial)
    if person["known by"] != "cpr":
        said["date_of_birth"] = f"{person['born']:%d%m%Y}"
    return said


def line_of(said: dict[str, str]) -> str:
    cells = ["C", *[""] * 14]
    for field, text in said.items():
        cells[COLUMN_OF_FIELD[field]] = text
    return quoted(cells)


def facts(user: User) -> dict[str, object]:
    fields = (
        "first_name",
        "surname",
        "email",
        "phone",
        "cpr",
        "reference_text",
        "ean",
        "p_number",
        "se_number",
    )
    known = {name: getattr(user, name) for name in fields}
    return known | {
        "born": user.date_of_birth,
        "target_ial": user.target_ial,
        "anonymous": user.anonymous,
        "means": user.means,
    }


def expected(said: dict[str, str], person: dict[str, Any]) -> dict[str, object]:
    texts = (
        "first_name",
        "surname",
        "email",
        "phone",
        "cpr",
        "reference_text",
        "ean",
        "p_number",
        "se_number",
    )
    return {name: said.get(name) for name in texts} | {
        "born": person["born"],
        "target_ial": Ial.HIGH if said["target_ial"] == "4" else Ial.SUBSTANTIAL,
        "anonymous": said.get("anonymous") == "J",
        "means": (Means.PRIVATE,) if "means" in said else (),
    }


@given(
    people=st.lists(PEOPLE, min_size=1, max_size=4, unique_by=lambda one: one["email"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_people_written_to_a_file_become_users(
    new_desk: NewDesk, people: list[dict[str, Any]], end: str, encoding: str
) -> None:
    file_importer, said = new_desk(), [cells_of(serial, person) for serial, person in enumerate(people)]
    text = end.join([HEADER, *(line_of(cells) for cells in said)])
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        content = text.encode()
    names = [cells.get(field, "") for cells in said for field in ("first_name", "surname", "reference_text")]
    assume(not any(is_misread(name) or has_lost_letter(name) for name in names))
    assume(not any(has_code_or_two_alphabets(name) for name in names))
    assume(encoding != "cp1252" or not (is_utf_8_misread(text) or has_sign_in_word(text)))
    assume(content.isascii() or encoding != "cp1252" or not _is_utf_8_by_chance(content, text))
    receipt = file_importer.import_bytes(content)
    assert [one.errors for one in receipt.outcomes] == [()] * len(people)
    users = [facts(file_importer.user(one.id)) for one in receipt.outcomes]
    assert users == [expected(cells, person) for cells, person in zip(said, people, strict=True)]


def _is_utf_8_by_chance(content: bytes, text: str) -> bool:
    try:
        return content.decode() != text
    except UnicodeDecodeError:
        return False
