"""Signing of checkpoints, after verification of the log, and never one that contradicts an earlier one."""

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

    `folder` is a place outside the store where checkpoints are stored too, if there is one.
    """

    def __init__(
        self, backend: Backend, signing: SigningKeys, clock: Clock, folder: CheckpointFolder | None
    ) -> None:
        self._backend = backend
        self._signing = signing
        self._clock = clock
        self._folder = folder
        self.verifier = LogVerifier(backend)

    def verifier_keys(self, log_id: UUID, *, signing_at: int = 0) -> list[VerifierKey]:
        """All keys that ever signed checkpoints of that size or a larger one, the current one first."""
        return [
            VerifierKey(key_name(log_id), one.public_key)
            for one in self._signing.public_keys()
            if one.retired_at_size is None or signing_at <= one.retired_at_size
        ]

    def current_verifier_keys(self, log_id: UUID) -> list[VerifierKey]:
        """The key that signs now, and the one before while that is being rotated: the keys to hand out.

        Their seeds are wrapped with the other keys. So they can't be keys that somebody with only write
        access to the database added to the table of public keys. Raises: SigningKeyMissing.
        """
        return [VerifierKey(key_name(log_id), one.public_key) for one in self._signing.active_keys()]

    def verify(self, *, expected: Callable[[int], bytes | None] = lambda _: None) -> VerificationResult:
        """Verify the whole log against its head and all earlier checkpoints.

        `expected` returns the leaf hash that an earlier export has for a position. Raises: CheckpointForged.
        """
        stored, known = self.verifier.head(), Frontier()
        signed_roots = self._signed_roots(stored)
        damage = self.verifier.extend(known, stored, signed_roots=signed_roots, expected=expected)
        root = stored.root if damage is None else known.root()
        return VerificationResult(stored.log_id, stored.size, root, len(signed_roots), damage)

    def sign(
        self,
        *,
        to: CheckpointFolder | None = None,
        keys: Sequence[SigningKey] = (),
        each: Callable[[bytes, EventRow], object] = lambda *_: None,
    ) -> SignedCheckpoint:
        """Verify the whole log, sign its head, and store the checkpoint here and in the folders.

        In `to` it is stored with the proof that the log extends the largest checkpoint in that folder.

        `keys` sign in place of the current one; `each` is called with every leaf hash and its row.
        Raises: LogDamaged, CheckpointForged, SigningKeyMissing.
        """
        stored, known = self.verifier.head(), Frontier()
        older = max((size for size, _ in to.notes(stored.log_id)), default=0) if to else 0
        leaves = bytearray()

        def on_leaf(leaf: bytes, row: EventRow) -> None:
            if older:
                leaves.extend(leaf)
            each(leaf, row)

        damage = self.verifier.extend(
            known, stored, signed_roots=self._signed_roots(stored, to), each=on_leaf
        )
        signed = self._signed(stored, known, damage, keys, to)
        if to is not None and 0 < older < stored.size:
            proof = tuple(Tree(leaves).consistency(older))
            to.store_proof(ConsistencyProof(stored.log_id, older, stored.size, proof))
        return signed

    def sign_with_both(self, old: SigningKey | None, new: SigningKey) -> SignedCheckpoint:
        """Sign with a key and with its successor, so that either verifies the log as it is now.

        `old` is None if it was lost. Raises: as `sign`.
        """
        return self.sign(keys=[one for one in (old, new) if one is not None])

    def sign_new_events(self) -> SignedCheckpoint | None:
        """Sign the head, after verification of the events since the last checkpoint only.

        Returns None if there are no new events. `verify` and `sign` find changes further back. Raises: as
        `sign`.
        """
        stored, last = self.verifier.head(), self.last()
        if stored.size == (0 if last is None else last.checkpoint.size):
            return None
        known = Frontier() if last is None else Frontier.from_bytes(last.checkpoint.size, last.frontier)
        if last is not None and known.root() != last.checkpoint.root:
            raise CheckpointForged(last.checkpoint.size)
        damage = self.verifier.extend(known, stored)
        return self._signed(stored, known, damage, (), None)

    def sign_if_due(self, pause: timedelta) -> SignedCheckpoint | None:
        """As `sign_new_events`, unless the last checkpoint is younger than `pause`."""
        last, now = self.last(), self._clock.now()
        if last is not None and is_reached(last.made_at, now) and now - last.made_at < pause:
            return None
        return self.sign_new_events()

    def last(self) -> SignedCheckpoint | None:
        """The newest checkpoint in the store, verified against the known keys. Raises: CheckpointForged."""
        newest = select(checkpoints).order_by(checkpoints.c.size.desc(), checkpoints.c.made_at.desc())
        with self._backend.log.connect() as connection:
            row = connection.execute(newest.limit(1)).one_or_none()
        if row is None:
            return None
        checkpoint = self._opened(row.size, bytes(row.note))
        return SignedCheckpoint(checkpoint, bytes(row.frontier), bytes(row.note), instant(row.made_at))

    def verify_note(self, note: bytes) -> Checkpoint:
        """Verify a checkpoint of this log that is stored elsewhere, and return it.

        A rotated key may have been stolen, so it is valid only up to the log's size at its rotation.
        Raises: Malformed, NoKnownSignature, WrongSignature.
        """
        log_id = self.verifier.head().log_id
        checkpoint = Checkpoint.verify(note, self.verifier_keys(log_id))
        return Checkpoint.verify(note, self.verifier_keys(log_id, signing_at=checkpoint.size))

    def mark_restored(self, size: int) -> None:
        """Record for good that the log was restored to so many events.

        Every later checkpoint has that number.
        """
        set_metadata(self._backend, RESTORED, size)
        set_metadata(self._backend, PUT_BACK, 0)

    def leaves_of(self, export: Path) -> Callable[[int], bytes | None]:
        """The leaf hashes of an earlier export of this log, by position; None beyond its end.

        Line ends of the checkpoint that were changed on the way are put right; its signature shows the rest.
        Raises: CheckpointForged when no key of this log has signed them; FileNotFoundError, also
            if they are no ordinary files.
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
        """The root in earlier checkpoints for each size, in the store and in the folders."""
        with self._backend.log.connect() as connection:
            kept = connection.execute(select(checkpoints.c.size, checkpoints.c.note)).all()
        notes = [(row.size, bytes(row.note)) for row in kept]
        restored = metadata_value(self._backend, RESTORED)
        for folder in (self._folder, to):
            found = folder.notes(stored.log_id) if folder else ()
            # What was signed of events that a restore has lost doesn't bind; new checkpoints say so.
            notes += [one for one in found if not restored or self._binds(*one, restored)]
        signed_roots: dict[int, bytes] = {}
        for size, note in notes:
            root = self._opened(size, note).root
            if signed_roots.setdefault(size, root) != root:
                raise CheckpointForged(size)
        return signed_roots

    def _binds(self, size: int, note: bytes, restored: int) -> bool:
        return size <= restored or self._opened(size, note).restored == restored

    def _opened(self, size: int, note: bytes) -> Checkpoint:
        try:
            checkpoint = self.verify_note(note)
        except (Malformed, NoKnownSignature, WrongSignature):
            raise CheckpointForged(size) from None
        if checkpoint.size != size:
            raise CheckpointForged(size)
        return checkpoint

    def _signed(
        self,
        stored: Head,
        known: Frontier,
        damage: Damage | None,
        keys: Sequence[SigningKey],
        to: CheckpointFolder | None,
    ) -> SignedCheckpoint:
        if damage is not None:
            raise LogDamaged(damage.kind.value, damage.position)
        name = key_name(stored.log_id)
        signers = [Ed25519Signer(name, one.seed.reveal()) for one in keys or self._signing.active_keys()[:1]]
        checkpoint = Checkpoint(
            stored.log_id, stored.size, known.root(), metadata_value(self._backend, RESTORED) or None
        )
        signed = SignedCheckpoint(checkpoint, known.to_bytes(), checkpoint.sign(signers), self._clock.now())
        self._keep(signed)
        for folder in (self._folder, to):
            if folder is not None:
                folder.store(checkpoint, signed.note, self.current_verifier_keys(stored.log_id))
        return signed

    def _keep(self, signed: SignedCheckpoint) -> None:
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
    """The checkpoint as the port returns it."""
    return CheckpointMade(
        signed.checkpoint.log_id, signed.checkpoint.size, signed.checkpoint.root, signed.note, signed.made_at
    )
