"""All projections, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.projections.activity_history.projection import ActivityHistory
from brugerbog.projections.charges.projection import Charges
from brugerbog.projections.due.projection import Due
from brugerbog.projections.imported.projection import Imported
from brugerbog.projections.notices.projection import Notices
from brugerbog.projections.organisations.projection import Organisations
from brugerbog.projections.user_list.projection import UserList
from brugerbog.projections.user_status.projection import UserStatuses

if TYPE_CHECKING:
    from brugerbog.projections.projection import Projection

PROJECTIONS: Final[tuple[Projection, ...]] = (
    UserList(),
    ActivityHistory(),
    Imported(),
    Due(),
    Notices(),
    UserStatuses(),
    Charges(),
    Organisations(),
)
