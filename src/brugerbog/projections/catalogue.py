"""All projections, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.projections.activity_history.projection import ActivityHistoryProjection
from brugerbog.projections.charges.projection import ChargesProjection
from brugerbog.projections.due.projection import DueProjection
from brugerbog.projections.imported.projection import ImportedProjection
from brugerbog.projections.notices.projection import NoticesProjection
from brugerbog.projections.organisations.projection import OrganisationsProjection
from brugerbog.projections.user_list.projection import UserListProjection
from brugerbog.projections.user_status.projection import UserStatusProjection

if TYPE_CHECKING:
    from brugerbog.projections.projection import Projection

PROJECTIONS: Final[tuple[Projection, ...]] = (
    UserListProjection(),
    ActivityHistoryProjection(),
    ImportedProjection(),
    DueProjection(),
    NoticesProjection(),
    UserStatusProjection(),
    ChargesProjection(),
    OrganisationsProjection(),
)
