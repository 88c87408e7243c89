"""Verifies the log and signs checkpoints; no checkpoint contradicts an earlier one."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from brugerbog.application.ports.transparency_log import CheckpointMade, Damage, VerificationResult
from brugerbog.application.refusals.log import CheckpointForged, LogDamaged
from brugerbog.domain.kernel.instants import instant, is_reached, microseconds
from brugerbog.infrastructure.crypto.tree_hash import HASH_SIZE, Frontier
from brugerbog.infrastructure.database.schema import checkpoints
from brugerbog.infrastructure.database.store_metadata import PUT_BACK, RESTORED, metadata_value, set_metadata
from brugerbog.infrastructure.transparency_log.checkpoints import Checkpoint, ConsistencyProof
from brugerbog.infrastructure.transparency_log.log_verifier import LogVerifier
from brugerbog.infrastructure.transparency_log.merkle_tree import Tree
from brugerbog.infrastructure.transparency_log.signed_notes import (
    Ed25519Signer,
    Malformed,
    NoKnownSignature,
    VerifierKey,
    WrongSignature,
    key_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path
    from uuid import UUID

    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.database.event_row import EventRow
    from brugerbog.infrastructure.keys.signing_keys import SigningKey, SigningKeys
    from brugerbog.infrastructure.transparency_log.checkpoint_folder import CheckpointFolder
    from brugerbog.infrastructure.transparency_log.log_verifier import Head


class SignedCheckpoint(NamedTuple):
    """A stored checkpoint: the frontier it was signed over, the note, and the time of signing."""

    checkpoint: Checkpoint
    frontier: bytes
    note: bytes
    made_at: datetime


class StoredCheckpointSigner:
    """Verifies the log of one store and signs its checkpoints with the store's keys.

    `folder`, if any, is a folder outside the store where every checkpoint is stored too.
    """

    def __init__(
        self, backend: Backend, signing: SigningKeys, clock: Clock, folder: CheckpointFolder | None
    ) -> None:
        self._backend = backend
        self._signing = signing
        self._clock = clock
        self._folder = folder
        self.verifier = LogVerifier(backend)

    def verifier_keys(self, log_id: UUID, *, size: int = 0) -> list[VerifierKey]:
        """Return the keys that may have signed a checkpoint of `size`, the current one first.

        These are all keys but those retired at a smaller size.
        """
        return [
            VerifierKey(key_name(log_id), one.public_key)
            for one in self._signing.public_keys()
            if one.retired_at_size is None or size <= one.retired_at_size
        ]

    def current_verifier_keys(self, log_id: UUID) -> list[VerifierKey]:
        """Return the keys to publish: the current one and, during a rotation, the previous one.

        Their seeds are among the wrapped keys of the installation. So an attacker with only write access to
        the database can't add a key to them, as to the table of public keys. Raises: SigningKeyMissing.
        """
        return [VerifierKey(key_name(log_id), one.public_key) for one in self._signing.active_keys()]

    def verify(self, *, expected: Callable[[int], bytes | None] = lambda _: None) -> VerificationResult:
        """Verify the whole log against its head and all earlier checkpoints.

        `expected` returns the leaf hash that an earlier export has for a position. Raises: CheckpointForged.
        """
        stored, frontier = self.verifier.head(), Frontier()
        signed_roots = self._signed_roots(stored)
        damage = self.verifier.extend(frontier, stored, signed_roots=signed_roots, expected=expected)
        root = stored.root if damage is None else frontier.root()
        return VerificationResult(stored.log_id, stored.size, root, len(signed_roots), damage)

    def sign(
        self,
        *,
        to: CheckpointFolder | None = None,
        keys: Sequence[SigningKey] = (),
        each: Callable[[bytes, EventRow], object] = lambda *_: None,
    ) -> SignedCheckpoint:
        """Verify the whole log, sign its head, and store the checkpoint in the store and in the folders.

        `to` is a further folder; there, the proof that the log extends the folder's largest earlier
        checkpoint is stored too. `keys` sign in place of the current key; `each` is called with every leaf
        hash and its row.
        Raises: LogDamaged, CheckpointForged, SigningKeyMissing.
        """
        stored, frontier = self.verifier.head(), Frontier()
        older = max((size for size, _ in to.notes(stored.log_id)), default=0) if to else 0
        leaves = bytearray()

        def on_leaf(leaf: bytes, row: EventRow) -> None:
            if older:
                leaves.extend(leaf)
            each(leaf, row)

        damage = self.verifier.extend(
            frontier, stored, signed_roots=self._signed_roots(stored, to), each=on_leaf
        )
        signed = self._sign_and_store(stored, frontier, damage, keys, to)
        if to is not None and 0 < older < stored.size:
            proof = tuple(Tree(leaves).consistency(older))
            to.store_proof(ConsistencyProof(stored.log_id, older, stored.size, proof))
        return signed

    def sign_with_both(self, old: SigningKey | None, new: SigningKey) -> SignedCheckpoint:
        """Sign the current head with a key and with its successor, so that either key verifies it.

        `old` is None if its seed was lost. Raises: as `sign`.
        """
        return self.sign(keys=[one for one in (old, new) if one is not None])

    def sign_new_events(self) -> SignedCheckpoint | None:
        """Verify the events since the last checkpoint only, and sign the head.

        Return None if there are no new events. Changes to earlier events are found by `verify` and `sign`.
        Raises: as `sign`.
        """
        stored, last = self.verifier.head(), self.last()
        if stored.size == (0 if last is None else last.checkpoint.size):
            return None
        frontier = Frontier() if last is None else Frontier.from_bytes(last.checkpoint.size, last.frontier)
        if last is not None and frontier.root() != last.checkpoint.root:
            raise CheckpointForged(last.checkpoint.size)
        damage = self.verifier.extend(frontier, stored)
        return self._sign_and_store(stored, frontier, damage, (), None)

    def sign_if_due(self, pause: timedelta) -> SignedCheckpoint | None:
        """Do as `sign_new_events`, or return None if the last checkpoint is younger than `pause`."""
        last, now = self.last(), self._clock.now()
        if last is not None and is_reached(last.made_at, now) and now - last.made_at < pause:
            return None
        return self.sign_new_events()

    def last(self) -> SignedCheckpoint | None:
        """Return the newest checkpoint in the store, verified, or None. Raises: CheckpointForged."""
        newest = select(checkpoints).order_by(checkpoints.c.size.desc(), checkpoints.c.made_at.desc())
        with self._backend.log.connect() as connection:
            row = connection.execute(newest.limit(1)).one_or_none()
        if row is None:
            return None
        checkpoint = self._verified(row.size, bytes(row.note))
        return SignedCheckpoint(checkpoint, bytes(row.frontier), bytes(row.note), instant(row.made_at))

    def verify_note(self, note: bytes) -> Checkpoint:
        """Verify a checkpoint of this log that is stored elsewhere, and return it.

        A retired key may have been stolen, so it is valid only up to the log's size at its rotation.
        Raises: Malformed, NoKnownSignature, WrongSignature.
        """
        log_id = self.verifier.head().log_id
        checkpoint = Checkpoint.verify(note, self.verifier_keys(log_id))
        return Checkpoint.verify(note, self.verifier_keys(log_id, size=checkpoint.size))

    def mark_restored(self, size: int) -> None:
        """Record permanently that the log was restored to `size` events; every later checkpoint states it.

        This also ends the health check's finding that the log is older than the erase list.
        """
        set_metadata(self._backend, RESTORED, size)
        set_metadata(self._backend, PUT_BACK, 0)

    def leaves_of(self, export: Path) -> Callable[[int], bytes | None]:
        """Return the function from a position to its leaf hash in an earlier export; None beyond its end.

        A byte order mark and CRLF in the file `checkpoint`, added in transit, are removed; any other change
        breaks its signature. Raises: CheckpointForged when no key of this log has signed the checkpoint, or
        when the hashes don't yield its root; FileNotFoundError, also when a path is not a regular file.
        """
        for name in ("checkpoint", "leaves"):
            if not (export / name).is_file():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(export / name))
        try:
            note = (export / "checkpoint").read_bytes().removeprefix(b"\xef\xbb\xbf")
            checkpoint = self.verify_note(note.replace(b"\r\n", b"\n"))
        except (Malformed, NoKnownSignature, WrongSignature):
            raise CheckpointForged(0) from None
        leaves = (export / "leaves").read_bytes()
        if len(leaves) != HASH_SIZE * checkpoint.size or Tree(leaves).root() != checkpoint.root:
            raise CheckpointForged(checkpoint.size)
        return lambda position: leaves[HASH_SIZE * (position - 1) : HASH_SIZE * position] or None

    def _signed_roots(self, stored: Head, to: CheckpointFolder | None = None) -> dict[int, bytes]:
        """Return the root by size of all earlier checkpoints, in the store and in the folders.

        Raises: CheckpointForged, also when two checkpoints of one size have different roots.
        """
        with self._backend.log.connect() as connection:
            rows = connection.execute(select(checkpoints.c.size, checkpoints.c.note)).all()
        notes = [(row.size, bytes(row.note)) for row in rows]
        restored = metadata_value(self._backend, RESTORED)
        for folder in (self._folder, to):
            found = folder.notes(stored.log_id) if folder else ()
            # Checkpoints of events that a restore has lost don't bind; new checkpoints state the restore.
            notes += [one for one in found if not restored or self._binds(*one, restored)]
        signed_roots: dict[int, bytes] = {}
        for size, note in notes:
            root = self._verified(size, note).root
            if signed_roots.setdefault(size, root) != root:
                raise CheckpointForged(size)
        return signed_roots

    def _binds(self, size: int, note: bytes, restored: int) -> bool:
        return size <= restored or self._verified(size, note).restored == restored

    def _verified(self, size: int, note: bytes) -> Checkpoint:
        try:
            checkpoint = self.verify_note(note)
        except (Malformed, NoKnownSignature, WrongSignature):
            raise CheckpointForged(size) from None
        if checkpoint.size != size:
            raise CheckpointForged(size)
        return checkpoint

    def _sign_and_store(
        self,
        stored: Head,
        frontier: Frontier,
        damage: Damage | None,
        keys: Sequence[SigningKey],
        to: CheckpointFolder | None,
    ) -> SignedCheckpoint:
        if damage is not None:
            raise LogDamaged(damage.kind.value, damage.position)
        name = key_name(stored.log_id)
        signers = [Ed25519Signer(name, one.seed.reveal()) for one in keys or self._signing.active_keys()[:1]]
        checkpoint = Checkpoint(
            stored.log_id, stored.size, frontier.root(), metadata_value(self._backend, RESTORED) or None
        )
        signed = SignedCheckpoint(
            checkpoint, frontier.to_bytes(), checkpoint.sign(signers), self._clock.now()
        )
        self._store(signed)
        for folder in (self._folder, to):
            if folder is not None:
                folder.store(checkpoint, signed.note, self.current_verifier_keys(stored.log_id))
        return signed

    def _store(self, signed: SignedCheckpoint) -> None:
        last = self.last()
        if last is not None and last.note == signed.note:
            return
        try:
            with self._backend.write_transaction(self._backend.log) as connection:
                connection.execute(
                    insert(checkpoints).values(
                        size=signed.checkpoint.size,
                        made_at=microseconds(signed.made_at),
                        frontier=signed.frontier,
                        note=signed.note,
                    )
                )
        except IntegrityError:
            # Another process has signed the same size in the same microsecond.
            return


def made(signed: SignedCheckpoint) -> CheckpointMade:
    """Return a checkpoint in the form of the port."""
    return CheckpointMade(
        signed.checkpoint.log_id, signed.checkpoint.size, signed.checkpoint.root, signed.note, signed.made_at
    )
