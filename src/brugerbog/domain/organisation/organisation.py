"""The organisation: settings, roles of users, API clients and ended sessions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from brugerbog.domain.kernel import aggregate
from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.organisation.clients import (
    Client,
    ClientExpiryPast,
    ClientUnknown,
    client_name,
    client_roles,
)
from brugerbog.domain.settings import Prices, Settings
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Self

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.kernel.days import Period
    from brugerbog.domain.user.user import User


class Organisation(aggregate.Aggregate):
    """An organisation with a CVR number, a name, settings and roles; its stream has no personal data."""

    TOPIC = "organisation"

    class Event(aggregate.Event):
        """A fact about an organisation."""

    class Registered(Event, AggregateCreated):
        """The operator registered the organisation; it has no users yet."""

        TOPIC = "organisation.registered"
        cvr: str
        name: str
        settings: dict[str, Any]

        def apply(self, organisation: Organisation) -> None:
            organisation.cvr = self.cvr
            organisation.name = self.name
            organisation.set_settings(Settings().with_changes(self.settings), self.timestamp)

    class SettingsChanged(Event):
        """Some settings have new values; users keep what the old settings allowed."""

        TOPIC = "organisation.settings_changed"
        changed: dict[str, Any]

        def apply(self, organisation: Organisation) -> None:
            organisation.set_settings(organisation.settings.with_changes(self.changed), self.timestamp)

    class RoleGiven(Event):
        """A user was given this role; the user's other roles stay."""

        TOPIC = "organisation.role_given"
        user_id: UUID
        role_given: str

        def apply(self, organisation: Organisation) -> None:
            held = organisation.roles_of(self.user_id) | {Role(self.role_given)}
            organisation.roles = {**organisation.roles, self.user_id: held}

    class RoleTaken(Event):
        """A user lost this role: it was taken, or the user was deleted."""

        TOPIC = "organisation.role_taken"
        user_id: UUID
        role_taken: str

        def apply(self, organisation: Organisation) -> None:
            held = organisation.roles_of(self.user_id) - {Role(self.role_taken)}
            organisation.roles = {**organisation.roles, self.user_id: held}

    class ClientCreated(Event):
        """An API client was created, with credentials and roles; only a digest of the secret is stored."""

        TOPIC = "organisation.client_created"
        client_id: UUID
        client_name: str
        client_roles: tuple[str, ...]
        secret_digest: str
        expires_on: date | None

        class_version = 2

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Add `expires_on`: clients of the first version don't expire."""
            state["expires_on"] = None

        def apply(self, organisation: Organisation) -> None:
            roles = frozenset(map(Role, self.client_roles))
            client = Client(
                self.client_id,
                self.client_name,
                roles,
                self.secret_digest,
                self.timestamp,
                expires_on=self.expires_on,
            )
            organisation.clients = {**organisation.clients, client.id: client}

    class ClientRevoked(Event):
        """The credentials of an API client are invalid for good."""

        TOPIC = "organisation.client_revoked"
        client_id: UUID

        def apply(self, organisation: Organisation) -> None:
            organisation.clients = {
                client.id: replace(client, is_revoked=client.is_revoked or client.id == self.client_id)
                for client in organisation.clients.values()
            }

    class SessionsEnded(Event):
        """A user was logged out of the web pages in all browsers, by an administrator or by the user."""

        TOPIC = "organisation.sessions_ended"
        user_id: UUID

        def apply(self, organisation: Organisation) -> None:
            organisation.sessions_ended = {**organisation.sessions_ended, self.user_id: self.timestamp}

    class CprLimitMet(Event):
        """The actor reached the limit of CPR numbers shown in full; recorded once a day at most."""

        TOPIC = "organisation.cpr_limit_met"

    def __init__(self) -> None:
        self.cvr = ""
        self.name = ""
        self.settings = Settings()
        self.prices_since: tuple[tuple[datetime, Prices], ...] = ()
        self.roles: dict[UUID, frozenset[Role]] = {}
        self.clients: dict[UUID, Client] = {}
        self.sessions_ended: dict[UUID, datetime] = {}

    def set_settings(self, settings: Settings, since: datetime) -> None:
        """Set the settings as of an instant, and keep earlier prices; to be called by events only."""
        self.settings = settings
        if not self.prices_since or self.prices_since[-1][1] != settings.prices:
            self.prices_since = (*self.prices_since, (since, settings.prices))

    @classmethod
    def register(cls, context: CommandContext, *, cvr: str, name: str, settings: Settings) -> Self:
        """Register an organisation; its id is `context.organisation_id`."""
        return cls._create(
            cls.Registered,
            id=context.organisation_id,
            cvr=cvr,
            name=name,
            settings=settings.as_json(),
            **context.stamp(),
        )

    def change_settings(self, context: CommandContext, settings: Settings) -> None:
        """Change the settings; the same settings again record nothing."""
        changed = self.settings.changes_to(settings)
        if changed:
            self.record(context, self.SettingsChanged, changed=changed)

    def prices_at(self, instant: datetime) -> Prices:
        """Return the prices at an instant; before the registration, the first prices."""
        past = [prices for since, prices in self.prices_since if since <= instant]
        return past[-1] if past else self.prices_since[0][1]

    # Roles

    def roles_of(self, user_id: UUID) -> frozenset[Role]:
        """Return the roles of a user or a client; a revoked client has none, an expired one still has all."""
        client = self.clients.get(user_id)
        if client is not None:
            return frozenset() if client.is_revoked else client.roles
        return self.roles.get(user_id, frozenset())

    def holders_of(self, role: Role) -> list[UUID]:
        """Return the users with a role, ordered by when each was first given any role."""
        return [user_id for user_id, held in self.roles.items() if role in held]

    def give_role(self, context: CommandContext, user: User, role: Role) -> None:
        """Give a user a role; a role that the user holds already records nothing.

        Raises: AlreadyDeleted, AnonymousHoldsNoRole, NotARole.
        """
        _must_be_assignable(role)
        if user.phase is Status.DELETED:
            raise AlreadyDeleted(user.id)
        if user.anonymous:
            raise AnonymousHoldsNoRole(user.id)
        if role not in self.roles_of(user.id):
            self.record(context, self.RoleGiven, user_id=user.id, role_given=role)

    def take_role(self, context: CommandContext, user_id: UUID, role: Role, others: Iterable[User]) -> None:
        """Take a role from a user; a role that the user does not hold records nothing.

        `others` are all other organisation administrators; only for that role are they needed.
        Raises: CannotTakeOwnRole, LastOrganisationAdministrator, NotARole.
        """
        _must_be_assignable(role)
        if role not in self.roles_of(user_id):
            return
        if role is Role.ORGANISATION_ADMINISTRATOR:
            if context.actor == user_id:
                raise CannotTakeOwnRole(user_id)
            self.must_keep_organisation_administrator(user_id, others, context.recorded_at)
        self.record(context, self.RoleTaken, user_id=user_id, role_taken=role)

    def must_keep_organisation_administrator(
        self, user_id: UUID, others: Iterable[User], at: datetime, absence: Period | None = None
    ) -> None:
        """Check that an active organisation administrator remains without this user.

        `absence` is the period of the user's deactivation; None if the user is deleted or loses the role.
        `others` are all other organisation administrators. A user without that role always passes.
        Raises: LastOrganisationAdministrator.
        """
        if Role.ORGANISATION_ADMINISTRATOR not in self.roles_of(user_id):
            return
        if not any(_can_stand_in(other, at, absence) for other in others):
            raise LastOrganisationAdministrator(user_id)

    def take_all_roles(self, context: CommandContext, user_id: UUID) -> None:
        """Take all roles from a user who is being deleted."""
        for role in sorted(self.roles_of(user_id)):
            self.record(context, self.RoleTaken, user_id=user_id, role_taken=role)

    # Clients

    def create_client(
        self,
        context: CommandContext,
        client_id: UUID,
        name: str,
        roles: Iterable[Role],
        secret_digest: str,
        *,
        expires_on: date | None = None,
    ) -> None:
        """Create a client with these roles, valid until the end of `expires_on` in Denmark, if given.

        Raises: as `client_name`; ClientRoleMissing, NotAClientRole, ClientExpiryPast.
        """
        if expires_on is not None and expires_on < danish_day(context.recorded_at):
            raise ClientExpiryPast
        self.record(
            context,
            self.ClientCreated,
            client_id=client_id,
            client_name=client_name(name),
            client_roles=tuple(role.value for role in client_roles(roles, context.role)),
            secret_digest=secret_digest,
            expires_on=expires_on,
        )

    def revoke_client(self, context: CommandContext, client_id: UUID) -> None:
        """Revoke a client's credentials; a repeat records nothing. Raises: ClientUnknown."""
        client = self.clients.get(client_id)
        if client is None:
            raise ClientUnknown(client_id)
        if not client.is_revoked:
            self.record(context, self.ClientRevoked, client_id=client_id)

    # Sessions

    def end_sessions(self, context: CommandContext, user: User) -> None:
        """Log a user out everywhere: end all sessions begun until now. Raises: AlreadyDeleted."""
        if user.phase is Status.DELETED:
            raise AlreadyDeleted(user.id)
        self.record(context, self.SessionsEnded, user_id=user.id)

    def has_ended_session(self, user_id: UUID, begun_at: datetime) -> bool:
        """Return whether `end_sessions` has ended a session of the user that began at `begun_at`."""
        ended_at = self.sessions_ended.get(user_id)
        return ended_at is not None and begun_at <= ended_at

    # CPR numbers

    def record_cpr_limit_met(self, context: CommandContext) -> None:
        """Record that the actor reached the limit of CPR numbers shown in full."""
        self.record(context, self.CprLimitMet)


