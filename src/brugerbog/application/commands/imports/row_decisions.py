"""Decides row by row what a file changes, each row seeing what the rows before it did."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from brugerbog.application.commands.imports import columns as at
from brugerbog.application.commands.imports.refusals import (
    CprUnknown,
    DoesNotMatch,
    SameCprOtherData,
    SamePersonOtherData,
    TwiceInFile,
)
from brugerbog.application.commands.imports.row import DELETE, UPDATE, Reason, column_of
from brugerbog.application.commands.reservations import reservation_for
from brugerbog.application.ports.event_log import IdentityReservation
from brugerbog.application.refusals.requests import CprInUse, PersonInUse, UserUnknown
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.user.details import KEEP
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.refusals import AlreadyDeleted, KnownByAnotherCpr
from brugerbog.domain.user.user import User, creation_facts
from brugerbog.domain.values.characters import comparison_form, visible_form
from brugerbog.domain.values.means import Means
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

CREATED: Final = "created"
UPDATED: Final = "updated"
DELETED: Final = "deleted"
UNCHANGED: Final = "unchanged"
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True, repr=False)
class RowDecision:
    """What came of a row: its outcome, the user it made or met, and the reasons if it was refused."""

    outcome: str
    user_id: UUID | None
    reasons: Sequence[Reason] = ()


@dataclass(slots=True)
class ChunkDecision:
    """The decisions of a chunk of rows in their order, with the events and reservations that follow."""

    decisions: list[RowDecision] = field(default_factory=list)
    facts: list[Event] = field(default_factory=list)
    reservations: dict[UUID, IdentityReservation] = field(default_factory=dict)
    expected_versions: dict[UUID, int] = field(default_factory=dict)


class RowDecider:
    """Judges rows against the log and against the rows judged before them."""

    def __init__(self, log: EventLog, ids: Ids, uow: UnitOfWork) -> None:
        self._log = log
        self._ids = ids
        self._organisation_id = uow.organisation.id
        self._settings = uow.organisation.settings
        self.made_by: dict[UUID, int] = {}
        self.begin(uow)

    def begin(self, uow: UnitOfWork) -> None:
        """Begin on the log as it is now, knowing nothing more than that but which row made whom."""
        self._act = uow.context
        self.organisation = uow.organisation
        self._organisation_was = uow.organisation.version
        self._changed: set[UUID] = set()
        self._holders: dict[Identity, UUID | None] = {}
        self._persons: dict[Identity, set[UUID]] = {}
        self._users: dict[UUID, User] = {}
        self._new: dict[UUID, Details] = {}

    @property
    def made(self) -> Container[UUID | None]:
        """The users whom the rows judged so far create."""
        return self._new.keys()

    def decide(self, rows: Sequence[Row]) -> ChunkDecision:
        """Decide rows in their order."""
        self._look_up(rows)
        decided = ChunkDecision()
        for row in rows:
            try:
                decision = self._decide(row, decided)
            except Refusals as refusals:
                row.reasons.extend(Reason(column_of(one.field), one.refusal) for one in refusals.objections)
                decision = RowDecision(REFUSED, None, row.reasons)
            except Refused as refused:
                row.reasons.append(refused.reason)
                decision = RowDecision(REFUSED, None, row.reasons)
            decided.decisions.append(decision)
        return decided

    def _decide(self, row: Row, decided: ChunkDecision) -> RowDecision:
        if row.details is not None:
            return self._create(row, row.details, decided)
        if row.action in (UPDATE, DELETE):
            user = self._user_of(row)
            if user is not None:
                _must_match(row, user)
            if user is not None and not row.reasons:
                return self._change(row, user, decided)
        elif row.cpr is not None and (holder := self._holders.get(Identity.by_cpr(row.cpr))):
            row.refuse(at.CPR, self._taken(holder, SameCprOtherData))
        return RowDecision(REFUSED, None, row.reasons)

    def _create(self, row: Row, details: Details, decided: ChunkDecision) -> RowDecision:
        person = _person(details)
        if details.cpr is None:
            identity, met = person, self._persons.get(person) or set()
        else:
            identity = Identity.by_cpr(details.cpr)
            holder = self._holders.get(identity)
            met = set() if holder is None else {holder}
        if met:
            return self._met(sorted(met), details)
        user_id = self._ids.new_id()
        decided.facts.extend(entry(self._act_of(row.number), user_id, details))
        decided.reservations[user_id] = IdentityReservation(
            self._organisation_id, user_id, identity, person, is_first=True
        )
        self._holders[identity] = user_id
        self._persons.setdefault(person, set()).add(user_id)
        self._new[user_id] = details
        self.made_by[user_id] = row.number
        return RowDecision(CREATED, user_id)

    def _met(self, holders: Sequence[UUID], details: Details) -> RowDecision:
        """A row that would create somebody who is there already."""
        for holder in holders:
            user = self._user(holder)
            if user is not None and _same(user, details):
                return RowDecision(UNCHANGED, holder)
        if details.cpr is None:
            raise Refused(at.FIRST_NAME, self._taken(holders[0], SamePersonOtherData))
        raise Refused(at.CPR, self._taken(holders[0], SameCprOtherData))

    def _taken(self, holder: UUID, otherwise: Callable[[UUID], Refusal]) -> Refusal:
        """Somebody else is that person: one whom an earlier row made, or another user."""
        return TwiceInFile(self.made_by[holder]) if holder in self.made_by else otherwise(holder)

    def _change(self, row: Row, user: User, decided: ChunkDecision) -> RowDecision:
        """Edit or delete a copy of the user, so that a refusal leaves him as he was."""
        changed, context = copy.copy(user), self._act_of(row.number)
        changed._pending_events = []  # noqa: SLF001 - a copy that can be thrown away
        try:
            if row.edits is None:
                changed.delete(context, retention_days=self._settings.erasure_retention_days)
                self._let_go(context, user, decided)
            else:
                changed.edit(context, row.edits, self._settings)
        except Refusals:
            raise
        except Refusal as refusal:
            raise Refused(_column_of_edit(row, refusal), refusal) from None
        if row.edits is not None and changed.identity != user.identity:
            self._must_be_free(row, changed)
        facts: list[Any] = list(changed.collect_events())
        if not facts:
            return RowDecision(UNCHANGED, user.id)
        decided.facts.extend(facts)
        self._keep(changed, user, decided)
        return RowDecision(DELETED if row.edits is None else UPDATED, user.id)

    def _let_go(self, context: CommandContext, user: User, decided: ChunkDecision) -> None:
        """Take the roles of a user who is being deleted. Raises: LastOrganisationAdministrator."""
        organisation = self.organisation
        decided.expected_versions[organisation.id] = self._organisation_was
        if Role.ORGANISATION_ADMINISTRATOR in organisation.roles_of(user.id):
            holders = organisation.holders_of(Role.ORGANISATION_ADMINISTRATOR)
            known = (self._user(holder) or self._fetched(holder) for holder in holders if holder != user.id)
            others = [one for one in known if one is not None]
            decided.expected_versions |= {
                one.id: one.version for one in others if one.id not in self._changed
            }
            organisation.must_keep_organisation_administrator(user.id, others, context.recorded_at)
        organisation.take_all_roles(context, user.id)
        taken: list[Any] = list(organisation.collect_events())
        decided.facts.extend(taken)

    def _fetched(self, user_id: UUID) -> User | None:
        self._users |= self._log.users([user_id])
        return self._users.get(user_id)

    def _act_of(self, row: int) -> CommandContext:
        """The occasion of a row, by its number."""
        import_id = self._act.command_id
        return replace(self._act, command_id=uuid5(import_id, str(row)), correlation_id=import_id)

    def _user_of(self, row: Row) -> User | None:
        """The living user whom a U or D row names; reasons are added when there is none."""
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

    def _must_be_free(self, row: Row, edited: User) -> None:
        """Nobody else is who the user would become."""
        identity = edited.identity
        assert identity is not None and row.edits is not None  # noqa: S101, PT018 - he lives and is edited
        if identity not in self._holders:
            self._learn([identity])
        holder = self._holders[identity]
        if holder is None or holder == edited.id:
            return
        if row.edits.cpr is not KEEP:
            raise Refused(at.CPR, self._taken(holder, CprInUse))
        column = at.EMAIL if row.edits.email is not KEEP else at.FIRST_NAME
        raise Refused(column, self._taken(holder, PersonInUse))

    def _keep(self, changed: User, before: User, decided: ChunkDecision) -> None:
        """Know the user as changed, and who he is no longer."""
        self._users[changed.id] = changed
        self._changed.add(changed.id)
        if (changed.identity, changed.name_identity) == (before.identity, before.name_identity):
            return
        first = decided.reservations.get(changed.id)
        decided.reservations[changed.id] = reservation_for(
            changed, is_first=first is not None and first.is_first
        )
        if before.identity is not None:
            self._holders[before.identity] = None
        if changed.identity is not None:
            self._holders[changed.identity] = changed.id
        if before.name_identity is not None:
            self._persons_of(before.name_identity).discard(changed.id)
        if changed.name_identity is not None:
            self._persons_of(changed.name_identity).add(changed.id)

    def _persons_of(self, person: Identity) -> set[UUID]:
        if person not in self._persons:
            self._learn_persons([person])
        return self._persons[person]

    # What is known

    def _user(self, user_id: UUID) -> User | None:
        user = self._users.get(user_id)
        if user is None and user_id in self._new:
            # Made by an earlier row: live it through once more, as the log will.
            for event in entry(self._act_of(0), user_id, self._new[user_id]):
                user = event.mutate(user)
            assert user is not None  # noqa: S101 - it begins with Imported
            self._users[user_id] = user
        return user

    def _look_up(self, rows: Sequence[Row]) -> None:
        """Ask the log, in few questions, for everybody whom these rows could concern."""
        cprs, names, wanted = set[Identity](), set[Identity](), set[UUID]()
        for row in rows:
            if row.details is not None:
                cpr = row.details.cpr
                if cpr is None:
                    names.add(_person(row.details))
                    continue
            else:
                cpr = row.cpr
                if row.user_id is not None:
                    wanted.add(row.user_id)
            if cpr is not None:
                cprs.add(Identity.by_cpr(cpr))
        wanted |= self._learn(cprs)
        wanted |= self._learn_persons(names)
        wanted -= self._users.keys() | self._new.keys()
        if wanted:
            self._users |= self._log.users(wanted)

    def _learn(self, cprs: Iterable[Identity]) -> set[UUID]:
        unknown = [one for one in cprs if one not in self._holders]
        found = self._log.identity_holders(self._organisation_id, unknown) if unknown else {}
        self._holders |= {one: found.get(one) for one in unknown}
        return set(found.values())

    def _learn_persons(self, names: Iterable[Identity]) -> set[UUID]:
        unknown = [one for one in names if one not in self._persons]
        found = self._log.name_identity_holders(self._organisation_id, unknown) if unknown else {}
        self._persons |= {one: found.get(one, set()) for one in unknown}
        return set().union(*found.values())


class Refused(Exception):
    """A row is refused for one more reason."""

    def __init__(self, column: int, refusal: Refusal) -> None:
        super().__init__()
        self.reason = Reason(column, refusal)


def _must_match(row: Row, user: User) -> None:
    """What a row says about its user only to be sure must be so; reasons are added when it isn't."""
    if row.birth_date is not None and row.birth_date != user.date_of_birth:
        row.refuse(at.BIRTH_DATE, DoesNotMatch())
    if row.cpr is not None and row.cpr != user.cpr:
        if row.action == DELETE:
            row.refuse(at.CPR, DoesNotMatch())
        elif user.cpr:
            row.refuse(at.CPR, KnownByAnotherCpr(user.id))
    for column, said, known in zip(
        (at.FIRST_NAME, at.SURNAME), row.names, (user.first_name, user.surname), strict=True
    ):
        if said is not None and comparison_form(said) != comparison_form(str(known)):
            row.refuse(column, DoesNotMatch())


