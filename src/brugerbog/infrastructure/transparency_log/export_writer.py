"""Exports of the log or a part of it into a folder that can be verified offline (docs/log-format.md)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final

from brugerbog.application.ports.transparency_log import DamageKind, ExportMade
from brugerbog.application.refusals.backup import PlaceTaken
from brugerbog.application.refusals.log import LogDamaged
from brugerbog.infrastructure.crypto.tree_hash import Frontier
from brugerbog.infrastructure.durable_files import keep, private_file
from brugerbog.infrastructure.transparency_log.checkpoints import ExportKind, ExportManifest
from brugerbog.infrastructure.transparency_log.merkle_tree import Tree
from brugerbog.infrastructure.transparency_log.signed_notes import Ed25519Signer, key_file, key_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from brugerbog.infrastructure.database.event_row import EventRow
    from brugerbog.infrastructure.keys.signing_keys import SigningKeys
    from brugerbog.infrastructure.transparency_log.checkpoint_signing import (
        SignedCheckpoint,
        StoredCheckpointSigner,
    )
    from brugerbog.infrastructure.transparency_log.checkpoints import Checkpoint

_OWNER_ONLY: Final = 0o700
EVENTS, LEAVES, CHECKPOINT, MANIFEST, KEYS = "events.jsonl", "leaves", "checkpoint", "manifest", "key.pub"

Files = Mapping[str, bytes]
"""The files of an export, by name."""

Opened = tuple[bytes, bytes]
"""The salt and the personal JSON of an event, decrypted."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The events that are shown whole; every other event is only a leaf hash."""

    kind: ExportKind
    about: UUID | None
    shows: Callable[[EventRow], bool]
    since: Checkpoint | None = None


class _CountedFile:
    """A file being written: its digest, and the range of positions on its lines."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = sha256()
        self.lines = self.first = self.last = 0

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)

    def line(self, position: int, content: bytes) -> None:
        self.write(content)
        self.lines, self.first, self.last = self.lines + 1, self.first or position, position

    @property
    def digest(self) -> bytes:
        return self._digest.digest()


class ExportWriter:
    """Writes exports of one log, each signed by the log's key."""

    def __init__(self, checkpoint_signer: StoredCheckpointSigner, signing: SigningKeys) -> None:
        self._checkpoint_signer = checkpoint_signer
        self._signing = signing

    def export(self, folder: Path, scope: Scope) -> ExportMade:
        """Verify the log, sign a checkpoint, and write the events of the scope into a new folder.

        Raises: PlaceTaken; LogDamaged, CheckpointForged, SigningKeyMissing, as `StoredCheckpointSigner.sign`.
        """
        after = scope.since.size if scope.since else 0
        before = Frontier()
        with _atomic_folder(folder) as draft:
            with _writing(draft / EVENTS) as events, _writing(draft / LEAVES) as leaves:

                def each(leaf: bytes, row: EventRow) -> None:
                    if row.position <= after:
                        before.append(leaf)
                        return
                    leaves.write(leaf)
                    if scope.shows(row):
                        events.line(row.position, _line(row) + b"}\n")

                signed = self._checkpoint_signer.sign(each=each)
            if scope.since and (before.size, before.root()) != (after, scope.since.root):
                raise LogDamaged(DamageKind.HEAD_MISMATCH.value, after)
            made, files = self._signed(
                signed,
                events,
                kind=scope.kind,
                about=scope.about,
                first=after + 1,
                leaves_digest=leaves.digest,
                frontier=before.to_bytes() if scope.since else None,
            )
            _write(draft, files)
        return made

    def export_person(
        self,
        folder: Path,
        user_id: UUID,
        is_theirs: Callable[[EventRow], bool],
        opened: Callable[[EventRow], Opened | None],
    ) -> ExportMade:
        """Write one person's events, as `person` returns them, into a new folder. Raises: as `export`."""
        with _atomic_folder(folder) as draft:
            made, files = self.person(user_id, is_theirs, opened)
            _write(draft, files)
        return made

    def person(
        self,
        user_id: UUID,
        is_theirs: Callable[[EventRow], bool],
        opened: Callable[[EventRow], Opened | None],
    ) -> tuple[ExportMade, Files]:
        """One person's events, each with the proof that it is in the log; nothing is written to disk.

        `opened` returns the personal data of an event, or None where it isn't shown or is deleted.
        Raises: LogDamaged, CheckpointForged, SigningKeyMissing, as `StoredCheckpointSigner.sign`.
        """
        hashes = bytearray()
        person_rows: list[EventRow] = []

        def each(leaf: bytes, row: EventRow) -> None:
            hashes.extend(leaf)
            if is_theirs(row):
                person_rows.append(row)

        signed = self._checkpoint_signer.sign(each=each)
        tree = Tree(hashes)
        content = BytesIO()
        events = _CountedFile(content)
        for row in person_rows:
            proof = ",".join(f'"{one.hex()}"' for one in tree.inclusion(row.position - 1))
            events.line(row.position, _line(row) + f',"proof":[{proof}]'.encode() + _shown(opened(row)))
        made, files = self._signed(signed, events, kind=ExportKind.PERSON, about=user_id)
        return made, {EVENTS: content.getvalue(), **files}

    def _signed(
        self,
        signed: SignedCheckpoint,
        events: _CountedFile,
        *,
        kind: ExportKind,
        about: UUID | None,
        first: int = 0,
        leaves_digest: bytes | None = None,
        frontier: bytes | None = None,
    ) -> tuple[ExportMade, Files]:
        """The files beside the events in every export."""
        checkpoint = signed.checkpoint
        manifest = ExportManifest(
            log_id=checkpoint.log_id,
            kind=kind,
            about=about,
            size=checkpoint.size,
            first=first,
            events=events.lines,
            first_event=events.first,
            last_event=events.last,
            events_digest=events.digest,
            leaves_digest=leaves_digest,
            checkpoint_digest=sha256(signed.note).digest(),
            frontier=frontier,
        )
        signer = Ed25519Signer(key_name(checkpoint.log_id), self._signing.current().seed.reveal())
        files = {
            CHECKPOINT: signed.note,
            MANIFEST: manifest.sign([signer]),
            KEYS: key_file(self._checkpoint_signer.current_verifier_keys(checkpoint.log_id)),
        }
        return ExportMade(checkpoint.log_id, checkpoint.size, checkpoint.root, events.lines), files


