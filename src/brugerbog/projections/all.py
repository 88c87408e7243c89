"""All projections, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.projections.activity_history import ActivityHistory
from brugerbog.projections.charges import Charges
from brugerbog.projections.due import Due
from brugerbog.projections.imported import Imported
from brugerbog.projections.notices import Notices
from brugerbog.projections.organisations import Organisations
from brugerbog.projections.user_list import UserList
from brugerbog.projections.user_status import UserStatuses

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
