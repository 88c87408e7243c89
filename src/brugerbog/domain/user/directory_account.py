"""The user name and external id of a user in the organisation's directory or HR system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.privacy import Personal
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.characters import normalized_text

if TYPE_CHECKING:
    from brugerbog.domain.kernel.command_context import CommandContext

MAX_ACCOUNT_LENGTH: Final = 256


class DirectoryAccountChanged(UserEvent):
    """The user name and external id have new values; either may be None."""

    TOPIC = "user.directory_account_changed"
    user_name: Personal[str | None]
    external_id: Personal[str | None]

    def apply(self, user: UserState) -> None:
        user.user_name = self.user_name
        user.external_id = self.external_id


class DirectoryAccount(UserState):
    """Commands on the directory account; a user name is unique among undeleted users of an organisation."""

    def set_directory_account(
        self, context: CommandContext, user_name: Personal[str | None], external_id: Personal[str | None]
    ) -> None:
        """Set user name and external id, or empty them; the same values record nothing."""
        if (user_name, external_id) != (self.user_name, self.external_id):
            self.record(context, DirectoryAccountChanged, user_name=user_name, external_id=external_id)


def account(text: str) -> str:
    """Return a user name or an external id: one line of at most 256 characters (ours).

    Raises: DirectoryAccountInvalid, and as `normalized_text`.
    """
    trimmed = normalized_text(text)
    if not trimmed or len(trimmed) > MAX_ACCOUNT_LENGTH:
        raise DirectoryAccountInvalid(MAX_ACCOUNT_LENGTH)
    return trimmed


@dataclass(eq=False)
class DirectoryAccountInvalid(Refusal):
    """A user name or an external id is one line of limited length (ours)."""

    code = "directory_account_invalid"
    danish = "Brugernavn og eksternt id skal have fra 1 til {longest} tegn."
    english = "A user name and an external id have 1 to {longest} characters."
    longest: int
