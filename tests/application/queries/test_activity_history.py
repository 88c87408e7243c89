"""A user's activity history: entries, filters and order."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from brugerbog.application.queries.activity_history import HistorySort
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.values.means import Ial
from tests.clock import NOON, ONE_SECOND
from tests.given import EAN, P_NUMBER
from tests.org_driver import CREATED, Town

ONE_DAY = timedelta(1)


@pytest.fixture
def lived(town: Town) -> UUID:
    """Six activities on four days, the last a minute before a Danish midnight."""
    user_id = town.create()
    town.clock.set_to(NOON + ONE_DAY)
    town.administration.activate_user(town.actor, user_id)
    town.clock.set_to(NOON + 2 * ONE_DAY)
    town.deactivate(user_id, to_date=date(2026, 3, 31))
    town.clock.set_to(datetime(2026, 3, 23, 22, 59, tzinfo=UTC))
    town.administration.reactivate_user(town.actor, user_id)
    return user_id


def test_a_history_lists_time_transaction_and_provider(town: Town, lived: UUID) -> None:
    history = town.queries.history(town.actor, lived)

    assert [one.transaction for one in history] == [
        *CREATED,
        "Bruger aktiveret",
        "Bruger deaktiveret fra 22.03.2026 til og med 31.03.2026",
        "Bruger genaktiveret",
    ]
    assert {(one.service_provider, one.service_type) for one in history} == {("MitID Erhverv", "public")}
    assert history[3].occurred_at == NOON + ONE_DAY


@pytest.mark.parametrize(
    ("from_day", "to_day", "count"),
    [(None, None, 6), (20, 20, 3), (21, 22, 2), (23, None, 1), (24, None, 0), (None, 19, 0), (22, 21, 0)],
)
def test_a_history_is_filtered_by_danish_days(
    town: Town, lived: UUID, from_day: int | None, to_day: int | None, count: int
) -> None:
    first = None if from_day is None else date(2026, 3, from_day)
    last = None if to_day is None else date(2026, 3, to_day)

    assert len(town.transactions(lived, from_date=first, to_date=last)) == count


@pytest.mark.parametrize(
    ("words", "count"),
    [("", 6), ("  ", 6), ("BRUGER", 4), ("aktiver", 5), ("22.03 deAKTIV", 1), ("mitid public", 6), ("%", 0)],
)
def test_a_history_is_filtered_by_words_in_any_column(
    town: Town, lived: UUID, words: str, count: int
) -> None:
    assert len(town.transactions(lived, words=words)) == count


@pytest.mark.parametrize("sort", HistorySort)
def test_a_history_in_descending_order_is_the_reverse(town: Town, lived: UUID, sort: HistorySort) -> None:
    town.edit(lived, surname="Ny", phone="12345678", reference_text="K7", p_number=P_NUMBER)

    up = town.queries.history(town.actor, lived, sort=sort)
    down = town.queries.history(town.actor, lived, sort=sort, descending=True)

    assert down == up[::-1]


def test_a_history_is_sorted_by_its_words_and_then_by_time(town: Town, lived: UUID) -> None:
    history = town.queries.history(town.actor, lived, sort=HistorySort.TRANSACTION)

    keys = [(one.transaction.casefold(), one.occurred_at) for one in history]
    assert keys == sorted(keys)


@pytest.mark.parametrize("sort", [HistorySort.TIME, HistorySort.PROVIDER, HistorySort.TYPE])
def test_the_oldest_activity_is_first_among_equal_ones(town: Town, lived: UUID, sort: HistorySort) -> None:
    history = town.queries.history(town.actor, lived, sort=sort)

    assert all(one.occurred_at <= later.occurred_at for one, later in pairwise(history))


def test_a_history_has_the_latest_200_activities(town: Town) -> None:
    user_id = town.create()
    for turn in range(35):
        town.clock.advance()
        town.edit(
            user_id,
            surname=f"Ny{turn}",
            phone=f"{12345000 + turn}",
            reference_text=f"K{turn}",
            ean=EAN if turn % 2 else None,
            p_number=None if turn % 2 else P_NUMBER,
            target_ial=Ial.SUBSTANTIAL if turn % 2 else Ial.HIGH,
        )

    history = town.queries.history(town.actor, user_id)
    assert len(history) == 200
    assert history[0].occurred_at == NOON + 2 * ONE_SECOND
    assert town.transactions(user_id, words="oprettet") == []


def test_a_deleted_user_has_no_history(town: Town, lived: UUID) -> None:
    town.delete(lived)

    with pytest.raises(UserUnknown):
        town.transactions(lived)
