"""An import's receipt as a page tells it, and as it is taken home."""

from __future__ import annotations

from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.commands.imports.receipt import write_receipt
from brugerbog.application.commands.imports.row_decisions import REFUSED

if TYPE_CHECKING:
    from brugerbog.application.commands.imports.receipt import ImportReceipt, RowOutcome

MOST_SHOWN: Final = 200
"""So many rows a page shows; all of them are in the file that can be downloaded."""


def describe(receipt: ImportReceipt, *, errors_only: bool) -> dict[str, Any]:
    """The counts and the first rows, refused ones before others, as plain JSON values.

    With `errors_only` no others are among them; `more` says how many rows there would be besides.
    """
    refused = [one for one in receipt.outcomes if one.outcome == REFUSED]
    others = [] if errors_only else [one for one in receipt.outcomes if one.outcome != REFUSED]
    shown = [_told(one) for one in islice([*refused, *others], MOST_SHOWN)]
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


def written(receipt: ImportReceipt) -> bytes:
    """All of it as CSV that a Danish spreadsheet opens rightly: UTF-8 with a byte order mark."""
    out = StringIO()
    write_receipt(receipt, out)
    return out.getvalue().encode("utf-8-sig")


def _told(outcome: RowOutcome) -> dict[str, Any]:
    return {
        "row": outcome.row,
        "action": outcome.action,
        "outcome": outcome.outcome,
        "id": None if outcome.id is None else str(outcome.id),
        "errors": [[error.column, error.message] for error in outcome.errors],
    }
