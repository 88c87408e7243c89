"""Runs the command line in this process, and checks what every call promises."""

from __future__ import annotations

import json
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

from brugerbog.__main__ import run

DONE, FAILED, USAGE, SOME_REFUSED = 0, 1, 2, 3
UNKNOWN_ID = "11111111-1111-4111-8111-111111111111"
SCRIPT = Path(sys.executable).with_name("brugerbog")
ENGLISH = re.compile(
    r"\b(should|must|invalid|input|missing|required|field|valid|value|not|the|extra|expected|error|got)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CliResult:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The only JSON document on stdout, which ends with a line end."""
        assert self.out.endswith("\n")
        read: dict[str, Any] = json.loads(self.out)
        return read

    @property
    def error(self) -> dict[str, Any]:
        assert self.document.keys() == {"error"}
        error: dict[str, Any] = self.document["error"]
        assert error.keys() - {"reasons"} == {"code", "message"}
        return error


def run_cli(*arguments: str, stdin: str | None = "", quiet: bool = False) -> CliResult:
    """Run one call; `quiet` allows the message of an unexpected error."""
    before, sys.stdin = sys.stdin, None if stdin is None else StringIO(stdin)
    out = TextIOWrapper(BytesIO(), "utf-8", newline="", write_through=True)
    err = TextIOWrapper(BytesIO(), "utf-8", "backslashreplace", newline="", write_through=True)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run(list(arguments))
    except Exception as error:  # noqa: BLE001 - that nothing gets out is the promise
        raise AssertionError(f"{type(error).__name__} came out of the command line") from None
    finally:
        sys.stdin = before
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    answer = CliResult(code, *texts)
    assert code in (DONE, FAILED, USAGE, SOME_REFUSED)
    assert "Traceback" not in answer.out + answer.err
    if not quiet:
        assert "Uventet fejl" not in answer.out + answer.err
    if "--json" in arguments:
        assert isinstance(answer.document, dict)
    return answer


def english_in(message: str) -> list[str]:
    """Return the English words of a message that must be Danish."""
    return ENGLISH.findall(message)
