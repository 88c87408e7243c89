"""All commands. The roles that may execute each are in `authorization.PERMISSIONS`."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from brugerbog.application.commands.activation import ActivationCommands
from brugerbog.application.commands.activities import COMMAND, ActivityCommands
from brugerbog.application.commands.anonymity import AnonymityCommands
from brugerbog.application.commands.directory_sync import DirectorySync
from brugerbog.application.commands.entitlements import EntitlementCommands
from brugerbog.application.commands.execution import CommandResult
from brugerbog.application.commands.organisation import OrganisationCommands
from brugerbog.application.commands.users import UserCommands

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.activities import ActivitiesReceipt
    from brugerbog.application.commands.activity_report import ActivityReport
    from brugerbog.application.commands.dependencies import Dependencies

__all__ = ["Administration", "CommandResult"]


class Administration(
    OrganisationCommands,
    UserCommands,
    DirectorySync,
    ActivationCommands,
    EntitlementCommands,
    AnonymityCommands,
):
    """The commands. Each returns once its events are on disk and, embedded, all projections show them.

    `command_id` makes a repeat safe: the same id with the same command returns the first result again.
    Besides the refusals they name, all commands raise `NotAllowed`, `OrganisationUnknown`, `CommandIdReused`
    and `TooBusy`, and all commands on a user `UserUnknown` and `AlreadyDeleted`.
    """

    def __init__(self, dependencies: Dependencies) -> None:
        super().__init__(dependencies)
        self._activities = ActivityCommands(dependencies, self._begin_unit_of_work)

    def only_if(self, user_id: UUID, *versions: int) -> Self:
        """Return the same commands, refused as `UserChanged` unless the user has one of these versions."""
        conditional = copy(self)
        conditional._expected_user_versions = {user_id: versions}  # noqa: SLF001 - a copy of its own
        return conditional

    def record_activities(
        self,
        actor: Actor,
        reporter: str,
        reports: Sequence[ActivityReport],
        *,
        command_id: UUID | None = None,
    ) -> ActivitiesReceipt:
        """Record users' activities at services, each report once (guide, aktivitetshistorik).

        `reporter` is a short name that stays the same. Reporter and reference identify a report, so sending
        it again is safe, with any other reports, in any order and with any command id. Each report is
        recorded or refused by itself; up to 1000 are one transaction. Raises: ReporterInvalid.
        """
        own_id = command_id or self._ids.random_id()
        with self._observe(COMMAND, actor, own_id):
            has_given_id = command_id is not None
            return self._activities.record(
                actor, reporter, reports, command_id=own_id, has_given_id=has_given_id
            )
