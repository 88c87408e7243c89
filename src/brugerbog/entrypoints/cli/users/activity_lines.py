"""Reads activities from JSON lines one by one, so that a file of any length takes little memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from brugerbog.application.commands.activity_report import ActivityReport
    from brugerbog.domain.kernel.refusals import Refusal

FIELDS: Final = ("user_id", "occurred_at", "transaction", "service_provider", "service_type", "reference")

_LONGEST: Final = 64 * 1024
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class LineError:
    """A reason why a line was refused; it never echoes the line."""

    line: int
    field: str | None
    code: str
    message: str


def read_lines(file: BinaryIO) -> Iterator[tuple[int, ActivityReport | list[LineError]]]:
    """Yield the number, from 1, of each line that isn't blank, with its report or its errors."""
    number = 0
    while raw := file.readline(_LONGEST + 1):
        number += 1
        whole = len(raw) <= _LONGEST or raw.endswith(b"\n")
        while not raw.endswith(b"\n") and len(raw) > _LONGEST:
            raw = file.readline(_LONGEST + 1)
        if not whole:
            yield number, [_line_error(number, None, "Linjen er længere end 64 KB.")]
        elif raw.removeprefix(_BOM if number == 1 else b"").strip():
            yield number, _read(number, raw.removeprefix(_BOM if number == 1 else b""))


def errors_of(line: int, refusal: Refusal) -> list[LineError]:
    """Return the reasons why a report was refused."""
    from brugerbog.domain.kernel.refusals import Refusals  # noqa: PLC0415 - help must be quick

    if isinstance(refusal, Refusals):
        return [
            LineError(line, one.field, one.refusal.code, one.refusal.message) for one in refusal.objections
        ]
    return [LineError(line, None, refusal.code, refusal.message)]


def _read(line: int, raw: bytes) -> ActivityReport | list[LineError]:
    from pydantic_core import from_json  # noqa: PLC0415 - help must be quick

    try:
        document = from_json(raw)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return [_line_error(line, None, "Linjen er ikke et JSON-objekt i UTF-8.")]
    found = [
        _line_error(line, name, f"Feltet {name} {'skal være tekst' if name in document else 'mangler'}.")
        for name in FIELDS
        if not isinstance(document.get(name), str)
    ]
    if not document.keys() <= set(FIELDS):
        found.append(_line_error(line, None, f"Linjen har et ukendt felt. Skriv kun {', '.join(FIELDS)}."))
    return found or _report(line, document)


def _report(line: int, document: dict[str, Any]) -> ActivityReport | list[LineError]:
    from brugerbog.application.commands.activity_report import ActivityReport, OccurredAtInvalid  # noqa: PLC0415 - help must be quick
    from brugerbog.domain.kernel.refusals import Refusal  # noqa: PLC0415 - as above
    from brugerbog.domain.values.numbers import user_id  # noqa: PLC0415 - as above

    found: list[LineError] = []
    try:
        document["user_id"] = user_id(document["user_id"])
    except Refusal as refusal:
        found.append(LineError(line, "user_id", refusal.code, refusal.message))
    try:
        document["occurred_at"] = datetime.fromisoformat(document["occurred_at"])
    except ValueError:
        invalid = OccurredAtInvalid()
        found.append(LineError(line, "occurred_at", invalid.code, invalid.message))
    return found or ActivityReport(**document)


def _line_error(line: int, name: str | None, message: str) -> LineError:
    return LineError(line, name, "line_invalid", message)
