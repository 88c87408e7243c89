"""Decides rows one by one: what each creates, edits or deletes, given all rows before it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from brugerbog.application.commands.imports import columns as at
from brugerbog.application.commands.imports.import_events import import_events, name_identity_of
from brugerbog.application.commands.imports.row import DELETE, UPDATE, Reason, column_of
from brugerbog.application.commands.imports.row_checks import (
    RowRefused,
    check_row_matches,
    column_of_edit,
    is_same_user,
)
from brugerbog.application.commands.imports.row_refusals import (
    CprUnknown,
    SameCprOtherData,
    SamePersonOtherData,
    TwiceInFile,
)
from brugerbog.application.commands.reservations import reservation_for
from brugerbog.application.ports.event_log import IdentityReservation
from brugerbog.application.refusals.requests import CprInUse, PersonInUse, UserUnknown
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.user.details import KEEP
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from brugerbog.application.commands.imports.row import Row
    from brugerbog.application.commands.unit_of_work import UnitOfWork
    from brugerbog.application.ports.clock import Ids
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.user.details import Details
    from brugerbog.domain.user.user import User

CREATED: Final = "created"
UPDATED: Final = "updated"
DELETED: Final = "deleted"
UNCHANGED: Final = "unchanged"
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True, repr=False)
class RowDecision:
    """The decision on a row: its outcome, the user it created or concerns, and the reasons of a refusal."""

    outcome: str
    user_id: UUID | None
    reasons: Sequence[Reason] = ()


@dataclass(slots=True)
class ChunkDecision:
    """The decisions of a chunk of rows in their order, with the events and reservations that follow."""

    decisions: list[RowDecision] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    reservations: dict[UUID, IdentityReservation] = field(default_factory=dict)
    expected_versions: dict[UUID, int] = field(default_factory=dict)


class RowDecider:
    """Decides rows, given the log and the rows decided before.

    `created_by` maps each user that the file created to the number of the row.
    """

    def __init__(self, log: EventLog, ids: Ids, uow: UnitOfWork) -> None:
        self._log = log
        self._ids = ids
        self._organisation_id = uow.organisation.id
        self._settings = uow.organisation.settings
        self.created_by: dict[UUID, int] = {}
        self.begin(uow)

    def begin(self, uow: UnitOfWork) -> None:
        """Discard all that was loaded, and decide by the log as it is now; `created_by` stays."""
        self._context = uow.context
        self.organisation = uow.organisation
        self._organisation_version = uow.organisation.version
        self._changed: set[UUID] = set()
        self._holders: dict[Identity, UUID | None] = {}
        self._name_holders: dict[Identity, set[UUID]] = {}
        self._users: dict[UUID, User] = {}
        self._new: dict[UUID, Details] = {}

    @property
    def created(self) -> Container[UUID | None]:
        """The users that the rows decided since `begin` create."""
        return self._new.keys()

    def decide(self, rows: Sequence[Row]) -> ChunkDecision:
        """Decide rows in their order."""
        self._load(rows)
        chunk = ChunkDecision()
        for row in rows:
            try:
                decision = self._decide(row, chunk)
            except Refusals as refusals:
                row.reasons.extend(
                    Reason(column_of(objection.field), objection.refusal) for objection in refusals.objections
                )
                decision = RowDecision(REFUSED, None, row.reasons)
            except RowRefused as refused:
                row.reasons.append(refused.reason)
                decision = RowDecision(REFUSED, None, row.reasons)
            chunk.decisions.append(decision)
        return chunk

    def _decide(self, row: Row, chunk: ChunkDecision) -> RowDecision:
        if row.details is not None:
            return self._create(row, row.details, chunk)
        if row.action in (UPDATE, DELETE):
            user = self._user_of(row)
            if user is not None:
                check_row_matches(row, user)
            if user is not None and not row.reasons:
                return self._change(row, user, chunk)
        elif row.cpr is not None and (holder := self._holders.get(Identity.by_cpr(row.cpr))):
            row.refuse(at.CPR, self._refusal_of_taken(holder, SameCprOtherData))
        return RowDecision(REFUSED, None, row.reasons)

    def _create(self, row: Row, details: Details, chunk: ChunkDecision) -> RowDecision:
        name_identity = name_identity_of(details)
        if details.cpr is None:
            identity, holders = name_identity, self._name_holders.get(name_identity) or set()
        else:
            identity = Identity.by_cpr(details.cpr)
            holder = self._holders.get(identity)
            holders = set() if holder is None else {holder}
        if holders:
            return self._create_existing(sorted(holders), details)
        user_id = self._ids.new_id()
        chunk.events.extend(import_events(self._context_of(row.number), user_id, details))
        chunk.reservations[user_id] = IdentityReservation(
            self._organisation_id, user_id, identity, name_identity, is_first=True
        )
        self._holders[identity] = user_id
        self._name_holders.setdefault(name_identity, set()).add(user_id)
        self._new[user_id] = details
        self.created_by[user_id] = row.number
        return RowDecision(CREATED, user_id)

    def _create_existing(self, holders: Sequence[UUID], details: Details) -> RowDecision:
        """Decide a row that would create a user who exists already."""
        for holder in holders:
            user = self._user(holder)
            if user is not None and is_same_user(user, details):
                return RowDecision(UNCHANGED, holder)
        if details.cpr is None:
            raise RowRefused(at.FIRST_NAME, self._refusal_of_taken(holders[0], SamePersonOtherData))
        raise RowRefused(at.CPR, self._refusal_of_taken(holders[0], SameCprOtherData))

    def _refusal_of_taken(self, holder: UUID, otherwise: Callable[[UUID], Refusal]) -> Refusal:
        """Return the refusal for an identity of a user whom an earlier row created, or of another user."""
        return TwiceInFile(self.created_by[holder]) if holder in self.created_by else otherwise(holder)

    def _change(self, row: Row, user: User, chunk: ChunkDecision) -> RowDecision:
        """Edit or delete a copy of the user, so that a refusal leaves the user unchanged."""
        changed, context = copy.copy(user), self._context_of(row.number)
        changed._pending_events = []  # noqa: SLF001 - a copy that can be thrown away
        try:
            if row.edits is None:
                changed.delete(context, retention_days=self._settings.erasure_retention_days)
                self._release_roles(context, user, chunk)
            else:
                changed.edit(context, row.edits, self._settings)
        except Refusals:
            raise
        except Refusal as refusal:
            raise RowRefused(column_of_edit(row, refusal), refusal) from None
        if row.edits is not None and changed.identity != user.identity:
            self._check_identity_is_free(row, changed)
        events: list[Any] = list(changed.collect_events())
        if not events:
            return RowDecision(UNCHANGED, user.id)
        chunk.events.extend(events)
        self._remember_change(changed, user, chunk)
        return RowDecision(DELETED if row.edits is None else UPDATED, user.id)

    def _release_roles(self, context: CommandContext, user: User, chunk: ChunkDecision) -> None:
        """Take the roles of a user who is being deleted. Raises: LastOrganisationAdministrator."""
        organisation = self.organisation
        chunk.expected_versions[organisation.id] = self._organisation_version
        if Role.ORGANISATION_ADMINISTRATOR in organisation.roles_of(user.id):
            holders = organisation.holders_of(Role.ORGANISATION_ADMINISTRATOR)
            loaded = (
                self._user(holder) or self._load_user(holder) for holder in holders if holder != user.id
            )
            others = [other for other in loaded if other is not None]
            chunk.expected_versions |= {
                other.id: other.version for other in others if other.id not in self._changed
            }
            organisation.must_keep_organisation_administrator(user.id, others, context.recorded_at)
        organisation.take_all_roles(context, user.id)
        events: list[Any] = list(organisation.collect_events())
        chunk.events.extend(events)

    def _context_of(self, row: int) -> CommandContext:
        """Return the command context of a row; its command id follows from the import's id."""
        import_id = self._context.command_id
        return replace(self._context, command_id=uuid5(import_id, str(row)), correlation_id=import_id)

    def _user_of(self, row: Row) -> User | None:
        """Return the user whom a U or D row names, or add the reasons why there is none."""
        if row.user_id is not None:
            user = self._user(row.user_id)
            if user is None or user.organisation_id != self._organisation_id:
                row.refuse(at.UUID, UserUnknown(row.user_id))
            elif user.phase is Status.DELETED:
                row.refuse(at.UUID, AlreadyDeleted(row.user_id))
            else:
                return user
        elif row.cpr is not None and not row.cells[at.UUID]:
            holder = self._holders.get(Identity.by_cpr(row.cpr))
            if holder is not None:
                return self._user(holder)
            row.refuse(at.CPR, CprUnknown())
        return None

    def _check_identity_is_free(self, row: Row, edited: User) -> None:
        """Refuse the row if another user has the identity that the edited user would have."""
        identity = edited.identity
        assert identity is not None and row.edits is not None  # noqa: S101, PT018 - edited, hence not deleted
        if identity not in self._holders:
            self._load_holders([identity])
        holder = self._holders[identity]
        if holder is None or holder == edited.id:
            return
        if row.edits.cpr is not KEEP:
            raise RowRefused(at.CPR, self._refusal_of_taken(holder, CprInUse))
        column = at.EMAIL if row.edits.email is not KEEP else at.FIRST_NAME
        raise RowRefused(column, self._refusal_of_taken(holder, PersonInUse))

    def _remember_change(self, changed: User, before: User, chunk: ChunkDecision) -> None:
        """Let the rows that follow see the changed user, and reserve the user's new identity."""
        self._users[changed.id] = changed
        self._changed.add(changed.id)
        if (changed.identity, changed.name_identity) == (before.identity, before.name_identity):
            return
        first = chunk.reservations.get(changed.id)
        chunk.reservations[changed.id] = reservation_for(
            changed, is_first=first is not None and first.is_first
        )
        if before.identity is not None:
            self._holders[before.identity] = None
        if changed.identity is not None:
            self._holders[changed.identity] = changed.id
        if before.name_identity is not None:
            self._holders_of_name(before.name_identity).discard(changed.id)
        if changed.name_identity is not None:
            self._holders_of_name(changed.name_identity).add(changed.id)

    def _holders_of_name(self, name_identity: Identity) -> set[UUID]:
        if name_identity not in self._name_holders:
            self._load_name_holders([name_identity])
        return self._name_holders[name_identity]

    def _user(self, user_id: UUID) -> User | None:
        user = self._users.get(user_id)
        if user is None and user_id in self._new:
            # Created by an earlier row: replay the events, as the log will.
            for event in import_events(self._context_of(0), user_id, self._new[user_id]):
                user = event.mutate(user)
            assert user is not None  # noqa: S101 - the first event is Imported
            self._users[user_id] = user
        return user

    def _load_user(self, user_id: UUID) -> User | None:
        self._users |= self._log.users([user_id])
        return self._users.get(user_id)

    def _load(self, rows: Sequence[Row]) -> None:
        """Load, in few queries, all users whom these rows can concern."""
        cprs, names, wanted = set[Identity](), set[Identity](), set[UUID]()
        for row in rows:
            if row.details is not None:
                cpr = row.details.cpr
                if cpr is None:
                    names.add(name_identity_of(row.details))
                    continue
            else:
                cpr = row.cpr
                if row.user_id is not None:
                    wanted.add(row.user_id)
            if cpr is not None:
                cprs.add(Identity.by_cpr(cpr))
        wanted |= self._load_holders(cprs)
        wanted |= self._load_name_holders(names)
        wanted -= self._users.keys() | self._new.keys()
        if wanted:
            self._users |= self._log.users(wanted)

    def _load_holders(self, identities: Iterable[Identity]) -> set[UUID]:
        unknown = [identity for identity in identities if identity not in self._holders]
        found = self._log.identity_holders(self._organisation_id, unknown) if unknown else {}
        self._holders |= {identity: found.get(identity) for identity in unknown}
        return set(found.values())

    def _load_name_holders(self, identities: Iterable[Identity]) -> set[UUID]:
        unknown = [identity for identity in identities if identity not in self._name_holders]
        found = self._log.name_identity_holders(self._organisation_id, unknown) if unknown else {}
        self._name_holders |= {identity: found.get(identity, set()) for identity in unknown}
        return set().union(*found.values())
