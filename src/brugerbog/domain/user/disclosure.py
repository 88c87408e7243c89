"""Display of the whole CPR number of a user, recorded as an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.state import UserEvent, UserState

if TYPE_CHECKING:
    from brugerbog.domain.kernel.command_context import CommandContext


class CprShown(UserEvent):
    """The actor was shown the user's whole CPR number, which is masked elsewhere."""

    TOPIC = "user.cpr_shown"


class Disclosure(UserState):
    """The command that shows a CPR number."""

    def show_cpr(self, context: CommandContext) -> str:
        """Return the whole CPR number, and record that it was shown (ours).

        Raises: AlreadyDeleted, CprNotKnown.
        """
        self._must_not_be_deleted()
        if not isinstance(self.cpr, str):
            raise CprNotKnown(self.id)
        self.record(context, CprShown)
        return self.cpr


@dataclass(eq=False)
class CprNotKnown(Refusal):
    """The user is known by birth date only."""

    code = "cpr_not_known"
    danish = "Brugerens CPR-nummer er ikke registreret. Tilføj det under Redigér, hvis det skal bruges."
    english = "The user's CPR number isn't known. Add it by editing the user if it is needed."
    user_id: UUID
