"""One command being carried out: what it looks at, what it changes, and the claims that follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brugerbog.application.errors import OrganisationUnknown, UserUnknown
from brugerbog.application.ports import NOWHERE, Claim
from brugerbog.domain.identity import Identity
from brugerbog.domain.organisation import Organisation
from brugerbog.domain.user import User

if TYPE_CHECKING:
    from uuid import UUID

    from brugerbog.application.ports import EventLog
    from brugerbog.domain.act import Act
    from brugerbog.domain.events import ActedOn


@dataclass(slots=True)
class Deed:
    """Hands out what a command acts on, and remembers it to be saved."""

    log: EventLog
    act: Act
    _organisation: Organisation | None
    _changed: list[ActedOn] = field(default_factory=list)
    _known_as: dict[UUID, tuple[Identity | None, Identity | None]] = field(default_factory=dict)

    @property
    def organisation(self) -> Organisation:
        """The organisation in which this happens."""
        if self._organisation is None:
            raise OrganisationUnknown
        return self._organisation

    def user(self, user_id: UUID) -> User:
        """A user of the organisation, to be changed. Raises: UserUnknown."""
        user = self.log.user(user_id)
        if user is None or user.organisation_id != self.act.organisation_id:
            raise UserUnknown(user_id)
        self._known_as[user_id] = (user.identity, user.person)
        self._changed.append(user)
        return user

    def has(self, made: ActedOn) -> None:
        """Something new, or the organisation, to be saved too."""
        self._changed.append(made)

    @property
    def changed(self) -> list[ActedOn]:
        return self._changed

    def claims(self) -> list[Claim]:
        """Whose identity is another than before."""
        made = []
        for one in self._changed:
            if isinstance(one, User) and (one.identity, one.person) != self._known_as.get(one.id):
                made.append(claim_of(one, is_first=one.id not in self._known_as))
            elif isinstance(one, Organisation) and one is not self._organisation:
                made.append(Claim(NOWHERE, one.id, cvr_identity(one.cvr), is_first=True))
        return made


def claim_of(user: User, *, is_first: bool = False) -> Claim:
    """What a user claims to be; `is_first` when he has claimed nothing before."""
    return Claim(user.organisation_id, user.id, user.identity, user.person, is_first)


def cvr_identity(cvr: str) -> Identity:
    """An organisation as it is claimed within the installation."""
    return Identity("cvr", cvr)
