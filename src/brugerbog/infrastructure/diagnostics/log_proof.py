"""Check of the log against the newest checkpoint, or against all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.background.worker import CHECKPOINT_EVERY
from brugerbog.application.diagnostics import findings
from brugerbog.application.refusals.log import CheckpointForged, LogDamaged
from brugerbog.domain.kernel.instants import is_reached
from brugerbog.infrastructure.crypto.tree_hash import Frontier
from brugerbog.infrastructure.transparency_log.checkpoint_folder import CheckpointFolder
from brugerbog.infrastructure.transparency_log.checkpoint_signing import StoredCheckpointSigner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext


def proof(context: CheckContext, folder: Path | None, *, full: bool) -> Iterator[Finding]:
    """Verify the events since the newest checkpoint; with `full` all events, against all checkpoints.

    Raises: CheckpointForged, LogDamaged.
    """
    outside = None if folder is None else CheckpointFolder(folder)
    checkpoint_signer = StoredCheckpointSigner(context.backend, context.public_keys(), context.clock, outside)
    if full:
        whole = checkpoint_signer.verify()
        if whole.damage is not None:
            raise LogDamaged(whole.damage.kind.value, whole.damage.position)
        yield findings.PROOF_HOLDS_WHOLE.finding(size=whole.size, checkpoints=whole.checkpoints)
    stored, last = checkpoint_signer.verifier.head(), checkpoint_signer.last()
    if last is None:
        if stored.size:
            yield findings.NO_CHECKPOINT.finding()
        return
    size = last.checkpoint.size
    known = Frontier.from_bytes(size, last.frontier)
    if known.root() != last.checkpoint.root:
        raise CheckpointForged(size)
    damage = checkpoint_signer.verifier.extend(known, stored)
    if damage is not None:
        raise LogDamaged(damage.kind.value, damage.position)
    if not is_reached(last.made_at, context.clock.now()):
        yield findings.CHECKPOINT_AHEAD.finding(at=last.made_at)
    elif size < stored.size and context.clock.now() - last.made_at > 2 * CHECKPOINT_EVERY:
        yield findings.CHECKPOINT_OLD.finding(at=last.made_at)
    else:
        yield findings.PROOF_HOLDS.finding(size=size, at=last.made_at)
