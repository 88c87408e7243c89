"""Projections that go wrong on purpose, to stand in for the real ones."""

from brugerbog.projections.activity_history.projection import ActivityHistoryProjection
from brugerbog.projections.catalogue import PROJECTIONS
from brugerbog.projections.projection import Projection, RecordedEvent, Row
from brugerbog.projections.user_list.projection import UserListProjection


class Poisonous(Exception):
    """An event that a projection can't take."""


class Stumbling(ActivityHistoryProjection):
    """Raises an error at certain positions, as often as told; otherwise the history as it is."""

    def __init__(self, error: BaseException, *positions: int, times: int = 1_000_000) -> None:
        self.error = error
        self.positions = positions
        self.times = times

    def new_rows(self, recorded: RecordedEvent) -> list[Row]:
        if self.times and recorded.position in self.positions:
            self.times -= 1
            raise self.error
        return super().new_rows(recorded)


class Shouting(UserListProjection):
    """The next version of the list of users: it has changed its mind about first names."""

    version = UserListProjection.version + 1

    def __init__(self) -> None:
        self.applied = 0

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        self.applied += 1
        return [
            row | {"first_name": (row["first_name"] or "").upper()} for row in super().apply(rows, recorded)
        ]


def all_with(stand_in: Projection) -> list[Projection]:
    """All projections, one of them replaced by its stand-in."""
    return [stand_in if one.name == stand_in.name else one for one in PROJECTIONS]
