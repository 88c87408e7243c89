"""What of a user is shown whole only to those who ask for it: that it was is a fact of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.state import UserEvent, UserState

if TYPE_CHECKING:
    from brugerbog.domain.kernel.command_context import CommandContext


class CprShown(UserEvent):
    """Somebody has seen the user's whole CPR number; elsewhere it is masked."""

    TOPIC = "user.cpr_shown"


class Disclosure(UserState):
    """Being looked up."""

    def show_cpr(self, context: CommandContext) -> str:
        """The whole CPR number, which is recorded each time (domain, Log, privacy, proof).

        Raises: AlreadyDeleted, CprNotKnown.
        """
        self._must_live()
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
