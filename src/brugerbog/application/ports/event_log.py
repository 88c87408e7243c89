"""The port for the event log: loading, appending, and the records of commands and identities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn, Protocol
from uuid import UUID

from brugerbog.application.ports.activity_log import ActivityLog
from brugerbog.application.ports.erasure_log import ErasureLog
from brugerbog.application.ports.import_log import ImportLog

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from brugerbog.application.ports.activity_log import ReportKey
    from brugerbog.application.ports.import_log import ImportStep
    from brugerbog.application.ports.outbox_message import OutboxMessage
    from brugerbog.domain.kernel.aggregate import Aggregate, Event
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.domain.user.identity import Identity
    from brugerbog.domain.user.user import User


INSTALLATION_SCOPE: Final = UUID(int=0)
"""The scope of the installation as a whole, such as that of the CVR numbers in use."""


@dataclass(frozen=True, slots=True, repr=False)
class IdentityReservation:
    """The reservation of an identity by a holder within a scope; without an identity, the holder has none.

    An identity has one holder, and so has an `account`: the name that the organisation's directory gives.
    `name_identity` (names, birth date, e-mail) may have several holders and serves to find them. `is_first`
    says that the holder has no earlier reservation.
    """

    scope: UUID
    holder: UUID
    identity: Identity | None
    name_identity: Identity | None = None
    is_first: bool = False
    account: Identity | None = None


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """What is stored of a command that succeeded: just enough to repeat its first result.

    `fingerprint` is a keyed digest of the command's arguments; `subject` is the user it concerned or created.
    """

    organisation_id: UUID
    command_id: UUID
    fingerprint: bytes
    outcome: str
    subject: UUID | None
    position: int = 0


@dataclass(frozen=True, slots=True)
class UserVersion:
    """The version of a user's last event, and whether the user is deleted."""

    version: int
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class AppendRequest:
    """What one append stores besides the events, in the same transaction.

    `expected_versions` maps streams that the decision read, and that the events don't continue, to the
    version that each must still have (0: not begun); the append fails with `Conflict` otherwise. `codes` maps
    users to the hashes of their temporary codes (`ActivationCodes.seal`); None deletes the code.
    """

    reservations: Sequence[IdentityReservation] = ()
    command: CommandRecord | None = None
    step: ImportStep | None = None
    expected_versions: Mapping[UUID, int] = field(default_factory=dict)
    mails: Sequence[OutboxMessage] = ()
    codes: Mapping[UUID, bytes | None] = field(default_factory=dict)
    reports: Sequence[ReportKey] = ()


class Conflict(Exception):
    """Another transaction committed first: load and decide again. Nothing was stored."""


@dataclass(eq=False)
class IdentityTaken(Conflict):
    """Another holder has one of the identities. Nothing was stored."""

    holder: UUID
    kind: str


@dataclass(eq=False)
class DuplicateCommand(Conflict):
    """The command was executed before. Nothing was stored again."""

    command_record: CommandRecord


class Transaction(Protocol):
    """Several appends in one transaction."""

    def rollback(self) -> NoReturn:
        """Leave the transaction and store nothing of it."""
        ...


class EventLog(ImportLog, ErasureLog, ActivityLog, Protocol):
    """The log of all events: the only source of truth."""

    def user(self, user_id: UUID) -> User | None:
        """Load a user; None if there never was one."""
        ...

    def acting_user(self, user_id: UUID) -> User | None:
        """Load a user for reading only. Cached, because the actor is loaded for every command."""
        ...

    def users(self, user_ids: Iterable[UUID]) -> Mapping[UUID, User]:
        """Load users; those that never existed are missing."""
        ...

    def organisation(self, organisation_id: UUID) -> Organisation | None:
        """Load an organisation."""
        ...

    def organisation_ids(self) -> Sequence[UUID]:
        """Return all organisations of the installation, in the order of their registration."""
        ...

    def user_versions(self, organisation_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, UserVersion]:
        """Return the versions of those users that the organisation ever had; cheaper than loading them."""
        ...

    def last_versions(self, stream_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """Return the version of each stream's last event; 0 for a stream that has not begun."""
        ...

    def events_until(
        self, organisation_id: UUID, instant: datetime, *, user_id: UUID | None = None
    ) -> Iterable[tuple[int, Event]]:
        """Return the events recorded up to an instant, with positions, in order; without activities."""
        ...

    def record(self, facts: Sequence[Aggregate | Event], append_request: AppendRequest) -> int:
        """Append new events and what goes with them, all or nothing; return the log's last position.

        Raises: Conflict, IdentityTaken, DuplicateCommand.
        """
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Make everything that this thread appends in the block one transaction.

        A transaction inside another of the same thread is a part of it that can be undone alone.
        """
        ...

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has an open transaction."""
        ...

    def command_record(self, organisation_id: UUID, command_id: UUID) -> CommandRecord | None:
        """Return the record of a command, if it succeeded."""
        ...

    def fingerprint(self, organisation_id: UUID, *arguments: str) -> bytes:
        """Return a keyed digest of texts, such as a command's arguments; it reveals nothing of them."""
        ...

    def activation_code_hash(self, user_id: UUID) -> bytes | None:
        """Return the stored hash of a user's temporary code, if the user has one."""
        ...

    def identity_holders(self, scope: UUID, identities: Sequence[Identity]) -> dict[Identity, UUID]:
        """Return the holders of these identities within a scope."""
        ...

    def name_identity_holders(self, scope: UUID, persons: Sequence[Identity]) -> dict[Identity, set[UUID]]:
        """Return all users with each of these name identities (names, birth date, e-mail) within a scope."""
        ...
