"""Output for programs is UTF-8 with LF, independent of terminal and locale."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.entrypoints.cli.store_cli import MIXED_ROWS, StoreCli, csv_file
from tests.entrypoints.cli.test_every_command import COMMANDS, arguments_of

NAME = "Łukasz Sørensen 木"
NEVER_ENDING = {"serve", "demo", "copy", "restore"}
TO_STDOUT = (("report", "status", "--csv"), ("audit", "log", "--csv"), ("template",), ("audit", "checkpoint"))

# Each call begins with a standard output as Python makes it, in a file of its own.
DRIVER = """
import io, json, sys
encoding, calls = sys.stdout.encoding, json.load(open(sys.argv[1], encoding="utf-8"))
from brugerbog.entrypoints.cli import main
for number, (arguments, out) in enumerate(calls):
    sys.stdout.close()
    sys.stdout = open(out, "w", encoding=encoding)
    sys.argv = ["brugerbog", *arguments]
    sys.stdin = io.StringIO()
    try:
        main.main()
    except SystemExit:
        pass
"""


def all_called(cli: StoreCli, folder: Path, encoding: str, calls: list[tuple[str, ...]]) -> list[bytes]:
    """Return the output of each call to a stdout of this encoding, in one process."""
    outs = [str(folder / f"{encoding}-{number}") for number in range(len(calls))]
    listed = [([*one, "--store", cli.url], out) for one, out in zip(calls, outs, strict=True)]
    (folder / "calls").write_text(json.dumps(listed), "utf-8")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}
    environment |= {name: value for name, value in os.environ.items() if name.startswith("BRUGERBOG_")}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(folder / "calls")],
        env=environment,
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Path(out).read_bytes() for out in outs]


@pytest.fixture
def cli_with_name(cli: StoreCli, own_folder: Path) -> StoreCli:
    """A store with a name in letters outside old encodings, and files that some commands read."""
    first_name, _, surname = NAME.partition(" ")
    cli.run_json(
        *("users", "create", "--first-name", first_name, "--surname", surname, "--email", "l@b.test"),
        *("--date-of-birth", "1961-09-07", "--reference-text", "Блåbær"),
    )
    (own_folder / "settings.toml").write_text('dedicated_means = ["app", "nøgle"]', "utf-8")
    (own_folder / "activities.jsonl").write_text('{"user_id": "ø"}\n', "utf-8")
    csv_file(own_folder / "users.csv", *MIXED_ROWS)
    return cli


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_every_document_and_table_is_utf_8(cli_with_name: StoreCli, own_folder: Path, encoding: str) -> None:
    names = sorted(set(COMMANDS) - NEVER_ENDING) if encoding == "ascii" else ["users show", "users list"]
    documents: list[tuple[str, ...]] = [
        ("users", "list", "--json"),
        *((*arguments_of(name), "--json") for name in names),
    ]
    calls = [*TO_STDOUT, *documents]
    written = all_called(cli_with_name, own_folder, encoding, calls)
    texts = [content.decode("utf-8") for content in written]
    read = [json.loads(text.splitlines()[-1]) for text in texts[len(TO_STDOUT) :]]

    assert NAME in {f"{one['first_name']} {one['surname']}" for one in read[0]["users"]}
    assert {"Блåbær"} == {one["reference_text"] for one in read[0]["users"]} - {None}
    for run_cli, content, text in zip(calls, written, texts, strict=True):
        assert content, run_cli
        assert "\ufffd" not in text, run_cli
        assert "--json" not in run_cli or b"\r" not in content, run_cli
        assert not re.search(r"[A-Za-z]\?[a-z]", text), run_cli
    assert sum(not text.isascii() for text in texts) > len(names) / 5
    report, log, template, note = texts[: len(TO_STDOUT)]
    for table in (report, log, template):
        assert len(list(csv.reader(io.StringIO(table.removeprefix("\ufeff")), delimiter=";"))) > 1
    assert "\n\n\u2014 brugerbog/" in note


def test_a_message_with_letters_outside_the_terminals_encoding_causes_no_error(
    cli_with_name: StoreCli, own_folder: Path
) -> None:
    (content,) = all_called(cli_with_name, own_folder, "ascii", [("users", "list")])
    assert content
