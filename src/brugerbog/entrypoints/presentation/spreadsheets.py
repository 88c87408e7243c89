"""CSV files for a Danish spreadsheet."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def spreadsheet(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as CSV, as import receipts have it: semicolons, UTF-8 with BOM, no cell a formula."""
    import csv  # noqa: PLC0415 - help must be quick

    from brugerbog.application.commands.imports.receipt import escape_formula  # noqa: PLC0415 - as above

    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([escape_formula(str(cell)) for cell in row])
    return out.getvalue().encode("utf-8-sig")
