"""Logs of plain rows, and their exports written as docs/log-format.md describes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from brugerbog.infrastructure.crypto.tree_hash import LeafEncoder, LeafFields, commitment
from brugerbog.infrastructure.transparency_log.checkpoints import (
    Checkpoint,
    ConsistencyProof,
    ExportKind,
    ExportManifest,
)
from brugerbog.infrastructure.transparency_log.merkle_tree import Tree
from brugerbog.infrastructure.transparency_log.signed_notes import (
    Ed25519Signer,
    key_file,
    key_name,
    verifier_key,
)

FILES = ("checkpoint", "manifest", "key.pub", "leaves", "events.jsonl")


@dataclass
class Log:
    """Events of one log in order; `opened` has salt and personal JSON of events with personal data."""

    log_id: UUID
    seed: bytes
    rows: list[LeafFields] = field(default_factory=list)
    opened: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    restored: int | None = None

    def signer(self) -> Ed25519Signer:
        return Ed25519Signer(key_name(self.log_id), self.seed)

    def leaves(self) -> bytes:
        encoder = LeafEncoder(self.log_id)
        return b"".join(encoder.leaf_hash(**row) for row in self.rows)

    def tree(self) -> Tree:
        return Tree(self.leaves())

    def checkpoint(self, size: int | None = None) -> bytes:
        size = len(self.rows) if size is None else size
        return self.head(size).sign([self.signer()])

    def head(self, size: int) -> Checkpoint:
        return Checkpoint(self.log_id, size, self.tree().root_at(size), self.restored)

    def keys(self) -> bytes:
        return key_file([verifier_key(self.signer())])

    def consistency(self, older: int) -> bytes:
        hashes = tuple(self.tree().consistency(older))
        return ConsistencyProof(self.log_id, older, len(self.rows), hashes).text().encode()

    def cut(self, size: int) -> Log:
        """Return the log at an earlier size."""
        return replace(self, rows=self.rows[:size])

    def organisations(self) -> list[UUID]:
        return sorted({UUID(bytes=row["organisation_id"]) for row in self.rows})

    def users(self) -> list[UUID]:
        streams = {row["stream_id"] for row in self.rows if row["topic"] != "activity.reported"}
        return sorted(UUID(bytes=stream) for stream in streams)


def random_log(random: Random, size: int, *, organisations: int = 3) -> Log:
    """Return a random log with creations, changes and activities of users in several organisations."""
    log = Log(UUID(bytes=random.randbytes(16)), random.randbytes(32))
    homes = [random.randbytes(16) for _ in range(organisations)]
    streams: list[tuple[bytes, bytes]] = []
    versions: dict[bytes, int] = {}
    now = 1_700_000_000_000_000
    for position in range(1, size + 1):
        if not streams or random.random() < 0.3:
            streams.append((random.choice(homes), bytes([random.randrange(128)]) + random.randbytes(15)))
        home, stream = random.choice(streams)
        topic = random.choice(("user.means_assigned", "user.contact_changed", "activity.reported"))
        if stream not in versions:
            topic = "user.created"
        if topic == "activity.reported":
            stream = activity_stream_id(stream)
        versions[stream] = versions.get(stream, 0) + 1
        committed = None
        if random.random() < 0.5:
            personal = json.dumps({"first_name": f"Åse {position}"}, ensure_ascii=False).encode()
            log.opened[position] = random.randbytes(32), personal
            committed = commitment(*log.opened[position])
        now += random.randrange(1_000_000)
        log.rows.append(
            LeafFields(
                position=position,
                organisation_id=home,
                stream_id=stream,
                version=versions[stream],
                topic=topic,
                schema_version=random.randrange(1, 4),
                recorded_at_us=now,
                actor=random.choice(streams)[1],
                command_id=random.randbytes(16),
                payload=random.choice((b"{}", '{"door":"cli","places":["Ærø \\"\\\\"]}'.encode())),
                commitment=committed,
            )
        )
    return log


def activity_stream_id(user: bytes) -> bytes:
    return bytes([user[0] ^ 0x80]) + user[1:]


def shown_fields(row: LeafFields) -> dict[str, Any]:
    """Return the fields of an event as an export shows them."""
    return {
        "position": row["position"],
        "organisation_id": str(UUID(bytes=row["organisation_id"])),
        "stream_id": str(UUID(bytes=row["stream_id"])),
        "version": row["version"],
        "topic": row["topic"],
        "schema_version": row["schema_version"],
        "recorded_at": row["recorded_at_us"],
        "actor": str(UUID(bytes=row["actor"])),
        "command_id": str(UUID(bytes=row["command_id"])),
        "payload": row["payload"].decode(),
        "commitment": (row["commitment"] or b"").hex(),
    }


def line_of(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def export_of(
    log: Log,
    kind: ExportKind,
    *,
    about: UUID | None = None,
    since: int = 0,
    period: tuple[int, int] = (0, 1 << 62),
    with_personal_data: bool = False,
) -> dict[str, bytes]:
    """Return the files of an export by name; `period` is from and before, in microseconds."""
    tree, rows, first, is_of_person = log.tree(), log.rows, 1, kind is ExportKind.PERSON
    if kind is ExportKind.SINCE:
        first = since + 1
        rows = rows[since:]
    if kind is ExportKind.PERIOD:
        rows = [row for row in rows if period[0] <= row["recorded_at_us"] < period[1]]
    if about and is_of_person:
        rows = [row for row in rows if row["stream_id"] in (about.bytes, activity_stream_id(about.bytes))]
    elif about:
        rows = [row for row in rows if row["organisation_id"] == about.bytes]
    lines = []
    for row in rows:
        event = shown_fields(row)
        if is_of_person:
            event["proof"] = [digest.hex() for digest in tree.inclusion(row["position"] - 1)]
            if with_personal_data and row["position"] in log.opened:
                salt, personal = log.opened[row["position"]]
                event |= {"salt": salt.hex(), "personal": personal.decode()}
        lines.append(line_of(event))
    leaves = log.leaves()[32 * (first - 1) :]
    files = {"checkpoint": log.checkpoint(), "key.pub": log.keys(), "events.jsonl": b"".join(lines)}
    manifest = ExportManifest(
        log_id=log.log_id,
        kind=kind,
        about=about,
        size=len(log.rows),
        first=0 if is_of_person else first,
        events=len(rows),
        first_event=rows[0]["position"] if rows else 0,
        last_event=rows[-1]["position"] if rows else 0,
        events_digest=sha256(files["events.jsonl"]).digest(),
        leaves_digest=None if is_of_person else sha256(leaves).digest(),
        checkpoint_digest=sha256(files["checkpoint"]).digest(),
        frontier=tree.frontier_at(since).to_bytes() if kind is ExportKind.SINCE else None,
    )
    files["manifest"] = manifest.sign([log.signer()])
    return files if is_of_person else files | {"leaves": leaves}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write these files of an export into the folder and delete its others."""
    folder.mkdir(exist_ok=True)
    for name in FILES:
        if name in files:
            (folder / name).write_bytes(files[name])
        else:
            (folder / name).unlink(missing_ok=True)
    return folder
