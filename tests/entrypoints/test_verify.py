"""The verifier: one file, four exit codes, and no content of events in its output."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from brugerbog.entrypoints import verify
from brugerbog.infrastructure.transparency_log.checkpoints import ExportKind
from tests.damaged_exports import random_sample
from tests.sample_exports import Log, export_of, line_of, random_log, write

PROGRAM = Path(verify.__file__)
PROJECT = Path(__file__).parents[2]
LOG = random_log(Random(1), 40)
BITS = Random(2)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write(tmp_path / "export", export_of(LOG, ExportKind.WHOLE))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "log.pub"
    path.write_bytes(LOG.keys())
    return path


def write_file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def run(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = verify.run([str(one) for one in arguments])
    return code, capsys.readouterr().out


def run_json(*arguments: object, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    code, text = run(*arguments, "--json", capsys=capsys)
    return {**json.loads(text), "exit": code}


def alone(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a copy of the file with a Python that has only the standard library."""
    copy = shutil.copy(PROGRAM, folder / "copied.py")
    return subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", copy, *map(str, arguments)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def test_a_sound_export_is_reported_in_danish_and_english(
    export: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = run(export, "--key", key, capsys=capsys)
    first, *rest = text.splitlines()
    assert (code, first) == (0, "Alt er i orden.")
    assert rest == [
        f"Sound: 40 events shown of log {LOG.log_id}.",
        "Every event of the log up to position 40 is here, in order and unaltered.",
    ]


def test_an_export_unsigned_by_a_named_key_is_never_called_sound_and_the_caveat_comes_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = Log(LOG.log_id, bytes(range(32)), random_log(Random(7), 12).rows)
    export = write(tmp_path / "forged", export_of(forged, ExportKind.WHOLE))
    code, text = run(export, capsys=capsys)
    danish, english, *rest = text.splitlines()
    assert code == 3
    assert danish.startswith("Ikke underskrevet af nogen, du har navngivet:")
    assert english.startswith("Unsigned by anybody you named:")
    assert "of one piece" in rest[0]
    assert rest[0].endswith("Only if that key is the log's own:")
    for word in ("i orden", "Sound"):
        assert word not in text
    facts = run_json(export, capsys=capsys)
    assert (facts["exit"], facts["verdict"], facts["key"]) == (3, "unsigned", "own")
    assert run_json(export, "--key", export / "key.pub", capsys=capsys)["verdict"] == "sound"


