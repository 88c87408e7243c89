"""A folder of checkpoints outside the store; its checkpoints bind the log for good."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from brugerbog.infrastructure.durable_files import write_whole
from brugerbog.infrastructure.transparency_log.signed_notes import (
    Malformed,
    key_file,
    key_name,
    parse_key_file,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from uuid import UUID

    from brugerbog.infrastructure.transparency_log.checkpoints import Checkpoint, ConsistencyProof
    from brugerbog.infrastructure.transparency_log.signed_notes import VerifierKey

_NAME: Final = re.compile(r"([0-9]{1,19})(?:-[0-9]+)?\.checkpoint")
KEYS: Final = "key.pub"


class CheckpointFolder:
    """A folder with `<size>.checkpoint` files, and `key.pub` with the keys that verify them, newest first."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def notes(self, log_id: UUID) -> list[tuple[int, bytes]]:
        """Size and note of each checkpoint of this log in the folder.

        Checkpoints of other logs are skipped.
        """
        origin = f"{key_name(log_id)}\n".encode()
        found = []
        for path in sorted(self.path.glob("*.checkpoint")):
            named, note = _NAME.fullmatch(path.name), path.read_bytes()
            if named and note.startswith(origin):
                found.append((int(named[1]), note))
        return found

    def store(self, checkpoint: Checkpoint, note: bytes, keys: Sequence[VerifierKey]) -> Path:
        """Store a checkpoint, on disk before this returns, beside others of the same size; returns its path.

        Its keys are added to the keys in the folder, which stay.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        write_whole(self.path / KEYS, key_file(dict.fromkeys([*keys, *self._keys()])))
        for number in range(1_000_000):
            again = f"-{number}" if number else ""
            path = self.path / f"{checkpoint.size}{again}.checkpoint"
            if not path.exists():
                write_whole(path, note)
                return path
            if path.read_bytes() == note:
                return path
        raise FileExistsError(path)

    def _keys(self) -> list[VerifierKey]:
        path = self.path / KEYS
        try:
            return parse_key_file(path.read_bytes()) if path.exists() else []
        except Malformed:
            return []

    def store_proof(self, proof: ConsistencyProof) -> None:
        """Store the proof that two checkpoints in the folder are of one log."""
        write_whole(self.path / f"{proof.older}-{proof.newer}.consistency", proof.text().encode())
