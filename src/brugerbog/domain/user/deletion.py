"""Deletion of a user, and erasure of the personal data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from brugerbog.domain.user.refusals import CannotDeleteOneself
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from brugerbog.domain.kernel.command_context import CommandContext


class Deleted(UserEvent):
    """The user is deleted for good; personal data is erased on `erase_on`, or at once if that is None."""

    TOPIC = "user.deleted"
    erase_on: date | None

    def apply(self, user: UserState) -> None:
        user.phase = Status.DELETED
        user.erase_on = self.erase_on
        user.deletion_generation = self.originator_version


class PersonalDataErased(UserEvent):
    """All personal data of the user is destroyed; the log stays complete."""

    TOPIC = "user.personal_data_erased"

    def apply(self, user: UserState) -> None:
        user.forget()
        user.erased = True


class Deletion(UserState):
    """Commands on deletion, and on erasure after the retention period."""

    def delete(self, context: CommandContext, *, retention_days: int) -> None:
        """Delete for good (guide, Slet bruger); with a retention of 0 days, erase the personal data too.

        Raises: AlreadyDeleted, CannotDeleteOneself.
        """
        self._must_not_be_deleted()
        if context.actor == self.id:
            raise CannotDeleteOneself(self.id)
        erase_on = context.today + timedelta(days=retention_days) if retention_days else None
        self.record(context, Deleted, erase_on=erase_on)
        if erase_on is None:
            self.record(context, PersonalDataErased)

    def erase(self, context: CommandContext, generation: int) -> bool:
        """Erase the personal data of a deleted user; return False if it is erased, or not due yet."""
        if self.phase is not Status.DELETED or self.erased or self.deletion_generation != generation:
            return False
        if self.erase_on is None or context.today < self.erase_on:
            return False
        self.record(context, PersonalDataErased)
        return True

    def erase_again(self, context: CommandContext) -> bool:
        """Delete and erase a user who was erased after the backup that was restored.

        Return False, and record nothing, if the user is erased already.
        """
        if self.erased:
            return False
        if self.phase is not Status.DELETED:
            self.record(context, Deleted, erase_on=None)
        self.record(context, PersonalDataErased)
        return True
