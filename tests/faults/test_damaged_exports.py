"""The verifier finds any change of an export with its first wrong position; no sound export fails."""

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from brugerbog.entrypoints import verify
from brugerbog.infrastructure.transparency_log.checkpoints import ExportKind
from tests.damaged_exports import DAMAGES, random_damage, random_sample
from tests.infrastructure.transparency_log.second_verifier import judge, judge_consistency
from tests.sample_exports import Log, export_of, random_log, write

SEED = 20_250_521


class Verifier:
    """A folder for exports and the command-line verifier that reads them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.key, self.older = folder / "log.pub", folder / "older"

    def verdict(self, files: dict[str, bytes], key: bytes, older: bytes | None = None) -> dict[str, object]:
        export = write(self.folder / "export", files)
        self.key.write_bytes(key)
        arguments = [str(export), "--json", "--key", str(self.key)]
        if older is not None:
            self.older.write_bytes(older)
            arguments += ["--since", str(self.older)]
        return self._answer(arguments)

    def consistency_verdict(self, older: bytes, newer: bytes, proof: bytes, key: bytes) -> dict[str, object]:
        paths = [self.folder / name for name in ("older", "newer", "proof")]
        for path, content in zip(paths, (older, newer, proof), strict=True):
            path.write_bytes(content)
        self.key.write_bytes(key)
        return self._answer(["consistency", *map(str, paths), "--json", "--key", str(self.key)])

    def _answer(self, arguments: list[str]) -> dict[str, object]:
        code = verify.run(arguments)
        output = self.capsys.readouterr()
        assert output.err == ""
        return {**json.loads(output.out), "exit": code}


@pytest.fixture
def verifier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verifier:
    return Verifier(tmp_path, capsys)


def test_every_change_is_reported_with_its_first_wrong_position(verifier: Verifier, *, full: bool) -> None:
    random, seen = Random(SEED), Counter[str]()
    for number in range(10_000 if full else 300):
        damaged = random_damage(random)
        key = damaged.files["key.pub"]
        verdict = verifier.verdict(damaged.files, key, damaged.older)
        label = f"{number}: {damaged.name}: {verdict}"
        assert verdict["exit"] == 1, label
        if damaged.kind:
            assert (verdict["kind"], verdict["position"]) == (damaged.kind, damaged.position), label
        second = judge(damaged.files, key, damaged.older)
        assert (verdict["exit"], verdict["kind"], verdict["position"], verdict["exact"]) == second, label
        seen[damaged.name.partition(" ")[0]] += 1
    assert set(seen) == {damage.__name__ for damage in DAMAGES}


def test_every_sound_export_passes(verifier: Verifier, *, full: bool) -> None:
    random = Random(SEED)
    for number in range(1000 if full else 50):
        sample = random_sample(random, size=random.randrange(60))
        older = None if sample.kind is ExportKind.PERSON else sample.log.checkpoint()
        verdict = verifier.verdict(sample.files, sample.log.keys(), older)
        assert verdict["exit"] == 0, f"{number}: {sample.kind}: {verdict}"
        assert judge(sample.files, sample.log.keys(), older).exit == 0


def test_every_older_checkpoint_of_a_log_is_consistent_with_it(verifier: Verifier) -> None:
    log = random_log(Random(SEED), 21)
    whole, keys = export_of(log, ExportKind.WHOLE), log.keys()
    for size in range(22):
        older = log.cut(size).checkpoint()
        since = export_of(log, ExportKind.SINCE, since=size)
        assert (
            verifier.verdict(whole, keys, older)["exit"] == verifier.verdict(since, keys, older)["exit"] == 0
        )
        assert verifier.consistency_verdict(older, log.checkpoint(), log.consistency(size), keys)["exit"] == 0
        later = verifier.verdict(since, keys, log.cut(size - 1).checkpoint()) if size else None
        assert later is None or later["exit"] == 2


def _changed_proof(random: Random, log: Log, older: int) -> bytes:
    lines = log.consistency(older).decode().splitlines()
    hashes = lines[2:]
    if random.random() < 0.5 and hashes:
        hashes[random.randrange(len(hashes))] = verify.b64encode(random.randbytes(32)).decode()
    else:
        hashes = random.choice((hashes[:-1], [*hashes, *hashes[-1:]], hashes[::-1], hashes[1:]))
    return ("\n".join([*lines[:2], *hashes]) + "\n").encode()


def _with_noise(random: Random, content: bytes) -> bytes:
    at, end = sorted(random.choices(range(len(content) + 1), k=2))
    put = (b"", random.randbytes(3), b"\n", b"\x00", content[at:end] * 2, b"\xff", b"[" * 3000, b"9" * 5000)
    return content[:at] + random.choice(put) + content[end if random.random() < 0.5 else at :]


def test_a_forged_proof_or_another_history_fails(verifier: Verifier, *, full: bool) -> None:
    random = Random(SEED)
    for _ in range(1000 if full else 60):
        log = random_log(random, random.randrange(2, 40))
        older, keys, newer = random.randrange(1, len(log.rows)), log.keys(), log.checkpoint()
        proof, kept = log.consistency(older), log.cut(older).checkpoint()
        forged = _changed_proof(random, log, older)
        if forged != proof:
            verdict = verifier.consistency_verdict(kept, newer, forged, keys)
            assert (verdict["exit"], verdict["kind"], verdict["position"]) == (1, "wrong_proof", older)
            assert judge_consistency(kept, newer, forged, keys)[:3] == (1, "wrong_proof", older)
        other = Log(log.log_id, log.seed, random_log(random, older).rows).checkpoint()
        assert verifier.consistency_verdict(other, newer, proof, keys)["kind"] == "wrong_proof"
        assert verifier.consistency_verdict(newer, kept, proof, keys)["kind"] == "rolled_back"
        assert judge_consistency(newer, kept, proof, keys).kind == "rolled_back"


def test_any_content_of_the_files_has_a_verdict(verifier: Verifier, *, full: bool) -> None:
    random = Random(SEED)
    for _ in range(5000 if full else 150):
        sample = random_sample(random, size=random.randrange(1, 12))
        files, names = dict(sample.files), list(sample.files)
        for _ in range(random.randrange(1, 4)):
            name = random.choice(names)
            files[name] = _with_noise(random, files[name])
        key = random.choice((sample.log.keys(), files["key.pub"]))
        verdict = verifier.verdict(files, key)
        changed = any(files[name] != sample.files[name] for name in names if name != "key.pub")
        assert verdict["exit"] in ((1, 2) if changed else (0, 1, 2)), verdict
        assert (verdict["exit"], verdict["kind"], verdict["position"]) == judge(files, key)[:3], files
        for personal in ("Åse", "first_name", "places"):
            assert personal not in json.dumps(verdict, ensure_ascii=False)