@contextmanager
def _atomic_folder(folder: Path) -> Iterator[Path]:
    """A folder to write in, moved to its place once complete, or removed. Raises: PlaceTaken."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PlaceTaken(str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    draft.mkdir(mode=_OWNER_ONLY)
    try:
        yield draft
        keep(draft)
        draft.replace(folder)
        keep(folder.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


@contextmanager
def _writing(path: Path) -> Iterator[_CountedFile]:
    with private_file(path, buffering=1 << 20) as file:
        yield _CountedFile(file)
    keep(path)


def _write(draft: Path, files: Files) -> None:
    for name, content in files.items():
        with _writing(draft / name) as file:
            file.write(content)


def _line(row: EventRow) -> bytes:
    """An event as a line of events.jsonl, up to where a proof may follow."""
    return (
        f'{{"position":{row.position},"organisation_id":"{_id(row.organisation_id)}",'
        f'"stream_id":"{_id(row.stream_id)}","version":{row.version},'
        f'"topic":{json.dumps(row.topic)},"schema_version":{row.schema_version},'
        f'"recorded_at":{row.recorded_at},"actor":"{_id(row.actor)}","command_id":"{_id(row.command_id)}",'
        f'"payload":{json.dumps(row.payload.decode(), ensure_ascii=False)},'
        f'"commitment":"{row.commitment.hex()}"'
    ).encode()


def _shown(opened: Opened | None) -> bytes:
    if opened is None:
        return b"}\n"
    salt, personal = opened
    text = json.dumps(personal.decode(), ensure_ascii=False)
    return f',"salt":"{salt.hex()}","personal":{text}}}\n'.encode()


def _id(stored: bytes | UUID) -> str:
    if not isinstance(stored, bytes):
        return str(stored)
    digits = stored.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
