"""Shows text without the CPR numbers that may be in it, however they are written."""

from __future__ import annotations

import re
from typing import Final

MAX_SHOWN_LENGTH: Final = 10_000
"""Characters. A longer text is cut before anything looks for numbers in it."""

_DIGITS_OF_A_DATE: Final = 6
_MANY: Final = 7
_AS_MANY_AS_A_CPR: Final = 9
_ID: Final = re.compile(
    r"\b[0-9A-Fa-f]{8}(-?)[0-9A-Fa-f]{4}(?:\1[0-9A-Fa-f]{4}){2}\1[0-9A-Fa-f]{12}\b",
)
_RUN: Final = re.compile(r"\d[\d\W]*")
"""Digits with no letter between them; one set of characters, so that time grows with the text alone."""

_DIGIT: Final = re.compile(r"\d")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def masked(text: str, *, surely_a_number: bool = False) -> str:
    """Text with at most six digits left of any run long enough to be a CPR number; whole ids stay.

    Where the text is `surely_a_number`, as in a column for it, shorter runs are masked too. Control
    characters, which could steer a terminal, become a replacement sign. Of a text longer than
    `MAX_SHOWN_LENGTH` the rest is left out, with shorter runs masked too, since one may have been cut.
    """
    is_cut = len(text) > MAX_SHOWN_LENGTH
    least = _MANY if surely_a_number or is_cut else _AS_MANY_AS_A_CPR

    def hide(run: re.Match[str]) -> str:
        digits = [found.end() for found in _DIGIT.finditer(run[0])]
        if len(digits) < least:
            return run[0]
        shown = digits[_DIGITS_OF_A_DATE - 1]
        return run[0][:shown] + _DIGIT.sub("x", run[0][shown:])

    out, done = [], 0
    if is_cut:
        text = f"{text[:MAX_SHOWN_LENGTH]}…"
    for whole in _ID.finditer(text):
        out += [_RUN.sub(hide, text[done : whole.start()]), whole[0]]
        done = whole.end()
    out.append(_RUN.sub(hide, text[done:]))
    return _CONTROL.sub("\ufffd", "".join(out))
