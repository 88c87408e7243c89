"""The unit of work of a command: the aggregates it reads and changes, and all that is appended with them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from brugerbog.application.commands.reservations import cvr_identity, reservation_for
from brugerbog.application.mail.policies import mails_after
from brugerbog.application.ports.event_log import INSTALLATION_SCOPE, AppendRequest, IdentityReservation
from brugerbog.application.refusals.requests import OrganisationUnknown, UserChanged, UserUnknown
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.user.user import User

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from uuid import UUID

    from brugerbog.application.commands.dependencies import Dependencies
    from brugerbog.application.ports.event_log import CommandRecord
    from brugerbog.domain.kernel.aggregate import Aggregate
    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.kernel.privacy import Secret
    from brugerbog.domain.kernel.refusals import Refusal
    from brugerbog.domain.user.identity import Identity


class ChangedWithoutUpdate(RuntimeError):
    """A command changed an aggregate that it had loaded for reading only: an error in the command's code."""


class UnitOfWork:
    """Loads the aggregates of one command, and collects what the command appends.

    `refusal` is a refusal to raise after the append, such as that of a wrong code, which counts as a try.
    `code`, `cpr` and `secret` are a temporary code, a CPR number and a client's secret for the result.
    """

    def __init__(
        self,
        dependencies: Dependencies,
        context: CommandContext,
        organisation: Organisation | None,
        expected_user_versions: Mapping[UUID, Collection[int]] = MappingProxyType({}),
    ) -> None:
        """Begin; `expected_user_versions` are the versions that the request accepts, by user."""
        self.context = context
        self.changed: list[Aggregate] = []
        self.code: Secret[str] | None = None
        self.cpr: str | None = None
        self.secret: Secret[str] | None = None
        self.refusal: Refusal | None = None
        self._dependencies = dependencies
        self._organisation = organisation
        self._expected_user_versions = expected_user_versions
        self._read: list[Aggregate] = []
        self._identities: dict[UUID, tuple[Identity | None, ...]] = {}
        self._expected_versions: dict[UUID, int] = {}
        self._codes: dict[UUID, bytes | None] = {}

    @property
    def organisation(self) -> Organisation:
        """The organisation of the command, for reading. Raises: OrganisationUnknown."""
        if self._organisation is None:
            raise OrganisationUnknown
        return self._organisation

    def load_organisation_for_update(self) -> Organisation:
        """Return the organisation of the command, to be changed. Raises: OrganisationUnknown."""
        if not self._is_for_update(self.organisation):
            self.changed.append(self.organisation)
        return self.organisation

    def load_for_update(self, user_id: UUID) -> User:
        """Load a user of the organisation, to be changed. Raises: UserUnknown, UserChanged."""
        user = self._checked(self._dependencies.log.user(user_id), user_id)
        self._identities[user_id] = _identities(user)
        self.changed.append(user)
        return user

    def load_many_for_update(self, user_ids: Iterable[UUID]) -> list[User]:
        """Load many users of the organisation, to be changed. Raises: UserUnknown, UserChanged."""
        users = self._load(user_ids)
        self._identities |= {user.id: _identities(user) for user in users}
        self.changed += users
        return users

    def read(self, user_ids: Iterable[UUID]) -> list[User]:
        """Load users of the organisation for reading only.

        The append fails with `Conflict` if one of them has moved past the version that was read.
        Raises: UserUnknown, UserChanged.
        """
        users = self._load(user_ids)
        for user in users:
            self.expect_unchanged(user)
        return users

    def _load(self, user_ids: Iterable[UUID]) -> list[User]:
        wanted = list(user_ids)
        found = self._dependencies.log.users(wanted) if wanted else {}
        return [self._checked(found.get(user_id), user_id) for user_id in wanted]

    def _checked(self, user: User | None, user_id: UUID) -> User:
        if user is None or user.organisation_id != self.context.organisation_id:
            raise UserUnknown(user_id)
        expected = self._expected_user_versions
        if user_id in expected and user.version not in expected[user_id]:
            raise UserChanged(user_id)
        return user

    @property
    def expected_versions(self) -> dict[UUID, int]:
        """The versions of the aggregates that the decision read."""
        return self._expected_versions

    def expect_unchanged(self, aggregate: Aggregate) -> None:
        """Let the append fail with `Conflict` if the aggregate has moved past the version that was read."""
        self._expected_versions[aggregate.id] = aggregate.version - len(aggregate.pending_events)
        self._read.append(aggregate)

    def add(self, aggregate: Aggregate) -> None:
        """Append the events of a new aggregate."""
        self.changed.append(aggregate)

    def create_code(self, user: User) -> None:
        """Make a temporary code for a user, to be shown once."""
        self.code = self._dependencies.codes.new_code()
        self._codes[user.id] = self._dependencies.codes.seal(self.code)

    def matches_code(self, user: User, typed: Secret[str]) -> bool:
        """Return whether this is the user's temporary code."""
        return self._dependencies.codes.matches(typed, self._dependencies.log.activation_code_hash(user.id))

    def delete_code(self, user: User) -> None:
        """Delete the stored hash of a code that is used or void."""
        self._codes[user.id] = None

    def create_secret(self) -> str:
        """Make a client's secret, to be shown once; return the digest to store (SHA-256, in hex)."""
        self.secret = self._dependencies.tokens.new_token()
        return self._dependencies.tokens.digest(self.secret).hex()

    def append_request(self, command: CommandRecord | None) -> AppendRequest:
        """Return what is stored in one transaction with the events. Raises: ChangedWithoutUpdate."""
        self._refuse_changes_of_what_was_read()
        events = [event for aggregate in self.changed for event in aggregate.pending_events]
        return AppendRequest(
            reservations=self._reservations(),
            command=command,
            expected_versions=self._expected_versions,
            mails=mails_after(events, self._organisation),
            codes=self._codes,
        )

    def _refuse_changes_of_what_was_read(self) -> None:
        read = self._read if self._organisation is None else [*self._read, self._organisation]
        for aggregate in read:
            if aggregate.pending_events and not self._is_for_update(aggregate):
                raise ChangedWithoutUpdate(
                    f"{type(aggregate).__name__} {aggregate.id} was loaded for reading"
                )

    def _is_for_update(self, aggregate: Aggregate) -> bool:
        return any(changed is aggregate for changed in self.changed)

    def _reservations(self) -> list[IdentityReservation]:
        """Return the reservations of new aggregates, and of users whose identity has changed."""
        reservations = []
        for aggregate in self.changed:
            if isinstance(aggregate, User):
                if _identities(aggregate) != self._identities.get(aggregate.id):
                    is_first = aggregate.id not in self._identities
                    reservations.append(reservation_for(aggregate, is_first=is_first))
            elif isinstance(aggregate, Organisation) and aggregate is not self._organisation:
                cvr = cvr_identity(aggregate.cvr)
                reservations.append(IdentityReservation(INSTALLATION_SCOPE, aggregate.id, cvr, is_first=True))
        return reservations


def _identities(user: User) -> tuple[Identity | None, ...]:
    return user.identity, user.name_identity, user.account_identity