def test_an_older_checkpoint_without_a_key_names_no_signer(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older = write_file(tmp_path / "older", LOG.checkpoint(12))
    code, text = run(export, "--since", older, capsys=capsys)
    assert (code, text.partition(":")[0]) == (3, "Ikke underskrevet af nogen, du har navngivet")
    assert "begins with all 12 events of the older checkpoint" in text


@pytest.mark.parametrize("kind", ExportKind)
def test_the_report_of_each_kind_of_export_names_what_it_proves(
    kind: ExportKind, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = random_sample(Random(4), size=30, kind=kind)
    folder = write(tmp_path / "export", sample.files)
    code, text = run(folder, "--key", write_file(tmp_path / "key", sample.log.keys()), capsys=capsys)
    assert code == 0
    assert verify.PROVED[kind].partition("{")[0] in text
    facts = run_json(folder, capsys=capsys)
    assert (facts["export"], facts["about"]) == (kind, sample.about and str(sample.about))


def test_damage_is_named_with_position_stream_and_kind(
    export: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (export / "events.jsonl").read_bytes().splitlines(keepends=True)
    event = json.loads(lines[16])
    lines[16] = line_of({**event, "payload": '{"secret":"name"}'})
    (export / "events.jsonl").write_bytes(b"".join(lines))
    code, text = run(export, "--key", key, capsys=capsys)
    first, second = text.splitlines()
    assert (code, first) == (1, "Fejl fundet, første gang ved position 17.")
    assert second.startswith(f"Damaged: altered at position 17, stream {event['stream_id']}: ")
    assert "secret" not in text
    facts = run_json(export, capsys=capsys)
    assert (facts["kind"], facts["position"], facts["stream_id"]) == ("altered", 17, event["stream_id"])


def test_another_logs_key_and_another_key_of_the_log_vouch_for_nothing(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for other in (Log(LOG.log_id, bytes(32)), Log(UUID(int=1), LOG.seed)):
        facts = run_json(export, "--key", write_file(tmp_path / "other", other.keys()), capsys=capsys)
        assert (facts["exit"], facts["kind"], facts["position"]) == (1, "forged_checkpoint", None)


def test_an_older_checkpoint_is_borne_out_or_contradicted(
    export: Path, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older = write_file(tmp_path / "older", LOG.checkpoint(12))
    code, text = run(export, "--key", key, "--since", older, capsys=capsys)
    assert code == 0
    assert "begins with all 12 events" in text
    retold = Log(LOG.log_id, LOG.seed, random_log(Random(3), 40).rows)
    write(export, export_of(retold, ExportKind.WHOLE))
    facts = run_json(export, "--key", key, "--since", older, capsys=capsys)
    assert (facts["exit"], facts["kind"], facts["position"]) == (1, "contradicts_older", 12)


def test_two_checkpoints_are_compared_by_a_proof_alone(
    key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [
        write_file(tmp_path / "older", LOG.checkpoint(12)),
        write_file(tmp_path / "newer", LOG.checkpoint()),
        write_file(tmp_path / "12-40.consistency", LOG.consistency(12)),
    ]
    code, text = run("consistency", *paths, "--key", key, capsys=capsys)
    assert (code, text.splitlines()[0]) == (0, "Alt er i orden.")
    assert "begins with all 12 of the older" in text
    code, text = run("consistency", *paths, capsys=capsys)
    assert (code, text.splitlines()[1].partition(":")[0]) == (3, "Unsigned by anybody you named")
    assert "Sound" not in text
    assert run_json("consistency", *paths, capsys=capsys)["verdict"] == "unsigned"
    assert run_json("consistency", paths[0], *paths[:2], capsys=capsys)["exit"] == 1


def test_an_impossible_check_is_neither_sound_nor_damaged(
    export: Path, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_file(tmp_path / "other", random_log(Random(9), 5).checkpoint())
    person = write(tmp_path / "person", export_of(LOG, ExportKind.PERSON, about=LOG.users()[0]))
    late = write(tmp_path / "late", export_of(LOG, ExportKind.SINCE, since=20))
    older, proof = (
        write_file(tmp_path / "older", LOG.checkpoint(12)),
        write_file(tmp_path / "proof", LOG.consistency(11)),
    )
    newer = export / "checkpoint"
    for arguments in (
        [tmp_path / "nowhere"],
        [key],
        [tmp_path],
        [export, "--key", tmp_path / "nowhere"],
        [export, "--key", newer],
        [export, "--key", key, "--since", tmp_path],
        [person, "--key", key, "--since", older],
        [late, "--key", key, "--since", older],
        ["consistency", older, newer, proof, "--key", key],
        ["consistency", other, newer, proof],
    ):
        code, text = run(*arguments, capsys=capsys)
        assert (code, text.splitlines()[0]) == (2, "Det kan ikke afgøres."), arguments
    for name in ("events.jsonl", "leaves", "manifest", "checkpoint"):
        (export / name).unlink()
        assert run_json(export, "--key", key, capsys=capsys)["exit"] == 2
        write(export, export_of(LOG, ExportKind.WHOLE))
    for arguments in ([], ["--nonsense"], ["consistency", "one"]):
        with pytest.raises(SystemExit) as ended:
            verify.run(arguments)
        assert ended.value.code == 2


def test_a_signed_file_in_a_later_format_is_not_reported_as_forged(
    export: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from brugerbog.infrastructure.transparency_log.signed_notes import sign_note  # noqa: PLC0415

    text = (export / "manifest").read_text().partition("\n\n")[0].replace("-v1", "-v2") + "\n"
    (export / "manifest").write_bytes(sign_note(text, [LOG.signer()]))
    assert run_json(export, "--key", key, capsys=capsys)["exit"] == 2


def test_the_file_alone_gives_the_same_answers_with_nothing_installed(
    export: Path, key: Path, tmp_path: Path
) -> None:
    sound = alone(tmp_path, export, "--key", key)
    assert (sound.returncode, sound.stderr) == (0, "")
    (export / "leaves").write_bytes(bytes(32 * 40))
    damaged = alone(tmp_path, export, "--key", key, "--json")
    assert (damaged.returncode, damaged.stderr) == (1, "")
    assert json.loads(damaged.stdout)["kind"] == "wrong_leaves"
    note = (export / "checkpoint").read_text()
    (export / "checkpoint").write_text(note.replace("\n40\n", "\n41\n"))
    assert json.loads(alone(tmp_path, export, "--json").stdout)["kind"] == "forged_checkpoint"
    assert alone(tmp_path, tmp_path).returncode == 2
    assert alone(tmp_path, "--help").returncode == 0


def test_the_program_is_installed_under_its_name() -> None:
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts["brugerbog-verify"] == "brugerbog.entrypoints.verify:main"


def test_every_kind_of_damage_is_documented() -> None:
    page = (PROJECT / "docs" / "log-format.md").read_text(encoding="utf-8")
    section = page.partition("\n## Kinds of damage\n")[2].partition("\n### ")[0]
    listed = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert sorted(listed) == sorted(verify.KINDS)
