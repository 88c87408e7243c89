from datetime import UTC, datetime

import pytest

from brugerbog.domain.danish.dates import day_and_time


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 12, 22, 13, 5, 59, tzinfo=UTC), "22. december 2026 kl. 14.05"),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "1. juli 2026 kl. 00.00"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29. marts 2026 kl. 01.59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29. marts 2026 kl. 03.00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25. oktober 2026 kl. 02.30"),
    ],
)
def test_an_instant_is_shown_in_the_time_of_copenhagen(instant: datetime, expected: str) -> None:
    assert day_and_time(instant) == expected
