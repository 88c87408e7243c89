"""The commands on users: create, edit, place, deactivate, reactivate, delete, show a CPR number, import."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from brugerbog.application.commands.authorization import authorize
from brugerbog.application.commands.execution import SHOW_CPR, CommandExecution
from brugerbog.application.commands.imports.importer import Importer
from brugerbog.application.commands.transactions import refuse_in_transaction
from brugerbog.application.commands.user_input import UserEdits, read_edits, read_new_user
from brugerbog.application.ports.observation import CounterName
from brugerbog.application.rate_limits import CPR_LIMIT_NOTIFIED, CprLimitMet, TooManyTries
from brugerbog.application.refusals import requests as refusals
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.user.details import KEEP, Keep
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.user import User

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.dependencies import Dependencies
    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.commands.imports.importer import ProgressCallback
    from brugerbog.application.commands.imports.receipt import ImportReceipt
    from brugerbog.application.commands.imports.sources import Source
    from brugerbog.application.commands.unit_of_work import UnitOfWork
    from brugerbog.application.commands.user_input import NewUser
    from brugerbog.domain.kernel.days import Period
    from brugerbog.domain.user.details import Details


class UserCommands(CommandExecution):
    """The commands on users, from creation to deletion."""

    def __init__(self, dependencies: Dependencies) -> None:
        super().__init__(dependencies)
        self._importer = Importer(
            dependencies, lambda actor, import_id: self._begin_unit_of_work("import_users", actor, import_id)
        )

    def create_user(self, actor: Actor, new: NewUser, *, command_id: UUID | None = None) -> CommandResult:
        """Create a user, who gets a mail and awaits activation (guide, Opret bruger).

        The result's subject is the user's id, and its `code` a temporary code if only the birth date is
        known. A user administrator who is a rights administrator too may grant entitlements at once.
        Raises: all that is wrong with the data, together as `Refusals`; CprInUse, PersonInUse.
        """
        user_id = self._ids.new_id()

        def decide(uow: UnitOfWork) -> UUID:
            settings = uow.organisation.settings
            details = read_new_user(
                new, settings, uow.context.today, allow_fictitious_cvr=self._dependencies.allow_fictitious_cvr
            )
            self._check_is_new(uow, details)
            user = User.create(uow.context, user_id, details, settings)
            if new.entitles:
                authorize("grant_rights", actor, self._log, uow.context.recorded_at)
                user.grant_rights(uow.context, new.rights, settings)
                user.assign_sealing_profiles(uow.context, new.sealing_profiles, settings)
                if new.can_sign:
                    user.allow_signing(uow.context)
            if user.needs_code:
                uow.create_code(user)
            uow.add(user)
            return user_id

        return self._execute("create_user", actor, decide, command_id, new)

    def edit_user(
        self, actor: Actor, user_id: UUID, edits: UserEdits, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Edit a user's data; values that are the same already record nothing (guide, Redigér).

        Raises: all that is wrong with the edits, together as `Refusals`; CprInUse, PersonInUse.
        """

        def decide(uow: UnitOfWork) -> UUID:
            read, misread = read_edits(edits, uow.context.today)
            uow.load_for_update(user_id).edit(uow.context, read, uow.organisation.settings, misread=misread)
            return user_id

        return self._execute("edit_user", actor, decide, command_id, user_id, edits)

    def place_user(
        self,
        actor: Actor,
        user_id: UUID,
        *,
        p_number: str | Keep | None = KEEP,
        se_number: str | Keep | None = KEEP,
        command_id: UUID | None = None,
    ) -> CommandResult:
        """Set a user's P-number, SE-number or both (guide, Tilknyt et P- eller SE-nummer).

        Raises: PNumbersNotInUse, PNumberUnknown, SeNumbersNotInUse, SeNumberUnknown, or several.
        """

        def decide(uow: UnitOfWork) -> UUID:
            read, misread = read_edits(UserEdits(p_number=p_number, se_number=se_number), uow.context.today)
            uow.load_for_update(user_id).edit(uow.context, read, uow.organisation.settings, misread=misread)
            return user_id

        return self._execute("place_user", actor, decide, command_id, user_id, p_number, se_number)

    def deactivate_user(
        self,
        actor: Actor,
        user_id: UUID,
        *,
        from_date: date | None = None,
        to_date: date | None = None,
        command_id: UUID | None = None,
    ) -> CommandResult:
        """Make a user inactive from a day (today unless given) to a day, both included (guide, Deaktivér).

        Replaces a current or future period; the same period again records nothing.
        Raises: NeverActivated, CannotDeactivateOneself, FromDateInThePast, ToDateBeforeFromDate,
            LastOrganisationAdministrator.
        """

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(user_id)
            user.deactivate(uow.context, from_date=from_date or uow.context.today, to_date=to_date)
            keep_one_organisation_administrator(uow, user_id, user.period)
            return user_id

        return self._execute("deactivate_user", actor, decide, command_id, user_id, from_date, to_date)

    def reactivate_user(
        self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None
    ) -> CommandResult:
        """End a deactivation early, or cancel a future one (guide, Genaktivér). Raises: NotDeactivated."""

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).reactivate(uow.context)
            return user_id

        return self._execute("reactivate_user", actor, decide, command_id, user_id)

    def delete_user(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> CommandResult:
        """Delete a user for good, free the CPR number and take all roles (guide, Slet bruger).

        Raises: CannotDeleteOneself, LastOrganisationAdministrator.
        """

        def decide(uow: UnitOfWork) -> UUID:
            delete(uow, uow.load_for_update(user_id))
            return user_id

        return self._execute("delete_user", actor, decide, command_id, user_id)

    def show_cpr(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> CommandResult:
        """Show a user's whole CPR number, in the result's `cpr`, and record that it was shown.

        A repeat of the command does not show the number again. Raises: CprNotKnown; NotInTransaction;
        CprLimitMet (not for the operator), which a mail reports to the organisation administrators.
        """
        refuse_in_transaction(self._log)
        count = self._count_cpr_once(actor)

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(user_id)
            refusal, is_first = count()
            if refusal is None:
                uow.cpr = user.show_cpr(uow.context)
                return user_id
            if not is_first:
                raise refusal
            uow.load_organisation_for_update().record_cpr_limit_met(uow.context)
            uow.refusal = refusal
            return user_id

        result = self._execute(SHOW_CPR, actor, decide, command_id, user_id)
        if result.cpr is not None:
            self._dependencies.observer.count(CounterName.CPR_SHOWN, actor.door.value, 1)
        return result

    def _count_cpr_once(self, actor: Actor) -> Callable[[], tuple[CprLimitMet | None, bool]]:
        """Return a function that counts a shown CPR number on its first call only.

        The function returns the refusal, if any, and whether it is the actor's first in a day. The operator,
        who has the keys, has no limit.
        """
        limiter = self._dependencies.rate_limiter

        @cache
        def count() -> tuple[CprLimitMet | None, bool]:
            if not actor.is_user_or_client:
                return None, False
            try:
                for limit in self._dependencies.cpr_limits:
                    limiter.count(limit, actor.id)
            except TooManyTries as limit_reached:
                refusal = CprLimitMet(limit_reached.retry_after)
            else:
                return None, False
            try:
                limiter.count(CPR_LIMIT_NOTIFIED, actor.id)
            except TooManyTries:
                return refusal, False
            return refusal, True

        return count

    def import_users(
        self,
        actor: Actor,
        source: Source,
        *,
        dry_run: bool = False,
        all_or_nothing: bool = False,
        progress: ProgressCallback | None = None,
        command_id: UUID | None = None,
    ) -> ImportReceipt:
        """Create, edit and delete users by a CSV file of 15 columns (guide, brugerimport).

        The file is a `Path`, or an `InMemory` file that is never on a disk. Each row is done or refused as a
        whole, independently of the others; the receipt has the outcome of every row. A dry run returns the
        same receipt and changes nothing. With `all_or_nothing`, one refused row holds back all others, and
        no other command can write during the import. An import that was interrupted, perhaps by an exception
        of `progress`, resumes where it stopped when the same bytes are imported again. Raises: FileRefused.
        """
        with self._observe("import_users", actor):
            receipt = self._importer.run(
                actor,
                source,
                dry_run=dry_run,
                all_or_nothing=all_or_nothing,
                progress=progress,
                import_id=command_id,
            )
        if not dry_run:
            self._sign_checkpoint(actor)
        return receipt

    def _sign_checkpoint(self, actor: Actor) -> None:
        """Sign a checkpoint; if that is refused, report it to the observer and still return the receipt."""
        try:
            self._dependencies.checkpoint_signer.sign_new_events()
        except Refusal as refusal:
            self._dependencies.observer.refused("import_users", actor, refusal)

    def _check_is_new(self, uow: UnitOfWork, details: Details) -> None:
        """Refuse a user without CPR number whose names, birth date and e-mail another user has.

        That user may have a CPR number. Equal CPR numbers conflict by their reservation instead.
        """
        if details.cpr is not None:
            return
        name_identity = Identity.by_name(
            details.first_name, details.surname, details.date_of_birth, details.email
        )
        for holders in self._log.name_identity_holders(uow.context.organisation_id, [name_identity]).values():
            raise refusals.PersonInUse(min(holders))


def delete(uow: UnitOfWork, user: User) -> None:
    """Delete a user with the user's roles and temporary code. Raises: as `UserCommands.delete_user`."""
    user.delete(uow.context, retention_days=uow.organisation.settings.erasure_retention_days)
    uow.expect_unchanged(uow.organisation)
    keep_one_organisation_administrator(uow, user.id)
    if uow.organisation.roles_of(user.id):
        uow.load_organisation_for_update().take_all_roles(uow.context, user.id)
    uow.delete_code(user)


def keep_one_organisation_administrator(uow: UnitOfWork, leaving: UUID, away: Period | None = None) -> None:
    """Refuse to remove the last organisation administrator, even if two remove each other at once.

    Raises: LastOrganisationAdministrator.
    """
    organisation = uow.organisation
    if Role.ORGANISATION_ADMINISTRATOR in organisation.roles_of(leaving):
        uow.expect_unchanged(organisation)
        holders = organisation.holders_of(Role.ORGANISATION_ADMINISTRATOR)
        others = [user_id for user_id in holders if user_id != leaving]
        organisation.must_keep_organisation_administrator(
            leaving, uow.read(others), uow.context.recorded_at, away
        )
