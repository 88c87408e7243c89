"""The previous version's export and log, checked with this version's verifier and export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import brugerbog
from brugerbog.entrypoints import verify
from tests.previous_version.conftest import FILES
from tests.previous_version.installation import Installation

EXPORT, KEYS = FILES / "export", FILES / "export.key.pub"


def verified(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    """The exit code and the answer of `brugerbog-verify`."""
    capsys.readouterr()
    code = verify.run([*map(str, arguments), "--json"])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, answer


def test_the_old_export_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = verified(capsys, EXPORT, "--key", KEYS)
    assert (code, answer["verdict"]) == (0, "sound")


def test_a_new_export_goes_on_from_the_old_one(
    at: Installation, recorded: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    _, before = verified(capsys, EXPORT, "--key", KEYS)
    with brugerbog.open(at.url, create=False) as service:
        service.queries.export_whole_log(service.operator(recorded["cvr"]), at.folder / "export")

    code, answer = verified(capsys, at.folder / "export", "--key", KEYS, "--since", EXPORT / "checkpoint")
    assert (code, answer["verdict"]) == (0, "sound")
    assert answer["size"] > before["size"]
    lines = (at.folder / "export" / "events.jsonl").read_bytes()
    assert lines.startswith((EXPORT / "events.jsonl").read_bytes())


def test_the_store_is_held_against_the_old_export(at: Installation) -> None:
    verdict = at.call("audit", "verify", "--against", str(EXPORT))
    assert (verdict["exit_code"], verdict["answer"]["sound"]) == (0, True)
