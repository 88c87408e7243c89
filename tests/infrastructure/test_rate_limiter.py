"""How often something may be done: counted by all processes of a store together."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from brugerbog.application.rate_limits import Limit, RateLimiter, TooManyTries
from brugerbog.infrastructure.rate_limiter import _Window, rate_counters
from brugerbog.service import Service
from tests.clock import NOON, FrozenClock
from tests.org_driver import open_service

THREE = Limit("three_a_minute", 3, 60)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def processes(
    store_url: str,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Service, Service]]:
    """Two that serve one store."""
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path_factory.mktemp("keys") / "master.key"))
    with open_service(store_url, clock=clock) as one, open_service(store_url, clock=clock) as another:
        yield one, another


def is_refused(limiter: RateLimiter, limit: Limit, *of: object) -> int:
    with pytest.raises(TooManyTries) as refused:
        limiter.count(limit, *of)
    return refused.value.retry_after


def rows(service: Service) -> list[bytes]:
    with service.log.backend.read.connect() as connection:
        return [bytes(row.digest) for row in connection.execute(select(rate_counters))]


def test_processes_count_together(processes: tuple[Service, Service]) -> None:
    one, another = (service.rate_limiter for service in processes)
    one.count(THREE, "a")
    another.count(THREE, "a")
    one.count(THREE, "a")

    assert is_refused(one, THREE, "a") == is_refused(another, THREE, "a")


def test_at_the_same_moment_no_more_are_counted_than_may_be(processes: tuple[Service, Service]) -> None:
    twenty = Limit("twenty_an_hour", 20, 3600)

    def counts(number: int) -> bool:
        try:
            processes[number % 2].rate_limiter.count(twenty, "a")
        except TooManyTries:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(counts, range(60))) == 20


def test_each_thing_is_counted_by_itself(processes: tuple[Service, Service]) -> None:
    limiter = processes[0].rate_limiter
    for _ in range(3):
        limiter.count(THREE, "a", "b")

    limiter.count(THREE, "ab")
    limiter.count(THREE, "a")
    limiter.count(Limit("another", 3, 60), "a", "b")
    is_refused(limiter, THREE, "a", "b")


def test_who_is_refused_is_not_counted_and_may_come_when_it_is_said(
    processes: tuple[Service, Service], clock: FrozenClock
) -> None:
    limiter = processes[0].rate_limiter
    for _ in range(3):
        limiter.count(THREE, "a")
    for _ in range(10):
        wait = is_refused(limiter, THREE, "a")

    clock.advance(timedelta(seconds=wait - 1))
    is_refused(limiter, THREE, "a")
    clock.advance(timedelta(seconds=1))
    limiter.count(THREE, "a")


def test_looking_counts_nothing(processes: tuple[Service, Service]) -> None:
    limiter = processes[0].rate_limiter
    for _ in range(5):
        limiter.check(THREE, "a")
    assert rows(processes[0]) == []
    for _ in range(3):
        limiter.count(THREE, "a")
    with pytest.raises(TooManyTries):
        limiter.check(THREE, "a")


def test_what_counts_no_longer_is_forgotten(processes: tuple[Service, Service], clock: FrozenClock) -> None:
    limiter = processes[0].rate_limiter
    for address in range(5):
        limiter.count(THREE, address)
    clock.advance(timedelta(minutes=2))
    limiter.count(THREE, "later")
    assert len(rows(processes[0])) == 1


def test_text_that_nothing_can_encode_is_counted_too(processes: tuple[Service, Service]) -> None:
    limiter = processes[0].rate_limiter
    for _ in range(3):
        limiter.count(THREE, "\ud83d\0")
    is_refused(limiter, THREE, "\ud83d\0")


def test_nothing_kept_shows_whom_it_is_about(processes: tuple[Service, Service]) -> None:
    limiter = processes[0].rate_limiter
    limiter.count(THREE, "203.0.113.7")
    assert all(len(digest) == 32 and b"203.0" not in digest for digest in rows(processes[0]))


@given(
    most=st.integers(1, 50),
    seconds=st.sampled_from([1, 60, 3600, 86400]),
    passed=st.floats(0, 0.999),
    earlier=st.integers(0, 50),
    counted=st.integers(0, 50),
)
def test_after_the_wait_that_is_shown_there_is_room(
    most: int, seconds: int, passed: float, earlier: int, counted: int
) -> None:
    earlier, counted = min(earlier, most), min(counted, most)
    limit = Limit("any", most, seconds)
    begin = NOON - timedelta(seconds=NOON.timestamp() % seconds)
    now = begin + timedelta(seconds=passed * seconds)
    window = _Window(limit, now)
    if window.has_room(earlier, counted):
        return
    with pytest.raises(TooManyTries) as refused:
        window.must_have_room(earlier, counted)

    wait = refused.value.retry_after
    later = _Window(limit, now + timedelta(seconds=wait, milliseconds=1))

    assert 1 <= wait <= 2 * seconds
    moved = later.number - window.number
    assert later.has_room(*{0: (earlier, counted), 1: (counted, 0)}.get(moved, (0, 0)))
