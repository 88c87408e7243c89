"""By what the organisation's own directory, or its HR system, knows a user: a name and an id of its own."""

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
    """The directory knows the user by this name and id, as they now are; either may be none."""

    TOPIC = "user.directory_account_changed"
    user_name: Personal[str | None]
    external_id: Personal[str | None]

    def apply(self, user: UserState) -> None:
        user.user_name = self.user_name
        user.external_id = self.external_id


class DirectoryAccount(UserState):
    """Being known elsewhere by another name. No two living users of an organisation have one user name."""

    def set_directory_account(
        self, context: CommandContext, user_name: Personal[str | None], external_id: Personal[str | None]
    ) -> None:
        """Call the user what the directory calls him, or nothing; what it is already records nothing."""
        if (user_name, external_id) != (self.user_name, self.external_id):
            self.record(context, DirectoryAccountChanged, user_name=user_name, external_id=external_id)


def account(text: str) -> str:
    """A user name or an id of the directory: one line of at most 256 characters (ours).

    Raises: DirectoryAccountInvalid, and as `normalized_text`.
    """
    trimmed = normalized_text(text)
    if not trimmed or len(trimmed) > MAX_ACCOUNT_LENGTH:
        raise DirectoryAccountInvalid(MAX_ACCOUNT_LENGTH)
    return trimmed


@dataclass(eq=False)
class DirectoryAccountInvalid(Refusal):
    """A user name or an external id is one line of some length (ours)."""

    code = "directory_account_invalid"
    danish = "Brugernavn og eksternt id skal have fra 1 til {longest} tegn."
    english = "A user name and an external id have 1 to {longest} characters."
    longest: int
