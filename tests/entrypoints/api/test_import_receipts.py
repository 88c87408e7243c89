"""The receipt of an import conforms to the description, and serialising it blocks no other thread."""

import time
from threading import Event, Thread
from uuid import UUID

import pytest

from brugerbog.application.commands.imports import receipt as receipts
from brugerbog.entrypoints.api.import_receipts import receipt_response
from brugerbog.entrypoints.api.responses.imports import Receipt

LONGEST_PAUSE = 0.1
"""Seconds of processor time."""


def receipt_of(rows: int) -> receipts.ImportReceipt:
    error = receipts.RowError("E-mail", "email_invalid", "»å«: E-mailadressen er ikke gyldig.")
    outcomes = [
        receipts.RowOutcome(row, "C", "refused", None, (error,))
        if row % 2
        else receipts.RowOutcome(row, "U", "updated", UUID(int=row))
        for row in range(2, rows + 2)
    ]
    return receipts.receipt_of(outcomes, "windows-1252")


@pytest.mark.parametrize("rows", [0, 1, 999, 1000, 1001, 2500])
def test_a_receipt_in_parts_is_the_whole_receipt(rows: int) -> None:
    receipt = receipt_of(rows)
    whole = Receipt.model_validate(receipt, from_attributes=True).model_dump_json()
    answer = receipt_response(lambda: receipt)
    assert bytes(answer.body).decode() == whole
    assert answer.headers["content-type"] == "application/json"


def test_a_long_receipt_holds_up_no_other_thread() -> None:
    receipt, longest, is_over = receipt_of(100_000), [0.0], Event()

    def go_on() -> None:
        seen = time.process_time()
        while not is_over.wait(0.001):
            now = time.process_time()
            longest[0], seen = max(longest[0], now - seen), now

    other = Thread(target=go_on)
    other.start()
    receipt_response(lambda: receipt)
    is_over.set()
    other.join()
    assert longest[0] < LONGEST_PAUSE
