"""What the log proves, and the ports behind which it is proved."""

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
    """How stored events differ from what belongs there (docs/log-format.md, Kinds of damage).

    A broken box is one beside an event: it doesn't open, or isn't what the event committed to.
    """

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    CUT_OFF = "cut_off"
    HEAD_MISMATCH = "head_mismatch"
    BROKEN_CIPHERTEXT = "broken_box"


@dataclass(frozen=True, slots=True)
class Damage:
    """The first wrong position, with its stream if an event stands there.

    `sound_until` is the last position up to which something kept apart vouches for the log: the damage lies
    after it and, where only that it is there is certain and not where, no later than `position`.
    """

    kind: DamageKind
    position: int
    stream_id: UUID | None
    sound_until: int


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What came of deriving the whole log anew: its size, its root (32 bytes), and the first damage if any.

    `checkpoints` is how many earlier checkpoints the log was held against.
    """

    log_id: UUID
    size: int
    root: bytes
    checkpoints: int
    damage: Damage | None

    @property
    def is_sound(self) -> bool:
        """Whether everything is as it was recorded."""
        return self.damage is None


@dataclass(frozen=True, slots=True)
class CiphertextsChecked:
    """What came of opening all sealed boxes: how many fit, how many are gone, the first that doesn't fit."""

    opened: int
    gone: int
    damage: Damage | None


@dataclass(frozen=True, slots=True)
class CheckpointMade:
    """A signed checkpoint: a log's size and root (32 bytes), and the note that says so."""

    log_id: UUID
    size: int
    root: bytes
    note: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ExportMade:
    """What an export came to: how many events it shows, of a log of which size and root (32 bytes)."""

    log_id: UUID
    size: int
    root: bytes
    events: int


@dataclass(frozen=True, slots=True, repr=False)
class PersonExport:
    """An export of one person at hand: what it came to, and its files by their names."""

    made: ExportMade
    files: Mapping[str, bytes]


class CheckpointSigner(Protocol):
    """Signs checkpoints of the log, so that what it holds now can't be changed later without a trace."""

    def sign_new_events(self) -> object:
        """Sign the head as it follows from the last checkpoint.

        Raises: LogDamaged, CheckpointForged, SigningKeyMissing.
        """
        ...

    def sign_if_due(self, pause: timedelta) -> object:
        """As `sign_new_events`, unless the last checkpoint is younger than that."""
        ...


class LogExports(Protocol):
    """Writes exports (docs/log-format.md). All raise PlaceTaken, LogDamaged, CheckpointForged."""

    def of_all(self, folder: Path, since: datetime | None, until: datetime | None) -> ExportMade:
        """Everybody's events, or those of a time span: from an instant, up to but not including another."""
        ...

    def of_organisation(
        self, folder: Path, organisation_id: UUID, since: datetime | None, until: datetime | None
    ) -> ExportMade:
        """An organisation's events, or those of a time span; of all others the hashes."""
        ...

    def after(self, folder: Path, checkpoint: bytes) -> ExportMade:
        """Everybody's events since an older checkpoint, which must be one of this log."""
        ...

    def of_person(self, folder: Path, user_id: UUID, *, with_personal_data: bool) -> ExportMade:
        """A user's events and activities, each with its proof."""
        ...

    def person(self, user_id: UUID, *, with_personal_data: bool) -> PersonExport:
        """The same, at hand; it is written nowhere, so PlaceTaken isn't raised."""
        ...
