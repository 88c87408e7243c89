"""Exports with one damage each, and the verdict that a verifier must give."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from brugerbog.infrastructure.transparency_log.checkpoints import ExportKind
from brugerbog.infrastructure.transparency_log.signed_notes import Ed25519Signer, key_name, sign_note
from tests.sample_exports import Log, export_of, line_of, random_log, shown_fields


@dataclass
class DamagedExport:
    """The files of an export with kind and position of their damage; without a kind, any kind is right."""

    name: str
    files: dict[str, bytes]
    kind: str
    position: int | None = None
    older: bytes | None = None


@dataclass
class Sample:
    """A sound export with the log it was made from."""

    log: Log
    kind: ExportKind
    about: UUID | None
    files: dict[str, bytes]

    @property
    def lines(self) -> list[bytes]:
        return self.files["events.jsonl"].splitlines(keepends=True)

    @property
    def positions(self) -> list[int]:
        return [json.loads(line)["position"] for line in self.lines]

    @property
    def is_contiguous(self) -> bool:
        return self.kind in {ExportKind.WHOLE, ExportKind.SINCE}

    def with_lines(self, lines: list[bytes]) -> dict[str, bytes]:
        return self.files | {"events.jsonl": b"".join(lines)}

    def after(self, at: int) -> int:
        """Return the position on line `at`; behind the last line, the next position."""
        return [*self.positions, self.positions[-1] + 1][at]


def random_sample(random: Random, *, size: int | None = None, kind: ExportKind | None = None) -> Sample:
    size = random.randrange(2, 40) if size is None else size
    log, kind = random_log(random, size), kind or random.choice(list(ExportKind))
    about, extra = None, dict[str, Any]()
    if kind is ExportKind.SINCE:
        extra = {"since": random.randrange(size + 1)}
    elif kind is ExportKind.PERIOD:
        times = [row["recorded_at_us"] for row in log.rows] or [0]
        extra = {"period": (random.choice(times), random.choice(times) + 1)}
        about = random.choice([None, *log.organisations()])
    elif kind is ExportKind.ORGANISATION:
        about = random.choice(log.organisations() or [UUID(int=1)])
    elif kind is ExportKind.PERSON:
        about = random.choice(log.users() or [UUID(int=1)])
        extra = {"with_personal_data": random.random() < 0.5}
    return Sample(log, kind, about, export_of(log, kind, about=about, **extra))


def random_damage(random: Random) -> DamagedExport:
    """Return an export with one damage."""
    while True:
        sample = random_sample(random)
        damage = random.choice(DAMAGES)
        if sample.lines and (damaged := damage(random, sample)):
            damaged.name = f"{damage.__name__} of {sample.kind}"
            if damaged.files != sample.files or damaged.older:
                return damaged


def edited(random: Random, sample: Sample) -> DamagedExport:
    """Change one field of one event."""
    at, lines = random.randrange(len(sample.lines)), sample.lines
    event = json.loads(lines[at])
    field = random.choice(list(shown_fields(sample.log.rows[0])))
    if field == "position" and not sample.is_contiguous:
        field = "payload"
    if field == "commitment":
        event[field] = "" if event[field] else random.randbytes(32).hex()
    elif field in ("organisation_id", "stream_id", "actor", "command_id"):
        event[field] = str(UUID(bytes=random.randbytes(16)))
    elif field in ("topic", "payload"):
        event[field] += random.choice(("x", "æ", "{}"))
    else:
        event[field] += random.randrange(1, 9)
    lines[at] = line_of(event)
    kind = "wrong_proof" if sample.kind is ExportKind.PERSON else "altered"
    return DamagedExport("", sample.with_lines(lines), kind, sample.positions[at])


def respelt(random: Random, sample: Sample) -> DamagedExport:
    """Write one event differently: equal for a lenient reader, or unreadable."""
    at, lines, position = random.randrange(len(sample.lines)), sample.lines, sample.positions
    line = lines[at].decode()
    lines[at] = random.choice(
        (
            line.replace('":', '": ', 1),
            line.replace("{", '{"position":1,', 1),
            line.replace(',"payload', ',"payload":"{}","payload', 1),
            line.replace('"topic":"u', '"topic":"\\u0075', 1),
            line.replace('"payload":"{', '"payload":"\\u007b', 1),
            line.replace('"version":', '"version":0', 1),
            line.replace('"actor"', '"Actor"', 1),
            line.replace("}\n", ',"more":1}\n'),
            line.replace("}\n", "}\r\n"),
            line.replace("}\n", "}\x0b\n"),
            line.replace('"payload":"', '"payload":"\\ud800'),
            "\ufeff" + line,
            line[: random.randrange(1, len(line) - 1)] + "\n",
            "[" * 2000 + "\n",
            f'{{"position":{"9" * 5000}}}\n',
            "\n",
        )
    ).encode()
    # A line without position is located by those before it; the manifest gives first and last position.
    is_end = at in (0, len(lines) - 1)
    if at == 0 and lines[0].startswith(b"\xef\xbb\xbf"):
        return DamagedExport("", sample.with_lines(lines), "re_encoded")
    if len(lines) == 1 and lines[0].endswith(b"}\r\n"):
        return DamagedExport("", sample.with_lines(lines), "line_ends")
    where = position[at] if sample.is_contiguous or is_end else position[at - 1] + 1
    return DamagedExport("", sample.with_lines(lines), "altered", where)


def any_byte(random: Random, sample: Sample) -> DamagedExport | None:
    """Change one byte within a line."""
    at, lines = random.randrange(len(sample.lines)), sample.lines
    where, byte = random.randrange(len(lines[at]) - 1), random.randrange(256)
    if byte in (10, lines[at][where]):
        return None
    lines[at] = lines[at][:where] + bytes([byte]) + lines[at][where + 1 :]
    if not sample.is_contiguous:
        return DamagedExport("", sample.with_lines(lines), "")
    return DamagedExport("", sample.with_lines(lines), "altered", sample.positions[at])


def swapped(random: Random, sample: Sample) -> DamagedExport | None:
    """Swap two events."""
    if len(sample.lines) < 2:
        return None
    lines = sample.lines
    low, high = sorted(random.sample(range(len(lines)), 2))
    lines[low], lines[high] = lines[high], lines[low]
    return DamagedExport("", sample.with_lines(lines), "reordered", sample.positions[low])


def moved(random: Random, sample: Sample) -> DamagedExport | None:
    """Move one event."""
    if len(sample.lines) < 2:
        return None
    lines = sample.lines
    source, target = random.sample(range(len(lines)), 2)
    lines.insert(target, lines.pop(source))
    return DamagedExport("", sample.with_lines(lines), "reordered", sample.positions[min(source, target)])


def repeated(random: Random, sample: Sample) -> DamagedExport:
    """Repeat one event."""
    lines, again, at = sample.lines, random.choice(sample.lines), random.randrange(len(sample.lines) + 1)
    own = sample.lines.index(again)
    lines.insert(at, again)
    return DamagedExport("", sample.with_lines(lines), "reordered", sample.after(at + 1 if at == own else at))


def deleted(random: Random, sample: Sample) -> DamagedExport:
    """Delete one event."""
    at, lines, positions = random.randrange(len(sample.lines)), sample.lines, sample.positions
    is_last = at == len(lines) - 1
    gone = json.loads(lines.pop(at))
    if sample.is_contiguous or at == 0 or is_last:
        return DamagedExport("", sample.with_lines(lines), "cut_off" if is_last else "missing", positions[at])
    later = [json.loads(line) for line in lines[at:]]
    next_one = [one["position"] for one in later if one["stream_id"] == gone["stream_id"]]
    earlier = any(json.loads(line)["stream_id"] == gone["stream_id"] for line in lines[:at])
    shows = next_one and (earlier or sample.kind is not ExportKind.PERIOD)
    return DamagedExport("", sample.with_lines(lines), "missing", next_one[0] if shows else positions[-1])


def invented(random: Random, sample: Sample) -> DamagedExport:
    """Insert an event that was never recorded."""
    lines, at = sample.lines, random.randrange(len(sample.lines) + 1)
    event = json.loads(random.choice(lines))
    event["position"], event["command_id"] = sample.after(at), str(UUID(bytes=random.randbytes(16)))
    lines.insert(at, line_of(event))
    return DamagedExport("", sample.with_lines(lines), "inserted", sample.after(at))


def foreign(random: Random, sample: Sample) -> DamagedExport | None:
    """Insert a genuine event of the log that the export isn't about."""
    if sample.kind in (ExportKind.WHOLE, ExportKind.SINCE) or not sample.about:
        return None
    everything = export_of(sample.log, ExportKind.WHOLE)["events.jsonl"].splitlines(keepends=True)
    others = [json.loads(line) for line in everything]
    if sample.kind is ExportKind.PERSON:
        turned = UUID(int=sample.about.int ^ 1 << 127)
        others = [one for one in others if one["stream_id"] not in (str(sample.about), str(turned))]
    else:
        others = [one for one in others if one["organisation_id"] != str(sample.about)]
    if not others:
        return None
    chosen = random.choice(others)
    if sample.kind is ExportKind.PERSON:
        chosen["proof"] = [one.hex() for one in sample.log.tree().inclusion(chosen["position"] - 1)]
    lines = sorted([*sample.lines, line_of(chosen)], key=lambda line: json.loads(line)["position"])
    return DamagedExport("", sample.with_lines(lines), "out_of_scope", chosen["position"])


