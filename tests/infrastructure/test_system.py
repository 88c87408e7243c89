"""The contracts of clock and ids: the machine's and the tests' own pass the same tests."""

from datetime import timedelta

import pytest

from brugerbog.application.ports.clock import Clock, Ids
from brugerbog.infrastructure.system import SystemClock, SystemIds
from tests.clock import CountingIds, FrozenClock


@pytest.mark.parametrize("clock", [SystemClock(), FrozenClock()], ids=lambda one: type(one).__name__)
def test_a_clock_returns_instants_in_utc_that_never_go_back(clock: Clock) -> None:
    first, second = clock.now(), clock.now()
    assert first.utcoffset() == timedelta()
    assert first <= second


@pytest.mark.parametrize("ids", [SystemIds(), CountingIds()], ids=lambda one: type(one).__name__)
def test_no_id_is_given_twice(ids: Ids) -> None:
    given = [*(ids.new_id() for _ in range(1000)), *(ids.random_id() for _ in range(1000))]
    assert len(set(given)) == 2000


@pytest.mark.parametrize("ids", [SystemIds(), CountingIds()], ids=lambda one: type(one).__name__)
def test_ids_of_entities_are_in_the_order_of_their_creation(ids: Ids) -> None:
    given = [ids.new_id() for _ in range(1000)]
    assert given == sorted(given)


def test_ids_are_uuids_of_version_7_for_entities_and_4_otherwise() -> None:
    assert (SystemIds().new_id().version, SystemIds().random_id().version) == (7, 4)
