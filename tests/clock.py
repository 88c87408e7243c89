"""A clock that stands still and ids that count: what makes two stores live the same life."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from brugerbog.domain.kernel.days import first_moment

NOON = datetime(2026, 3, 20, 11, tzinfo=UTC)
ONE_SECOND = timedelta(seconds=1)


class FrozenClock:
    """Tells the time it was told, until it is told another."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, time: timedelta = ONE_SECOND) -> datetime:
        self._now += time
        return self._now

    def set_to(self, instant: datetime | date) -> datetime:
        """Turn to an instant, or to the first moment of a day in Copenhagen."""
        self._now = instant if isinstance(instant, datetime) else first_moment(instant)
        return self._now


class CountingIds:
    """Gives out 1, 2, 3 … as UUIDs, ordered by time as the real ones are."""

    def __init__(self) -> None:
        self._count = count(1)

    def new_id(self) -> UUID:
        return UUID(int=(7 << 76) + next(self._count))

    def random_id(self) -> UUID:
        return UUID(int=(4 << 76) + next(self._count))
