"""Whatever is changed in an export shows, with its first wrong position and kind; nothing else alarms."""

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


class Desk:
    """Where exports are put to be verified."""

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

    def between(self, older: bytes, newer: bytes, proof: bytes, key: bytes) -> dict[str, object]:
        paths = [self.folder / name for name in ("older", "newer", "proof")]
        for path, content in zip(paths, (older, newer, proof), strict=True):
            path.write_bytes(content)
        self.key.write_bytes(key)
        return self._answer(["consistency", *map(str, paths), "--json", "--key", str(self.key)])

    def _answer(self, arguments: list[str]) -> dict[str, object]:
        code = verify.run(arguments)
        said = self.capsys.readouterr()
        assert said.err == ""
        return {**json.loads(said.out), "exit": code}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_every_single_change_is_named_with_its_first_wrong_position(desk: Desk, *, full: bool) -> None:
    random, seen = Random(SEED), Counter[str]()
    for number in range(10_000 if full else 300):
        spoilt = random_damage(random)
        key = spoilt.files["key.pub"]
        said = desk.verdict(spoilt.files, key, spoilt.older)
        label = f"{number}: {spoilt.name}: {said}"
        assert said["exit"] == 1, label
        if spoilt.kind:
            assert (said["kind"], said["position"]) == (spoilt.kind, spoilt.position), label
        second = judge(spoilt.files, key, spoilt.older)
        assert (said["exit"], said["kind"], said["position"], said["exact"]) == second, label
        seen[spoilt.name.partition(" ")[0]] += 1
    assert set(seen) == {spoil.__name__ for spoil in DAMAGES}


def test_no_sound_export_is_alarmed_at(desk: Desk, *, full: bool) -> None:
    random = Random(SEED)
    for number in range(1000 if full else 50):
        sample = random_sample(random, size=random.randrange(60))
        older = None if sample.kind is ExportKind.PERSON else sample.log.checkpoint()
        said = desk.verdict(sample.files, sample.log.keys(), older)
        assert said["exit"] == 0, f"{number}: {sample.kind}: {said}"
        assert judge(sample.files, sample.log.keys(), older).exit == 0


def test_every_older_checkpoint_of_a_log_is_borne_out(desk: Desk) -> None:
    log = random_log(Random(SEED), 21)
    whole, keys = export_of(log, ExportKind.WHOLE), log.keys()
    for size in range(22):
        older = log.cut(size).checkpoint()
        since = export_of(log, ExportKind.SINCE, since=size)
        assert desk.verdict(whole, keys, older)["exit"] == desk.verdict(since, keys, older)["exit"] == 0
        assert desk.between(older, log.checkpoint(), log.consistency(size), keys)["exit"] == 0
        later = desk.verdict(since, keys, log.cut(size - 1).checkpoint()) if size else None
        assert later is None or later["exit"] == 2


def _any_proof(random: Random, log: Log, older: int) -> bytes:
    lines = log.consistency(older).decode().splitlines()
    hashes = lines[2:]
    if random.random() < 0.5 and hashes:
        hashes[random.randrange(len(hashes))] = verify.b64encode(random.randbytes(32)).decode()
    else:
        hashes = random.choice((hashes[:-1], [*hashes, *hashes[-1:]], hashes[::-1], hashes[1:]))
    return ("\n".join([*lines[:2], *hashes]) + "\n").encode()


def _disturbed(random: Random, content: bytes) -> bytes:
    at, end = sorted(random.choices(range(len(content) + 1), k=2))
    put = (b"", random.randbytes(3), b"\n", b"\x00", content[at:end] * 2, b"\xff", b"[" * 3000, b"9" * 5000)
    return content[:at] + random.choice(put) + content[end if random.random() < 0.5 else at :]


def test_a_proof_that_is_forged_or_of_another_past_does_not_hold(desk: Desk, *, full: bool) -> None:
    random = Random(SEED)
    for _ in range(1000 if full else 60):
        log = random_log(random, random.randrange(2, 40))
        older, keys, newer = random.randrange(1, len(log.rows)), log.keys(), log.checkpoint()
        proof, kept = log.consistency(older), log.cut(older).checkpoint()
        forged = _any_proof(random, log, older)
        if forged != proof:
            said = desk.between(kept, newer, forged, keys)
            assert (said["exit"], said["kind"], said["position"]) == (1, "wrong_proof", older)
            assert judge_consistency(kept, newer, forged, keys)[:3] == (1, "wrong_proof", older)
        other = Log(log.log_id, log.seed, random_log(random, older).rows).checkpoint()
        assert desk.between(other, newer, proof, keys)["kind"] == "wrong_proof"
        assert desk.between(newer, kept, proof, keys)["kind"] == "rolled_back"
        assert judge_consistency(newer, kept, proof, keys).kind == "rolled_back"


def test_whatever_the_files_hold_there_is_an_answer(desk: Desk, *, full: bool) -> None:
    random = Random(SEED)
    for _ in range(5000 if full else 150):
        sample = random_sample(random, size=random.randrange(1, 12))
        files, names = dict(sample.files), list(sample.files)
        for _ in range(random.randrange(1, 4)):
            name = random.choice(names)
            files[name] = _disturbed(random, files[name])
        key = random.choice((sample.log.keys(), files["key.pub"]))
        said = desk.verdict(files, key)
        changed = any(files[name] != sample.files[name] for name in names if name != "key.pub")
        assert said["exit"] in ((1, 2) if changed else (0, 1, 2)), said
        assert (said["exit"], said["kind"], said["position"]) == judge(files, key)[:3], files
        for personal in ("Åse", "first_name", "places"):
            assert personal not in json.dumps(said, ensure_ascii=False)