def _can_stand_in(user: User, at: datetime, absence: Period | None) -> bool:
    """Return whether a user is active at `at` and, given an absence for some days, on each of these days."""
    if user.status_at(at) is not Status.ACTIVE:
        return False
    return absence is None or user.period is None or not absence.overlaps(user.period)


def _must_be_assignable(role: Role) -> None:
    if role not in ASSIGNABLE_ROLES:
        raise NotARole


@dataclass(eq=False)
class AnonymousHoldsNoRole(Refusal):
    """Administrators and trusted employees may not be anonymous (guide, Opret nye brugere)."""

    code = "anonymous_holds_no_role"
    danish = (
        "Brugeren er anonym og kan ikke være administrator eller betroet medarbejder. Vælg en anden bruger."
    )
    english = "An anonymous user can't hold a role."
    user_id: UUID


@dataclass(eq=False)
class CannotTakeOwnRole(Refusal):
    """Organisation administrators can't take their own role of organisation administrator (ours)."""

    code = "cannot_take_own_role"
    danish = "Du kan ikke fratage dig selv rollen. Bed en anden organisationsadministrator om det."
    english = (
        "Organisation administrators can't take that role from themselves. "
        "Ask another organisation administrator."
    )
    user_id: UUID


@dataclass(eq=False)
class LastOrganisationAdministrator(Refusal):
    """An active organisation administrator must remain (ours)."""

    code = "last_organisation_administrator"
    danish = (
        "Brugeren er organisationens sidste aktive organisationsadministrator. Giv først en anden rollen."
    )
    english = "The user is the last active organisation administrator. Give another user the role first."
    user_id: UUID


@dataclass(eq=False)
class NotARole(Refusal):
    """The role is not one that an organisation can give."""

    code = "not_a_role"
    danish = "Rollen findes ikke. Vælg en af organisationens roller."
    english = "The role isn't one that an organisation can give."
