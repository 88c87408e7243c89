"""The template: the 15 columns, with an example row of each action about fictitious people."""

from __future__ import annotations

from typing import Final

from brugerbog.application.commands.imports.columns import COLUMNS

_EXAMPLES: Final = (
    "C;;Ærø;Østergård;0709611111;;aeroe.oestergaard@kommune.example;12345678;N;;3;;;;PrivatID",
    "C;;Åse;Bjørn;;24121985;aase.bjoern@kommune.example;;;;3;;;;",
    "U;;;;0709611111;;ny.adresse@kommune.example;87654321;;;;;;;",
    "D;;;;0709611111;;;;;;;;;;",
)
"""0709611111 fails modulus 11 and was never issued."""


def template() -> bytes:
    """Return the template as Excel opens it correctly: UTF-8 with a byte order mark, CRLF."""
    lines = (";".join(COLUMNS), *_EXAMPLES)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")
