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
from tests.org_driver import OrgDriver, digests, open_service, register_org
from tests.postgres import PostgresServer

OrgPairFactory = Callable[[], tuple[OrgDriver, OrgDriver]]


@pytest.fixture(scope="module")
def make_org_pair(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OrgPairFactory]:
    """Register an organisation on SQLite and an equal one on PostgreSQL."""
    folder, numbers = tmp_path_factory.mktemp("both"), count(90000001)
    clocks = FrozenClock(), FrozenClock()
    database = postgres_server.create_database()

    def open_on(url: str, clock: FrozenClock) -> Service:
        return open_service(url, folder, clock=clock, ids=CountingIds())

    def register_two() -> tuple[OrgDriver, OrgDriver]:
        cvr = str(next(numbers))
        for clock in clocks:
            clock.set_to(NOON)
        return register_org(sqlite, clocks[0], cvr=cvr), register_org(postgres, clocks[1], cvr=cvr)

    with (
        open_on("sqlite://", clocks[0]) as sqlite,
        open_on(postgres_server.url(database), clocks[1]) as postgres,
    ):
        yield register_two
    postgres_server.drop_database(database)


def walk(org: OrgDriver, sort: Sort) -> Iterator[UUID]:
    after = None
    for _ in range(100):
        page = org.page(limit=2, sort=sort, after=after)
        yield from (user.id for user in page.users)
        if page.next is None:
            return
        after = page.next
    raise AssertionError("the pages don't end")


def describe(org: OrgDriver, people: list[UUID]) -> dict[str, Any]:
    """Return the results of all queries of an organisation."""
    now = org.clock.now()
    return {
        "people": [asdict(org.show(user_id)) for user_id in people],
        "past": [asdict(org.queries.user(org.actor, user_id, at=now)) for user_id in people],
        "lists": {sort.value: org.ids(sort=sort) for sort in Sort},
        "pages": {sort.value: list(walk(org, sort)) for sort in Sort},
        "reports": {
            (name, at): sorted(map(repr, getattr(org.queries, name)(org.actor, at=at).rows))
            for name in REPORTS
            for at in (None, NOON + (now - NOON) / 2, now - ONE_SECOND)
        },
        "found": [org.ids(search=text) for text in ("æg", "ØSTEN", "1@by", "import a")],
        "histories": {
            user_id: [(one.occurred_at, one.transaction) for one in org.queries.history(org.actor, user_id)]
            for user_id in org.ids()
        },
    }


@settings(max_examples=6)
@given(steps=st.lists(STEPS, min_size=10, max_size=16))
def test_random_steps_give_the_same_result_on_both_engines_and_in_the_model(
    make_org_pair: OrgPairFactory, tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    sqlite, postgres = (StepExecutor(org, folder) for org in make_org_pair())
    model = ReferenceModel(NOON)

    for step in steps:
        known = len(sqlite.user_ids)
        outcome = sqlite.execute(step)
        assert postgres.execute(step) == outcome
        assert model.execute(step, sqlite.user_ids[known:]) == outcome

    here, there = describe(sqlite.org, sqlite.user_ids), describe(postgres.org, postgres.user_ids)
    assert here == there
    _assert_agrees_with_model(model, here)
    assert digests(sqlite.org.service) == digests(postgres.org.service)


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
    make_org_pair: OrgPairFactory, asked: dict[str, str]
) -> None:
    for org in make_org_pair():
        org.create()
        assert org.names(**asked) == (["Ida"] if "ida" in asked.get("search", "") else [])
