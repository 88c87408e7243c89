"""Masking of CPR numbers in text, however they are written."""

from __future__ import annotations

import re
from typing import Final

MAX_SHOWN_LENGTH: Final = 10_000
"""Characters; a longer text is cut before it is searched for numbers."""

_SHOWN_DIGITS: Final = 6
_MASKED_FROM_STRICT: Final = 7
_MASKED_FROM: Final = 9
_ID: Final = re.compile(
    r"\b[0-9A-Fa-f]{8}(-?)[0-9A-Fa-f]{4}(?:\1[0-9A-Fa-f]{4}){2}\1[0-9A-Fa-f]{12}\b",
)
_RUN: Final = re.compile(r"\d[\d\W]*")
"""Digits without letters between them; a single character class keeps matching linear in the text."""

_DIGIT: Final = re.compile(r"\d")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def masked(text: str, *, surely_a_number: bool = False) -> str:
    """Return the text with at most six digits of each run long enough to be a CPR number; UUIDs stay whole.

    Runs of nine digits and more are masked. Runs of seven and eight are masked too if the text is
    `surely_a_number`, e.g. from a column of numbers, or longer than `MAX_SHOWN_LENGTH`: the text is then cut,
    perhaps inside a number. Control characters, which could control a terminal, become U+FFFD.
    """
    is_cut = len(text) > MAX_SHOWN_LENGTH
    masked_from = _MASKED_FROM_STRICT if surely_a_number or is_cut else _MASKED_FROM

    def hide(run: re.Match[str]) -> str:
        digits = [found.end() for found in _DIGIT.finditer(run[0])]
        if len(digits) < masked_from:
            return run[0]
        shown = digits[_SHOWN_DIGITS - 1]
        return run[0][:shown] + _DIGIT.sub("x", run[0][shown:])

    parts, end = [], 0
    if is_cut:
        text = f"{text[:MAX_SHOWN_LENGTH]}…"
    for uuid in _ID.finditer(text):
        parts += [_RUN.sub(hide, text[end : uuid.start()]), uuid[0]]
        end = uuid.end()
    parts.append(_RUN.sub(hide, text[end:]))
    return _CONTROL.sub("\ufffd", "".join(parts))
