"""The same random steps give the same result on SQLite, on PostgreSQL and in the reference model."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brugerbog.application.queries.user_list import Sort
from brugerbog.service import Service
from tests.application.catalogue import REPORTS
from tests.clock import NOON, ONE_SECOND, CountingIds, FrozenClock
from tests.journeys.random_steps import STEPS, Step, StepExecutor
from tests.journeys.reference_model import ReferenceModel
from tests.org_driver import Town, digests, found, open_service
from tests.postgres import PostgresServer

FoundTowns = Callable[[], tuple[Town, Town]]


@pytest.fixture(scope="module")
def found_towns(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FoundTowns]:
    """Register an organisation on SQLite and an equal one on PostgreSQL."""
    folder, numbers = tmp_path_factory.mktemp("both"), count(90000001)
    clocks = FrozenClock(), FrozenClock()
    database = postgres_server.create_database()

    def open_on(url: str, clock: FrozenClock) -> Service:
        return open_service(url, folder, clock=clock, ids=CountingIds())

    def found_two() -> tuple[Town, Town]:
        cvr = str(next(numbers))
        for clock in clocks:
            clock.set_to(NOON)
        return found(sqlite, clocks[0], cvr=cvr), found(postgres, clocks[1], cvr=cvr)

    with (
        open_on("sqlite://", clocks[0]) as sqlite,
        open_on(postgres_server.url(database), clocks[1]) as postgres,
    ):
        yield found_two
    postgres_server.drop_database(database)


def walk(town: Town, sort: Sort) -> Iterator[UUID]:
    after = None
    for _ in range(100):
        page = town.page(limit=2, sort=sort, after=after)
        yield from (user.id for user in page.users)
        if page.next is None:
            return
        after = page.next
    raise AssertionError("the pages don't end")


def describe(town: Town, people: list[UUID]) -> dict[str, Any]:
    """Return the results of all queries of an organisation."""
    now = town.clock.now()
    return {
        "people": [asdict(town.show(user_id)) for user_id in people],
        "past": [asdict(town.queries.user(town.actor, user_id, at=now)) for user_id in people],
        "lists": {sort.value: town.ids(sort=sort) for sort in Sort},
        "pages": {sort.value: list(walk(town, sort)) for sort in Sort},
        "reports": {
            (name, at): sorted(map(repr, getattr(town.queries, name)(town.actor, at=at).rows))
            for name in REPORTS
            for at in (None, NOON + (now - NOON) / 2, now - ONE_SECOND)
        },
        "found": [town.ids(search=text) for text in ("æg", "ØSTEN", "1@by", "import a")],
        "histories": {
            user_id: [(one.occurred_at, one.transaction) for one in town.queries.history(town.actor, user_id)]
            for user_id in town.ids()
        },
    }


@settings(max_examples=6)
@given(steps=st.lists(STEPS, min_size=10, max_size=16))
def test_random_steps_give_the_same_result_on_both_engines_and_in_the_model(
    found_towns: FoundTowns, tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    sqlite, postgres = (StepExecutor(town, folder) for town in found_towns())
    model = ReferenceModel(NOON)

    for step in steps:
        known = len(sqlite.user_ids)
        outcome = sqlite.execute(step)
        assert postgres.execute(step) == outcome
        assert model.execute(step, sqlite.user_ids[known:]) == outcome

    here, there = describe(sqlite.town, sqlite.user_ids), describe(postgres.town, postgres.user_ids)
    assert here == there
    _assert_agrees_with_model(model, here)
    assert digests(sqlite.town.service) == digests(postgres.town.service)


NOT_MODELLED = {"version", "changed_at"}
"""Fields that the model leaves out."""


def _assert_agrees_with_model(model: ReferenceModel, results: dict[str, Any]) -> None:
    listed = {
        user["id"]: {name: user[name] for name in user.keys() - NOT_MODELLED}
        for user in results["people"]
        if user["status"] != "deleted"
    }
    assert listed == {one["id"]: model.shown(one) for one in model.not_deleted()}
    assert results["past"] == results["people"]
    assert results["pages"] == results["lists"]
    assert results["lists"]["name"] == model.by_name()
    assert results["lists"]["status"] == model.by_status()
    assert results["histories"] == {one["id"]: model.lines(one) for one in model.not_deleted()}


@pytest.mark.parametrize(
    "asked",
    [
        {"search": "\x00"},
        {"search": "%"},
        {"search": "ida " * 500},
        {"p_number": ""},
        {"p_number": "\x00"},
        {"se_number": "æ"},
    ],
    ids=ascii,
)
def test_unusual_searches_give_the_same_result_on_both_engines(
    found_towns: FoundTowns, asked: dict[str, str]
) -> None:
    for town in found_towns():
        town.create()
        assert town.names(**asked) == (["Ida"] if "ida" in asked.get("search", "") else [])
