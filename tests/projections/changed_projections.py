"""Projections that fail or differ on purpose, in place of the real ones."""

from brugerbog.projections.activity_history.projection import ActivityHistoryProjection
from brugerbog.projections.catalogue import PROJECTIONS
from brugerbog.projections.projection import Projection, RecordedEvent, Row
from brugerbog.projections.user_list.projection import UserListProjection


class PlantedError(Exception):
    """The error that a failing projection raises."""


class FailingActivityHistory(ActivityHistoryProjection):
    """The activity history, raising an error at some positions, at most `times` times."""

    def __init__(self, error: BaseException, *positions: int, times: int = 1_000_000) -> None:
        self.error = error
        self.positions = positions
        self.times = times

    def new_rows(self, recorded: RecordedEvent) -> list[Row]:
        if self.times and recorded.position in self.positions:
            self.times -= 1
            raise self.error
        return super().new_rows(recorded)


class UppercaseUserList(UserListProjection):
    """The next version of the list of users, with first names in upper case."""

    version = UserListProjection.version + 1

    def __init__(self) -> None:
        self.applied = 0

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        self.applied += 1
        return [
            row | {"first_name": (row["first_name"] or "").upper()} for row in super().apply(rows, recorded)
        ]


def projections_with(stand_in: Projection) -> list[Projection]:
    """Return all projections, one of them replaced."""
    return [stand_in if one.name == stand_in.name else one for one in PROJECTIONS]
