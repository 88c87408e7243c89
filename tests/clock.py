"""A frozen clock and counting ids, for reproducible stores."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from brugerbog.domain.kernel.days import first_moment

NOON = datetime(2026, 3, 20, 11, tzinfo=UTC)
ONE_SECOND = timedelta(seconds=1)


class FrozenClock:
    """A clock that shows the time it was set to."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, time: timedelta = ONE_SECOND) -> datetime:
        self._now += time
        return self._now

    def set_to(self, instant: datetime | date) -> datetime:
        """Set the clock to an instant, or to the first moment of a day in Copenhagen."""
        self._now = instant if isinstance(instant, datetime) else first_moment(instant)
        return self._now


class CountingIds:
    """Ids 1, 2, 3 … as UUIDs, in order of time as the real ones."""

    def __init__(self) -> None:
        self._count = count(1)

    def new_id(self) -> UUID:
        return UUID(int=(7 << 76) + next(self._count))

    def random_id(self) -> UUID:
        return UUID(int=(4 << 76) + next(self._count))
