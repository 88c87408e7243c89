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
from tests.org_driver import CREATED, OrgDriver

ONE_DAY = timedelta(1)


@pytest.fixture
def lived(org: OrgDriver) -> UUID:
    """Six activities on four days, the last a minute before a Danish midnight."""
    user_id = org.create()
    org.clock.set_to(NOON + ONE_DAY)
    org.administration.activate_user(org.actor, user_id)
    org.clock.set_to(NOON + 2 * ONE_DAY)
    org.deactivate(user_id, to_date=date(2026, 3, 31))
    org.clock.set_to(datetime(2026, 3, 23, 22, 59, tzinfo=UTC))
    org.administration.reactivate_user(org.actor, user_id)
    return user_id


def test_a_history_lists_time_transaction_and_provider(org: OrgDriver, lived: UUID) -> None:
    history = org.queries.history(org.actor, lived)

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
    org: OrgDriver, lived: UUID, from_day: int | None, to_day: int | None, count: int
) -> None:
    first = None if from_day is None else date(2026, 3, from_day)
    last = None if to_day is None else date(2026, 3, to_day)

    assert len(org.transactions(lived, from_date=first, to_date=last)) == count


@pytest.mark.parametrize(
    ("words", "count"),
    [("", 6), ("  ", 6), ("BRUGER", 4), ("aktiver", 5), ("22.03 deAKTIV", 1), ("mitid public", 6), ("%", 0)],
)
def test_a_history_is_filtered_by_words_in_any_column(
    org: OrgDriver, lived: UUID, words: str, count: int
) -> None:
    assert len(org.transactions(lived, words=words)) == count


@pytest.mark.parametrize("sort", HistorySort)
def test_a_history_in_descending_order_is_the_reverse(org: OrgDriver, lived: UUID, sort: HistorySort) -> None:
    org.edit(lived, surname="Ny", phone="12345678", reference_text="K7", p_number=P_NUMBER)

    up = org.queries.history(org.actor, lived, sort=sort)
    down = org.queries.history(org.actor, lived, sort=sort, descending=True)

    assert down == up[::-1]


def test_a_history_is_sorted_by_its_words_and_then_by_time(org: OrgDriver, lived: UUID) -> None:
    history = org.queries.history(org.actor, lived, sort=HistorySort.TRANSACTION)

    keys = [(one.transaction.casefold(), one.occurred_at) for one in history]
    assert keys == sorted(keys)


@pytest.mark.parametrize("sort", [HistorySort.TIME, HistorySort.PROVIDER, HistorySort.TYPE])
def test_the_oldest_activity_is_first_among_equal_ones(
    org: OrgDriver, lived: UUID, sort: HistorySort
) -> None:
    history = org.queries.history(org.actor, lived, sort=sort)

    assert all(one.occurred_at <= later.occurred_at for one, later in pairwise(history))


def test_a_history_has_the_latest_200_activities(org: OrgDriver) -> None:
    user_id = org.create()
    for turn in range(35):
        org.clock.advance()
        org.edit(
            user_id,
            surname=f"Ny{turn}",
            phone=f"{12345000 + turn}",
            reference_text=f"K{turn}",
            ean=EAN if turn % 2 else None,
            p_number=None if turn % 2 else P_NUMBER,
            target_ial=Ial.SUBSTANTIAL if turn % 2 else Ial.HIGH,
        )

    history = org.queries.history(org.actor, user_id)
    assert len(history) == 200
    assert history[0].occurred_at == NOON + 2 * ONE_SECOND
    assert org.transactions(user_id, words="oprettet") == []


def test_a_deleted_user_has_no_history(org: OrgDriver, lived: UUID) -> None:
    org.delete(lived)

    with pytest.raises(UserUnknown):
        org.transactions(lived)
