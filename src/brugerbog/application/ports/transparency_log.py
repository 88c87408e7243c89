"""The ports of the transparency log: verification results, checkpoints and exports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta
    from pathlib import Path
    from uuid import UUID


class DamageKind(StrEnum):
    """How stored events differ from the recorded ones (docs/log-format.md, Kinds of damage).

    `BROKEN_CIPHERTEXT`: an event's ciphertext can't be decrypted, or differs from the event's commitment.
    """

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    CUT_OFF = "cut_off"
    HEAD_MISMATCH = "head_mismatch"
    BROKEN_CIPHERTEXT = "broken_box"


@dataclass(frozen=True, slots=True)
class Damage:
    """The first damaged position, with its stream if there is an event at it.

    `sound_until` is the last position up to which separate evidence confirms the log. The damage is
    after it; if its place is uncertain, it is at `position` at the latest.
    """

    kind: DamageKind
    position: int
    stream_id: UUID | None
    sound_until: int


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The result of recomputing the whole log: its size, its root (32 bytes), and the first damage if any.

    `checkpoints` is the number of earlier checkpoints that the log was compared with.
    """

    log_id: UUID
    size: int
    root: bytes
    checkpoints: int
    damage: Damage | None

    @property
    def is_sound(self) -> bool:
        """Whether the log is undamaged."""
        return self.damage is None


@dataclass(frozen=True, slots=True)
class CiphertextsChecked:
    """The result of decrypting all ciphertexts: how many match, how many are erased, the first mismatch."""

    opened: int
    gone: int
    damage: Damage | None


@dataclass(frozen=True, slots=True)
class CheckpointMade:
    """A signed checkpoint: the log's size and root (32 bytes), and the signed note."""

    log_id: UUID
    size: int
    root: bytes
    note: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ExportMade:
    """A summary of an export: the number of its events, and the log's size and root (32 bytes)."""

    log_id: UUID
    size: int
    root: bytes
    events: int


@dataclass(frozen=True, slots=True, repr=False)
class PersonExport:
    """An export of one person in memory: its summary, and its files by name."""

    made: ExportMade
    files: Mapping[str, bytes]


class CheckpointSigner(Protocol):
    """Signs checkpoints of the log, so that a later change of its events is detected."""

    def sign_new_events(self) -> object:
        """Recompute the head from the last checkpoint on, and sign it.

        Raises: LogDamaged, CheckpointForged, SigningKeyMissing.
        """
        ...

    def sign_if_due(self, pause: timedelta) -> object:
        """Do the same, unless the last checkpoint is younger than `pause`."""
        ...


class LogExports(Protocol):
    """Writes exports (docs/log-format.md). All raise PlaceTaken, LogDamaged, CheckpointForged."""

    def of_all(self, folder: Path, since: datetime | None, until: datetime | None) -> ExportMade:
        """Export all events, or those of a period: from an instant (included) to another (not included)."""
        ...

    def of_organisation(
        self, folder: Path, organisation_id: UUID, since: datetime | None, until: datetime | None
    ) -> ExportMade:
        """Export an organisation's events, or those of a period; of all other events the hashes."""
        ...

    def after(self, folder: Path, checkpoint: bytes) -> ExportMade:
        """Export all events since an older checkpoint, which must be one of this log."""
        ...

    def of_person(self, folder: Path, user_id: UUID, *, with_personal_data: bool) -> ExportMade:
        """Export a user's events and activities, each with its proof."""
        ...

    def person(self, user_id: UUID, *, with_personal_data: bool) -> PersonExport:
        """Return the same in memory; nothing is written, so PlaceTaken isn't raised."""
        ...
