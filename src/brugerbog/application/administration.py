"""Every command, by story. Who may give which is told on one page, in `actors.MAY`."""

from __future__ import annotations

from brugerbog.application.activations import Activations
from brugerbog.application.anonymity import Anonymities
from brugerbog.application.commands import Answer
from brugerbog.application.lives import Lives
from brugerbog.application.organisations import Organisations
from brugerbog.application.rights import Entitlements

__all__ = ["Administration", "Answer"]


class Administration(Organisations, Lives, Activations, Entitlements, Anonymities):
    """The commands. Each returns when it is on disk and, embedded, shown by every question.

    `command_id` makes a repeat safe: the same id with the same command gives the first answer again.
    Besides what they name, all commands raise `NotAllowed`, `OrganisationUnknown`, `CommandIdReused` and
    `TooBusy`, and all those on a user `UserUnknown` and `AlreadyDeleted`.
    """
