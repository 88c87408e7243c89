"""The receipt of an import as values of a page, and as a CSV file."""

from __future__ import annotations

from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.commands.imports.receipt import write_receipt
from brugerbog.application.commands.imports.row_decisions import REFUSED

if TYPE_CHECKING:
    from brugerbog.application.commands.imports.receipt import ImportReceipt, RowOutcome

MAX_SHOWN: Final = 200
"""The most rows on a page; the file to download has all of them."""


def receipt_result(receipt: ImportReceipt, *, errors_only: bool) -> dict[str, Any]:
    """Return the counts and the first rows, refused rows first, as plain JSON values.

    With `errors_only` there are refused rows only. `more` is the number of rows left out.
    """
    refused = [one for one in receipt.outcomes if one.outcome == REFUSED]
    others = [] if errors_only else [one for one in receipt.outcomes if one.outcome != REFUSED]
    shown = [_row_result(one) for one in islice([*refused, *others], MAX_SHOWN)]
    return {
        "rows": receipt.rows,
        "created": receipt.created,
        "updated": receipt.updated,
        "deleted": receipt.deleted,
        "unchanged": receipt.unchanged,
        "refused": receipt.refused,
        "held_back": sum(bool(one.errors) for one in receipt.outcomes) - len(refused),
        "encoding": receipt.encoding,
        "shown": shown,
        "more": len(refused) + len(others) - len(shown),
    }


def receipt_csv(receipt: ImportReceipt) -> bytes:
    """Return the whole receipt as CSV for Danish spreadsheets: UTF-8 with a byte order mark."""
    out = StringIO()
    write_receipt(receipt, out)
    return out.getvalue().encode("utf-8-sig")


def _row_result(outcome: RowOutcome) -> dict[str, Any]:
    return {
        "row": outcome.row,
        "action": outcome.action,
        "outcome": outcome.outcome,
        "id": None if outcome.id is None else str(outcome.id),
        "errors": [[error.column, error.message] for error in outcome.errors],
    }
