"""The commands on an organisation: registration, settings, roles, API clients and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from brugerbog.application.commands.execution import CREATE_CLIENT, CommandExecution
from brugerbog.application.rate_limits import CHANGES_MAILED_TO_USER
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.clients import NotAClientRole
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.settings import Settings
from brugerbog.domain.values import numbers, personal_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.commands.unit_of_work import UnitOfWork


class OrganisationCommands(CommandExecution):
    """The commands of the operator and of organisation administrators."""

    def register_organisation(
        self,
        actor: Actor,
        *,
        cvr: str,
        name: str,
        settings: Mapping[str, Any] | None = None,
        command_id: UUID | None = None,
    ) -> CommandResult:
        """Register an organisation; the result's subject is its id.

        Raises: CvrInvalid, CvrCheckDigitWrong, NameMissing, SettingsInvalid, OrganisationAlreadyRegistered.
        """
        cvr, name, chosen = read_registration(
            cvr, name, settings or {}, allow_fictitious_cvr=self._dependencies.allow_fictitious_cvr
        )

        def decide(uow: UnitOfWork) -> UUID:
            organisation = Organisation.register(
                uow.context, cvr=cvr, name=name, settings=Settings().with_changes(chosen)
            )
            uow.add(organisation)
            return organisation.id

        return self._execute("register_organisation", actor, decide, command_id, cvr, name, chosen)

    def change_settings(
        self, actor: Actor, settings: Mapping[str, Any], *, command_id: UUID | None = None
    ) -> CommandResult:
        """Change the settings that are given; other settings, and what users have already, stay.

        `Queries.concerned_by` returns the users whom a restriction concerns.
        Raises: SettingsInvalid.
        """
        chosen = read_settings(settings)

        def decide(uow: UnitOfWork) -> UUID:
            organisation = uow.load_organisation_for_update()
            organisation.change_settings(uow.context, organisation.settings.with_changes(chosen))
            return organisation.id

        return self._execute("change_settings", actor, decide, command_id, chosen)

    def give_role(
        self, actor: Actor, user_id: UUID, role: Role, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Give a user a role; the user gets a mail. A role held already records nothing.

        Raises: AnonymousHoldsNoRole, NotARole, TooManyTries.
        """

        def decide(uow: UnitOfWork) -> UUID:
            (user,) = uow.read([user_id])
            organisation = uow.load_organisation_for_update()
            organisation.give_role(uow.context, user, role)
            if organisation.pending_events:
                count()
            return user_id

        count = self._count_once((CHANGES_MAILED_TO_USER, user_id))

        return self._execute("give_role", actor, decide, command_id, user_id, role)

    def take_role(
        self, actor: Actor, user_id: UUID, role: Role, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Take a role from a user; the user gets a mail. A role that is not held records nothing.

        No rate limit applies, because nothing may prevent the loss of a role.
        Raises: CannotTakeOwnRole, LastOrganisationAdministrator, NotARole.
        """

        def decide(uow: UnitOfWork) -> UUID:
            uow.read([user_id])
            organisation = uow.load_organisation_for_update()
            others = [holder for holder in organisation.holders_of(role) if holder != user_id]
            administers = role is Role.ORGANISATION_ADMINISTRATOR
            organisation.take_role(uow.context, user_id, role, uow.read(others) if administers else ())
            return user_id

        return self._execute("take_role", actor, decide, command_id, user_id, role)

    def create_client(
        self,
        actor: Actor,
        name: str,
        roles: Sequence[Role],
        *,
        expires_on: date | None = None,
        command_id: UUID | None = None,
    ) -> CommandResult:
        """Create an API client of the organisation; the result's subject is the client's id.

        The result has the client's `secret`, of which only a digest is stored. `expires_on` is the last day,
        in Denmark, on which the secret is valid. Only the operator can create a client as operator.
        Raises: NameMissing and the like, ClientNameInvalid, ClientRoleMissing, NotAClientRole,
        ClientExpiryPast.
        """
        client_id = self._ids.new_id()

        def decide(uow: UnitOfWork) -> UUID:
            if Role.OPERATOR in roles and actor.is_user_or_client:
                raise NotAClientRole
            organisation = uow.load_organisation_for_update()
            secret = uow.create_secret()
            organisation.create_client(uow.context, client_id, name, roles, secret, expires_on=expires_on)
            return client_id

        until = () if expires_on is None else (expires_on.isoformat(),)
        return self._execute(CREATE_CLIENT, actor, decide, command_id, name, *roles, *until)

    def revoke_client(
        self, actor: Actor, client_id: UUID, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Revoke a client at once; a revoked client records nothing. Raises: ClientUnknown."""

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_organisation_for_update().revoke_client(uow.context, client_id)
            return client_id

        return self._execute("revoke_client", actor, decide, command_id, client_id)

    def end_sessions(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> CommandResult:
        """End all web sessions of a user, in every browser. Raises: AlreadyDeleted."""

        def decide(uow: UnitOfWork) -> UUID:
            (user,) = uow.read([user_id])
            uow.load_organisation_for_update().end_sessions(uow.context, user)
            return user_id

        return self._execute("end_sessions", actor, decide, command_id, user_id)

    def end_own_sessions(self, actor: Actor, *, command_id: UUID | None = None) -> CommandResult:
        """End all web sessions of the acting user, in every browser."""

        def decide(uow: UnitOfWork) -> UUID:
            (user,) = uow.read([actor.id])
            uow.load_organisation_for_update().end_sessions(uow.context, user)
            return actor.id

        return self._execute("end_own_sessions", actor, decide, command_id)


def read_registration(
    cvr: str, name: str, settings: Mapping[str, Any], *, allow_fictitious_cvr: bool
) -> tuple[str, str, dict[str, Any]]:
    """Read the data of an organisation to register. Raises: as `register_organisation`."""
    return (
        numbers.cvr(cvr, allow_fictitious=allow_fictitious_cvr),
        personal_data.organisation_name(name),
        read_settings(settings),
    )


def read_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Read the settings that are given. Raises: SettingsInvalid, or several of them as `Refusals`."""
    from brugerbog.application.commands import settings_input  # noqa: PLC0415 - slow to load, rarely used

    return settings_input.read_settings(values)
