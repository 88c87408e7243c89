"""What the application asks of the world: time, ids, and a log that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from brugerbog.application.mail.outbox import OutboxMessage
    from brugerbog.application.ports.activity_log import ReportKey
    from brugerbog.application.ports.erasure_log import EraseListSpan
    from brugerbog.application.ports.import_log import ImportedRow, ImportState, ImportStep
    from brugerbog.domain.kernel.aggregate import Aggregate, Event
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.domain.user.identity import Identity
    from brugerbog.domain.user.user import User


INSTALLATION_SCOPE: Final = UUID(int=0)
"""The scope of what belongs to the installation and to no organisation, such as the CVR numbers in use."""


@dataclass(frozen=True, slots=True, repr=False)
class IdentityReservation:
    """`holder` is this identity within `scope` from now on; with no identity, he is nobody any more.

    An identity has one holder, and so has an `account`, the name that the organisation's directory gives;
    `person`, who he is by name, is only for finding him. `is_first` says that the holder has claimed nothing
    before.
    """

    scope: UUID
    holder: UUID
    identity: Identity | None
    name_identity: Identity | None = None
    is_first: bool = False
    account: Identity | None = None


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """What is kept of a command that succeeded: enough to give its first answer again, and no more.

    `fingerprint` is a keyed digest of what was asked; `subject` the user it concerned or created.
    """

    organisation_id: UUID
    command_id: UUID
    fingerprint: bytes
    outcome: str
    subject: UUID | None
    position: int = 0


@dataclass(frozen=True, slots=True)
class UserVersion:
    """How a user stands: the version of his last event, and whether he is deleted."""

    version: int
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class AppendRequest:
    """What one append stores besides the events, in the same transaction.

    `expected_versions` maps streams that the decision read, and that the events don't continue, to the
    version that each must still have (0: not begun); the append fails with `Conflict` otherwise. `codes` maps
    users to their temporary codes as `Codes.seal` returns them; None deletes the code.
    """

    reservations: Sequence[IdentityReservation] = ()
    command: CommandRecord | None = None
    step: ImportStep | None = None
    expected_versions: Mapping[UUID, int] = field(default_factory=dict)
    mails: Sequence[OutboxMessage] = ()
    codes: Mapping[UUID, bytes | None] = field(default_factory=dict)
    reports: Sequence[ReportKey] = ()


class Conflict(Exception):
    """Somebody else wrote first: reload and decide again. Nothing was stored."""


@dataclass(eq=False)
class IdentityTaken(Conflict):
    """Another holder has one of the identities. Nothing was stored."""

    holder: UUID
    kind: str


@dataclass(eq=False)
class DuplicateCommand(Conflict):
    """The command has been carried out before. Nothing was stored again."""

    command_record: CommandRecord


class Transaction(Protocol):
    """Several records that are one."""

    def undo(self) -> NoReturn:
        """Leave, with nothing of it stored."""
        ...


class EventLog(Protocol):
    """The log of events: everything that has happened, and the only thing that is true."""

    def user(self, user_id: UUID) -> User | None:
        """The user as of now, or None when there never was one."""
        ...

    def acting_user(self, user_id: UUID) -> User | None:
        """The user as of now, to be looked at and not changed: whoever acts is looked up for every deed."""
        ...

    def users(self, user_ids: Iterable[UUID]) -> Mapping[UUID, User]:
        """Those of the users that there ever were."""
        ...

    def organisation(self, organisation_id: UUID) -> Organisation | None:
        """The organisation as of now."""
        ...

    def record(self, facts: Sequence[Aggregate | Event], append_request: AppendRequest) -> int:
        """Store new events and what goes with them, all or nothing; returns the log's last position.

        Raises: Conflict, IdentityTaken, DuplicateCommand.
        """
        ...

    def user_versions(self, organisation_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, UserVersion]:
        """How those of the users stand that the organisation ever had; at a fraction of loading them."""
        ...

    def last_versions(self, stream_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """The version of each stream's last event; 0 of one that hasn't begun."""
        ...

    def report_key(self, organisation_id: UUID, reporter: str, reference: str) -> ReportKey:
        """What is kept of a report, telling nothing of it."""
        ...

    def known_report_digests(self, organisation_id: UUID, digests: Sequence[bytes]) -> set[bytes]:
        """Those of the digests whose reports have been taken in."""
        ...

    def command_record(self, organisation_id: UUID, command_id: UUID) -> CommandRecord | None:
        """What is kept of a command, if it succeeded."""
        ...

    def activation_code_hash(self, user_id: UUID) -> bytes | None:
        """What is kept of a user's temporary code, if he has one."""
        ...

    def identity_holders(self, scope: UUID, identities: Sequence[Identity]) -> dict[Identity, UUID]:
        """Who holds these identities in the scope."""
        ...

    def name_identity_holders(self, scope: UUID, persons: Sequence[Identity]) -> dict[Identity, set[UUID]]:
        """All who go by each of these names, birth dates and e-mails in the scope."""
        ...

    def fingerprint(self, organisation_id: UUID, *said: str) -> bytes:
        """A keyed digest of what was asked, telling nothing of it."""
        ...

    def organisation_ids(self) -> Sequence[UUID]:
        """All organisations of the installation, in the order they were registered."""
        ...

    def events_until(
        self, organisation_id: UUID, instant: datetime, *, user_id: UUID | None = None
    ) -> Iterable[tuple[int, Event]]:
        """An organisation's events recorded up to an instant, with positions, in order; no activities."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Let everything this thread records until the end be one transaction, or nothing of it.

        One that begins inside another of this thread is a part of it that can be undone alone.
        """
        ...

    @property
    def in_transaction(self) -> bool:
        """Whether what this thread records is still to be committed, as one transaction."""
        ...

    def import_by_id(self, import_id: UUID) -> ImportState | None: ...

    def unfinished_import(self, organisation_id: UUID, digest: bytes) -> ImportState | None: ...

    def has_imported(self, organisation_id: UUID) -> bool:
        """Whether a file was ever imported for the organisation; dry runs don't count."""
        ...

    def begin_import(self, state: ImportState) -> None: ...

    def imported_rows(self, import_id: UUID) -> dict[int, ImportedRow]: ...

    def pending_erasures(self) -> Sequence[UUID]:
        """Users whose erasure is in the log and not yet finished."""
        ...

    def list_erased(self, user_ids: Sequence[UUID]) -> EraseListSpan:
        """Say outside of the store that these are erased, so that no backup can bring them back.

        Raises: EraseListMissing, EraseListShort where the list isn't the one that the store has heard of.
        """
        ...

    def destroy_keys(self, user_ids: Sequence[UUID]) -> None:
        """Destroy users' keys for good; one that is gone already is no error."""
        ...

    def scrub(self) -> None:
        """Let go of old copies of what was deleted, as far as the engine can."""
        ...

    def not_erased(self, user_ids: Sequence[UUID]) -> list[UUID]:
        """Those of the users who are in this log and not erased in it."""
        ...

    def erasures_done(self, user_ids: Sequence[UUID], listed: EraseListSpan) -> None:
        """Nothing is left of these users, who are on the list of the erased."""
        ...
