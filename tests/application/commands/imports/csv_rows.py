"""Files of users, written row by row and cell by cell."""

import csv
import io
from typing import Final

from brugerbog.application.commands.imports.columns import COLUMN_OF_FIELD, COLUMNS
from tests.given import BORN
from tests.people import made_up_cpr

HEADER: Final = ";".join(COLUMNS)
BIRTH_DATE: Final = f"{BORN:%d%m%Y}"


def cpr(serial: int) -> str:
    """The CPR number of the `serial`-th person (from 0), born like all the others on BORN."""
    return made_up_cpr(BORN, serial)


def row(action: str, **cells: str) -> str:
    """A row with some cells filled in, named by field."""
    written = [action, *[""] * (len(COLUMNS) - 1)]
    for field, text in cells.items():
        written[COLUMN_OF_FIELD[field]] = text
    return ";".join(written)


def create(serial: int = 0, **cells: str) -> str:
    """A row that creates the `serial`-th person, known by CPR number."""
    known = {
        "first_name": "Anne",
        "surname": "Hansen",
        "cpr": cpr(serial),
        "email": f"anne{serial}@firma.test",
        "target_ial": "3",
    }
    return row("C", **(known | cells))


def by_birth_date(serial: int = 0, **cells: str) -> str:
    """A row that creates the same person, known by names, birth date and e-mail only."""
    return create(serial, **({"cpr": "", "date_of_birth": BIRTH_DATE} | cells))


def update(**cells: str) -> str:
    return row("U", **cells)


def delete(**cells: str) -> str:
    return row("D", **cells)


def file_of(*rows: str, end: str = "\r\n", encoding: str = "utf-8", errors: str = "strict") -> bytes:
    """A file with the right header and these rows."""
    return "".join(f"{line}{end}" for line in (HEADER, *rows)).encode(encoding, errors)


def quoted(cells: list[str]) -> str:
    """A row as a spreadsheet writes it, with quotation marks where they are needed."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow(cells)
    return out.getvalue()