def cut_off(random: Random, sample: Sample) -> DamagedExport:
    """The file ends too early, between two lines or within one."""
    keep, content = random.randrange(len(sample.lines)), sample.files["events.jsonl"]
    whole = len(b"".join(sample.lines[:keep]))
    # Of a part of the log, first and last are known to be lacking, and no other.
    position = sample.positions[keep if sample.is_contiguous or not keep else -1]
    if random.random() < 0.5:
        return DamagedExport("", sample.files | {"events.jsonl": content[:whole]}, "cut_off", position)
    part = content[: whole + random.randrange(1, len(sample.lines[keep]))]
    return DamagedExport("", sample.files | {"events.jsonl": part}, "altered", position)


def wrong_leaves(random: Random, sample: Sample) -> DamagedExport | None:
    """A leaf hash is another, or there are too few or too many."""
    if sample.kind is ExportKind.PERSON:
        return None
    leaves, first = sample.files["leaves"], len(sample.log.rows) - len(sample.files["leaves"]) // 32 + 1
    at = random.randrange(len(leaves))
    bit = bytes([leaves[at] ^ 1 << random.randrange(8)])
    kept = leaves[: random.randrange(len(leaves))]
    position, damaged = random.choice(
        (
            (first + at // 32, leaves[:at] + bit + leaves[at + 1 :]),
            (first + len(kept) // 32, kept),
            (len(sample.log.rows) + 1, leaves + random.randbytes(random.randrange(1, 65))),
        )
    )
    if not sample.is_contiguous:
        position = len(sample.log.rows)
    return DamagedExport("", sample.files | {"leaves": damaged}, "wrong_leaves", position)


def rewritten(random: Random, sample: Sample) -> DamagedExport | None:
    """Change one event and its leaf hash: only the signed root differs."""
    if not sample.is_contiguous:
        return None
    at = random.randrange(len(sample.lines))
    position = sample.positions[at]
    rows = [*sample.log.rows]
    rows[position - 1] = {**rows[position - 1], "payload": b'{"rewritten":true}'}
    log = replace(sample.log, rows=rows)
    lines = sample.lines
    lines[at] = line_of(shown_fields(rows[position - 1]))
    leaves = log.leaves()[-len(sample.files["leaves"]) :]
    files = sample.with_lines(lines) | {"leaves": leaves}
    return DamagedExport("", files, "head_mismatch", len(rows))


def rolled_back_whole(random: Random, sample: Sample) -> DamagedExport | None:
    """Cut events and leaf hashes to an earlier size, with the current checkpoint."""
    if not sample.is_contiguous:
        return None
    keep = random.randrange(len(sample.lines))
    leaves = sample.files["leaves"][: 32 * keep]
    files = sample.with_lines(sample.lines[:keep]) | {"leaves": leaves}
    return DamagedExport("", files, "cut_off", sample.positions[keep])


def rolled_back(random: Random, sample: Sample) -> DamagedExport | None:
    """Give an earlier export to a reader who has a later checkpoint."""
    if sample.kind is not ExportKind.WHOLE:
        return None
    size = random.randrange(len(sample.log.rows))
    files = export_of(sample.log.cut(size), ExportKind.WHOLE)
    return DamagedExport("", files, "rolled_back", size + 1, older=sample.files["checkpoint"])


def retold(random: Random, sample: Sample) -> DamagedExport | None:
    """Rewrite and sign history with the key; the reader has an older checkpoint."""
    if sample.kind is ExportKind.PERSON:
        return None
    rows, at = [*sample.log.rows], random.randrange(len(sample.log.rows))
    rows[at] = {**rows[at], "payload": b'{"retold":true}'}
    kept = random.randrange(at + 1, len(rows) + 1)
    forged = replace(sample.log, rows=rows)
    files = export_of(forged, ExportKind.WHOLE)
    return DamagedExport("", files, "contradicts_older", kept, older=sample.log.cut(kept).checkpoint())


def put_back(random: Random, sample: Sample) -> DamagedExport | None:
    """Restore the log with a note of it, and let it grow; the reader has a checkpoint from before."""
    if sample.kind is not ExportKind.WHOLE:
        return None
    size, restored = len(sample.log.rows), random.randrange(len(sample.log.rows))
    other = random_log(random, size)
    rows = [*sample.log.rows[:restored], *other.rows[restored:]]
    log = replace(sample.log, rows=rows, restored=restored)
    older = sample.log.checkpoint(random.randrange(restored + 1, size + 1))
    return DamagedExport("", export_of(log, ExportKind.WHOLE), "restored", restored + 1, older=older)


def forged_checkpoint(random: Random, sample: Sample) -> DamagedExport:
    """Change the checkpoint, or sign it with another key."""
    return _damaged_note(random, sample, "checkpoint")


def forged_manifest(random: Random, sample: Sample) -> DamagedExport:
    """Change the manifest, or sign it with another key."""
    return _damaged_note(random, sample, "manifest")


def other_manifest(random: Random, sample: Sample) -> DamagedExport | None:
    """Use the genuine manifest or checkpoint of another export of the log."""
    size = random.randrange(1, len(sample.log.rows) + 1)
    if size == len(sample.log.rows):
        return None
    other = export_of(sample.log.cut(size), ExportKind.WHOLE)
    name = random.choice(("manifest", "checkpoint"))
    return DamagedExport("", sample.files | {name: other[name]}, "manifest_mismatch")


def wrong_proof(random: Random, sample: Sample) -> DamagedExport | None:
    """Change, drop or add one hash of an inclusion proof."""
    if sample.kind is not ExportKind.PERSON:
        return None
    at, lines = random.randrange(len(sample.lines)), sample.lines
    event = json.loads(lines[at])
    proof = event["proof"]
    event["proof"] = random.choice((proof[:-1], [*proof, random.randbytes(32).hex()], proof[::-1]))
    if proof and random.random() < 0.5:
        event["proof"] = [*proof]
        event["proof"][random.randrange(len(proof))] = random.randbytes(32).hex()
    lines[at] = line_of(event)
    return DamagedExport("", sample.with_lines(lines), "wrong_proof", sample.positions[at])


def wrong_personal(random: Random, sample: Sample) -> DamagedExport | None:
    """Change the personal data or the salt of an event."""
    shown = [at for at, line in enumerate(sample.lines) if b'"personal":' in line]
    if not shown:
        return None
    at, lines = random.choice(shown), sample.lines
    event = json.loads(lines[at])
    if random.random() < 0.5:
        event["salt"] = random.randbytes(32).hex()
    else:
        event["personal"] = event["personal"].replace("Åse", "Ida")
    lines[at] = line_of(event)
    return DamagedExport("", sample.with_lines(lines), "wrong_personal", sample.positions[at])


def _damaged_note(random: Random, sample: Sample, name: str) -> DamagedExport:
    note, forged = sample.files[name], _forged(random, sample, name)
    kind = f"forged_{name}" if forged.endswith(b"\n") else "incomplete"
    if forged in (note[:-1], note + b"\n"):
        kind = "line_ends"
    return DamagedExport("", sample.files | {name: forged}, kind)


def _forged(random: Random, sample: Sample, name: str) -> bytes:
    note = sample.files[name]
    text, _, signature = note.decode().rpartition("\n\n")
    text += "\n"
    other = Ed25519Signer(key_name(sample.log.log_id), random.randbytes(32))
    size = f"{len(sample.log.rows)}"
    at = random.randrange(len(note))
    return random.choice(
        (
            sign_note(text, [other]),
            sign_note(text, [Ed25519Signer("brugerbog/somebody", sample.log.seed)]),
            sign_note(text.replace("brugerbog", "brugerbug", 1), [sample.log.signer()])[:-1],
            f"{text.replace(size, size + '0', 1)}\n{signature}".encode(),
            f"{text}more\n\n{signature}".encode(),
            text.encode(),
            b"",
            note[:at],
            note[:at] + bytes([note[at] ^ 1 << random.randrange(8)]) + note[at + 1 :],
            note + b"\n",
        )
    )


DAMAGES: tuple[Callable[[Random, Sample], DamagedExport | None], ...] = (
    edited,
    respelt,
    any_byte,
    swapped,
    moved,
    repeated,
    deleted,
    invented,
    foreign,
    cut_off,
    wrong_leaves,
    rewritten,
    rolled_back_whole,
    rolled_back,
    retold,
    put_back,
    forged_checkpoint,
    forged_manifest,
    other_manifest,
    wrong_proof,
    wrong_personal,
)
