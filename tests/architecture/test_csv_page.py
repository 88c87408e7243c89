"""docs/csv.md gives the message of every code as the import does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.domain.kernel.test_refusals import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "csv.md").read_text("utf-8")
MESSAGES = re.findall(r"^- `([a-z_]+)`: (.*(?:\n  .*)*)", PAGE.partition("## Errors of")[2], re.MULTILINE)
DANISH = {kind.code: kind.danish for kind in KINDS}


def test_there_are_messages_and_each_code_has_one() -> None:
    codes = [code for code, _ in MESSAGES]
    assert len(codes) == len(set(codes)) > 80


@pytest.mark.parametrize(("code", "message"), MESSAGES, ids=[code for code, _ in MESSAGES])
def test_a_message_is_that_of_the_refusal(code: str, message: str) -> None:
    """A value may be written out on the page if it is the same in every case."""
    fixed_parts = map(re.escape, re.split(r" ?\{\w+\}", DANISH[code]))
    assert re.fullmatch(".*".join(fixed_parts), " ".join(message.split()))
