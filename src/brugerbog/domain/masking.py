"""Shows text without the CPR numbers that may be in it, however they are written."""

from __future__ import annotations

import re
from typing import Final

_DIGITS_OF_A_DATE: Final = 6
_ID: Final = r"(?P<id>\b[0-9A-Fa-f]{8}(-?)[0-9A-Fa-f]{4}(?:\2[0-9A-Fa-f]{4}){2}\2[0-9A-Fa-f]{12}\b)"
_MANY_DIGITS: Final = re.compile(rf"{_ID}|\d(?:[\s\W]*\d){{6,}}")
_AS_MANY_AS_A_CPR: Final = re.compile(rf"{_ID}|\d(?:[\s\W]*\d){{8,}}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def masked(text: str, *, surely_a_number: bool = False) -> str:
    """Text with at most six digits left of any run long enough to be a CPR number; whole ids stay.

    Where the text is `surely_a_number`, as in a column for it, shorter runs are masked too. Control
    characters, which could steer a terminal, become a replacement sign.
    """
    runs = _MANY_DIGITS if surely_a_number else _AS_MANY_AS_A_CPR
    return _CONTROL.sub("\ufffd", runs.sub(_first_six, text))


def _first_six(run: re.Match[str]) -> str:
    if run["id"]:
        return run[0]
    seen, out = 0, ""
    for character in run[0]:
        seen += character.isdigit()
        out += "x" if character.isdigit() and seen > _DIGITS_OF_A_DATE else character
    return out
