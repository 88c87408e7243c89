"""One command being carried out: what it looks at, what it changes, and all that follows."""

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


class UnitOfWork:
    """Hands out what a command acts on, and remembers what is to be saved.

    `refusal` is one that is to be recorded before it is raised, such as that of a wrong code; `code` a
    temporary code, `cpr` a CPR number, and `secret` that of a client, to be shown in the answer.
    """

    def __init__(
        self,
        dependencies: Dependencies,
        context: CommandContext,
        organisation: Organisation | None,
        expected: Mapping[UUID, Collection[int]] = MappingProxyType({}),
    ) -> None:
        """Begin; `expected` are the versions of those users about whom the asker knew what he said."""
        self.context = context
        self._expected = expected
        self.changed: list[Aggregate] = []
        self.code: Secret[str] | None = None
        self.cpr: str | None = None
        self.secret: Secret[str] | None = None
        self.refusal: Refusal | None = None
        self._dependencies = dependencies
        self._organisation = organisation
        self._identities: dict[UUID, tuple[Identity | None, ...]] = {}
        self._expected_versions: dict[UUID, int] = {}
        self._codes: dict[UUID, bytes | None] = {}

    @property
    def organisation(self) -> Organisation:
        """The organisation in which this happens. Raises: OrganisationUnknown."""
        if self._organisation is None:
            raise OrganisationUnknown
        return self._organisation

    def load_for_update(self, user_id: UUID) -> User:
        """A user of the organisation, to be changed. Raises: UserUnknown."""
        user = self._found(self._dependencies.log.user(user_id), user_id)
        self._identities[user_id] = _identities(user)
        self.changed.append(user)
        return user

    def load_many_for_update(self, user_ids: Iterable[UUID]) -> list[User]:
        """Many users of the organisation, to be changed. Raises: UserUnknown."""
        wanted = list(user_ids)
        known = self._dependencies.log.users(wanted)
        found = [self._found(known.get(user_id), user_id) for user_id in wanted]
        self._identities |= {user.id: _identities(user) for user in found}
        self.changed += found
        return found

    def read(self, user_ids: Iterable[UUID]) -> list[User]:
        """Users of the organisation, looked at only: should one change meanwhile, it is decided anew.

        Raises: UserUnknown.
        """
        wanted = list(user_ids)
        known = self._dependencies.log.users(wanted) if wanted else {}
        found = [self._found(known.get(user_id), user_id) for user_id in wanted]
        for user in found:
            self.expect_unchanged(user)
        return found

    def _found(self, user: User | None, user_id: UUID) -> User:
        if user is None or user.organisation_id != self.context.organisation_id:
            raise UserUnknown(user_id)
        if user_id in self._expected and user.version not in self._expected[user_id]:
            raise UserChanged(user_id)
        return user

    @property
    def expected_versions(self) -> dict[UUID, int]:
        """What the decision rests on, with versions."""
        return self._expected_versions

    def expect_unchanged(self, ground: Aggregate) -> None:
        """Let the decision stand only as long as this is as it was looked at."""
        self._expected_versions[ground.id] = ground.version - len(ground.pending_events)

    def load_organisation_for_update(self) -> Organisation:
        """The organisation, to be changed. Raises: OrganisationUnknown."""
        if self.organisation not in self.changed:
            self.changed.append(self.organisation)
        return self.organisation

    def add(self, made: Aggregate) -> None:
        """Something new, to be saved too."""
        self.changed.append(made)

    def show_code(self, user: User) -> None:
        """Make the temporary code that was just issued to a user, to be shown once."""
        self.code = self._dependencies.codes.new_code()
        self._codes[user.id] = self._dependencies.codes.seal(self.code)

    def make_secret(self) -> str:
        """Make a client's secret, to be shown once; returns what is to be kept of it (SHA-256, in hex)."""
        self.secret = self._dependencies.tokens.new_token()
        return self._dependencies.tokens.digest(self.secret).hex()

    def matches_code(self, user: User, typed: Secret[str]) -> bool:
        """Whether this is the user's temporary code."""
        return self._dependencies.codes.matches(typed, self._dependencies.log.activation_code_hash(user.id))

    def forget_code(self, user: User) -> None:
        """Keep nothing of a code that is used or void."""
        self._codes[user.id] = None

    def append_request(self, command: CommandRecord | None) -> AppendRequest:
        """What is stored in one transaction with the events."""
        happened = [event for one in self.changed for event in one.pending_events]
        return AppendRequest(
            reservations=self._reservations(),
            command=command,
            expected_versions=self._expected_versions,
            mails=mails_after(happened, self._organisation),
            codes=self._codes,
        )

    def _reservations(self) -> list[IdentityReservation]:
        """Whose identity is another than before."""
        made = []
        for one in self.changed:
            if isinstance(one, User) and _identities(one) != self._identities.get(one.id):
                made.append(reservation_for(one, is_first=one.id not in self._identities))
            elif isinstance(one, Organisation) and one is not self._organisation:
                made.append(
                    IdentityReservation(INSTALLATION_SCOPE, one.id, cvr_identity(one.cvr), is_first=True)
                )
        return made


def _identities(user: User) -> tuple[Identity | None, ...]:
    return user.identity, user.person, user.account