def entry(context: CommandContext, user_id: UUID, details: Details) -> list[Any]:
    """The events of `User.import_`, made without the aggregate: the same, at a tenth of the time."""
    stamp = {"originator_id": user_id, **context.stamp()}
    events: Any = User
    facts = [
        events.Imported(originator_version=1, originator_topic=User.TOPIC, **stamp, **creation_facts(details))
    ]
    if details.anonymous:
        facts.append(events.Anonymized(originator_version=2, **stamp))
    if details.means:
        facts.append(events.MeansAssigned(originator_version=len(facts) + 1, means=details.means, **stamp))
    return facts


def _person(details: Details) -> Identity:
    return Identity.by_name(details.first_name, details.surname, details.date_of_birth, details.email)


def _same(user: User, details: Details) -> bool:
    """Whether a row that would create says nothing but what is so; what can't be seen doesn't count."""
    return (
        all(
            getattr(user, field) == getattr(details, field)
            or visible_form(getattr(user, field) or "") == visible_form(getattr(details, field) or "")
            for field in ("first_name", "surname", "email", "reference_text")
        )
        and (user.phone, user.date_of_birth, user.anonymous, user.target_ial)
        == (details.phone, details.date_of_birth, details.anonymous, details.target_ial)
        and (user.ean, user.p_number, user.se_number) == (details.ean, details.p_number, details.se_number)
        and (Means.PRIVATE in user.means) == bool(details.means)
        and details.cpr in (None, user.cpr)
    )


def _column_of_edit(row: Row, refusal: Refusal) -> int:
    """Where the one thing that a user objects to is written."""
    if row.edits is not None and row.edits.cpr is not KEEP and "cpr" in refusal.code:
        return at.CPR
    return at.ACTION
