"""The read tables match the log, whatever happens to the processes that project it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree
from threading import Event
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import inspect, update
from sqlalchemy.exc import OperationalError

from brugerbog.application.ports.event_log import AppendRequest
from brugerbog.domain.kernel.command_context import CommandContext
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.roles import Role
from brugerbog.infrastructure.projections.positions import ProjectionStatus, positions
from brugerbog.projections.catalogue import PROJECTIONS
from brugerbog.service import Service
from tests.journeys.random_steps import StepExecutor, random_steps
from tests.org_driver import CREATED, OrgDriver, digests, open_org, open_service
from tests.projections.changed_projections import (
    FailingActivityHistory,
    PlantedError,
    UppercaseUserList,
    projections_with,
)

T = TypeVar("T")
NAMES = [one.name for one in PROJECTIONS]


class Interrupted(BaseException):
    """An interruption that no `except Exception` catches."""


def status(service: Service, name: str) -> ProjectionStatus:
    return next(one for one in service.runner.status() if one.name == name)


def states(service: Service) -> dict[str, tuple[str, int]]:
    return {one.name: (one.state, one.lag) for one in service.runner.status()}


def random_history(org: OrgDriver, folder: Path, *, seed: int = 1, steps: int = 25) -> list[UUID]:
    """Run random steps in a store; return the users it ever had."""
    life = StepExecutor(org, folder)
    for step in random_steps(seed, steps):
        life.execute(step)
    return life.user_ids


def in_parallel(*deeds: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(len(deeds)) as threads:
        return [one.result(60) for one in [threads.submit(deed) for deed in deeds]]


@pytest.fixture(scope="module")
def big_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which 1100 people are imported, whose facts fill several batches."""
    folder = tmp_path_factory.mktemp("big")
    with open_org(f"sqlite:///{folder / 'store.db'}", folder) as org:
        org.import_people(folder, 1100)
    return folder


@pytest.fixture
def big_store(big_files: Path, tmp_path: Path) -> tuple[str, Path]:
    """A copy of it for one test, and where its key is."""
    folder = copytree(big_files, tmp_path / "big")
    return f"sqlite:///{folder / 'store.db'}", folder


# Live is rebuilt


@pytest.mark.parametrize("seed", [1, 2])
def test_live_tables_equal_rebuilt_ones(store_url: str, tmp_path: Path, seed: int) -> None:
    with open_org(store_url, tmp_path) as org:
        random_history(org, tmp_path, seed=seed)

        assert digests(org.service).keys() == set(NAMES)


def test_a_rebuilt_table_replaces_the_live_one_repeatedly(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        random_history(org, tmp_path)
        before, listed = digests(org.service), org.users()
        for name in NAMES * 2:
            org.service.runner.rebuild(name)

        assert org.users() == listed
        assert digests(org.service) == before
        org.create("Efter", email="efter@by.test")
        assert digests(org.service) != before


def test_verifying_and_rebuilding_leave_no_shadow_table(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        before = set(inspect(org.service.log.backend.read).get_table_names())
        digests(org.service)
        org.service.runner.rebuild("user_list")

        assert set(inspect(org.service.log.backend.read).get_table_names()) == before


def test_a_rebuild_of_several_batches_reports_its_progress(big_store: tuple[str, Path]) -> None:
    with open_org(*big_store) as org:
        stop_waiting: list[int] = []
        org.service.runner.rebuild("user_list", progress=stop_waiting.append)

        assert len(stop_waiting) > 1
        assert stop_waiting == sorted(stop_waiting)
        assert stop_waiting[-1] <= status(org.service, "user_list").position
        assert len(digests(org.service)) == len(NAMES)


def test_verifying_compares_at_the_live_tables_position(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        user_id = org.create()
        ahead = org.service.log.user(user_id)
        assert ahead is not None
        ahead.activate(_act_in(org))
        org.service.log.record([ahead], AppendRequest())

        found, rebuilt = org.service.runner.digests("user_list")
        assert found == rebuilt


def _act_in(org: OrgDriver) -> CommandContext:
    command_id = uuid4()
    return CommandContext(
        organisation_id=org.id,
        actor=org.actor.id,
        role=Role.OPERATOR,
        door=Door.EMBEDDED,
        recorded_at=org.clock.now(),
        command_id=command_id,
        correlation_id=command_id,
    )


# Cut off anywhere


@pytest.mark.parametrize("cut", [2, 7, 13])
def test_catching_up_continues_after_an_interruption(store_url: str, tmp_path: Path, cut: int) -> None:
    stand_ins = projections_with(FailingActivityHistory(Interrupted(), cut, times=1))
    with open_org(store_url, tmp_path, projections=stand_ins) as org:
        with pytest.raises(Interrupted):
            random_history(org, tmp_path)
        random_history(org, tmp_path)

        assert set(states(org.service).values()) == {("ok", 0)}
        assert digests(org.service)


def test_an_interrupted_rebuild_leaves_the_old_table(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        random_history(org, tmp_path)
        before, listed = digests(org.service), org.users()

        def cut(_: int) -> None:
            raise Interrupted

        with pytest.raises(Interrupted):
            org.service.runner.rebuild("user_list", progress=cut)

        assert org.users() == listed
        assert states(org.service)["user_list"] == ("ok", 0)
        assert digests(org.service) == before


def test_a_busy_database_stops_no_projection(store_url: str, tmp_path: Path) -> None:
    busy = OperationalError("", {}, Exception("database is locked"))
    with open_org(
        store_url, tmp_path, projections=projections_with(FailingActivityHistory(busy, 5, times=1))
    ) as org:
        org.create()
        with pytest.raises(OperationalError):
            org.create("Ada")
        during = states(org.service)
        org.create("Eva")

        assert {state for state, _ in during.values()} == {"ok"}
        assert org.names() == ["Ada", "Eva", "Ida"]
        assert digests(org.service)


# Poison


def test_a_failing_event_stops_one_projection_visibly_and_no_other(store_url: str, tmp_path: Path) -> None:
    poisoned = FailingActivityHistory(PlantedError("secret"), 3)
    with open_org(store_url, tmp_path, projections=projections_with(poisoned)) as org:
        ida, ada = org.create(), org.create("Ada")
        org.administration.activate_user(org.actor, ida)

        stopped = status(org.service, "activity_history")
        assert (stopped.state, stopped.failed_at, stopped.failure) == ("failed", 3, "PlantedError")
        assert (stopped.position, stopped.lag) == (2, 6)
        assert {state for name, state in states(org.service).items() if name != stopped.name} == {("ok", 0)}
        assert org.names() == ["Ada", "Ida"]
        assert (org.transactions(ida), org.transactions(ada)) == (["Bruger oprettet"], [])


def test_events_before_the_failing_one_in_a_batch_are_projected(store_url: str, tmp_path: Path) -> None:
    with open_org(
        store_url, tmp_path, projections=projections_with(FailingActivityHistory(PlantedError(), 6))
    ) as org:
        people = org.import_people(tmp_path, 4)

        assert status(org.service, "activity_history").position == 5
        assert [len(org.transactions(one)) for one in people] == [2, 2, 0, 0]


def test_a_stopped_projection_stays_stopped_over_a_restart_until_it_is_rebuilt(
    store_url: str, tmp_path: Path
) -> None:
    with open_org(
        store_url, tmp_path, projections=projections_with(FailingActivityHistory(PlantedError(), 3))
    ) as org:
        org.create_many(3)
    with open_org(store_url, tmp_path) as org:
        org.create("Ada")
        assert states(org.service)["activity_history"] == ("failed", 8)

        org.service.runner.rebuild("activity_history")

        healed = status(org.service, "activity_history")
        assert (healed.state, healed.lag, healed.failed_at, healed.failure) == ("ok", 0, None, None)
        assert digests(org.service)


def test_a_rebuild_that_fails_again_leaves_the_projection_stopped(store_url: str, tmp_path: Path) -> None:
    with open_org(
        store_url, tmp_path, projections=projections_with(FailingActivityHistory(PlantedError(), 3))
    ) as org:
        org.create_many(3)
        before = status(org.service, "activity_history")

        with pytest.raises(PlantedError):
            org.service.runner.rebuild("activity_history")

        assert status(org.service, "activity_history") == before


def test_two_failing_projections_stop_each_at_its_own_event(store_url: str, tmp_path: Path) -> None:
    first = FailingActivityHistory(PlantedError(), 3)
    second = UppercaseUserList()
    second.version -= 1
    second.apply = lambda rows, recorded: [] if recorded.position < 4 else [1 // 0 or rows]  # type: ignore[method-assign]
    stand_ins = [{one.name: one for one in (first, second)}.get(one.name, one) for one in PROJECTIONS]
    with open_org(store_url, tmp_path, projections=stand_ins) as org:
        org.create_many(4)

        assert status(org.service, "activity_history").failed_at == 3
        assert status(org.service, "user_list").failed_at == 4
        assert states(org.service)["due"] == states(org.service)["imported"] == ("ok", 0)


# A projection that changes its mind


def test_a_new_version_is_built_once_at_open(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        org.create_many(3)
    with open_org(store_url, tmp_path, projections=projections_with(UppercaseUserList())) as org:
        assert org.names() == ["IDA"] * 3
        assert states(org.service)["user_list"] == ("ok", 0)

    again = UppercaseUserList()
    with open_org(store_url, tmp_path, projections=projections_with(again)) as org:
        assert again.applied == 0
        assert org.names() == ["IDA"] * 3


def test_a_new_version_may_have_other_columns(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        org.create_many(3)
        with org.service.log.backend.write_transaction(org.service.log.backend.read) as read:
            read.exec_driver_sql("DROP TABLE user_list")
            read.exec_driver_sql("CREATE TABLE user_list (user_id TEXT PRIMARY KEY, name TEXT)")
            read.execute(update(positions).where(positions.c.name == "user_list").values(version=1))

    with open_org(store_url, tmp_path) as org:
        assert org.names() == ["Ida"] * 3
        assert org.names(at=org.clock.now()) == ["Ida"] * 3
        assert digests(org.service)


def test_the_old_version_is_built_again_after_a_downgrade(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path, projections=projections_with(UppercaseUserList())) as org:
        org.create()
    with open_org(store_url, tmp_path) as org:
        assert org.names() == ["Ida"]


def test_a_failing_new_version_stops_itself_and_not_the_service(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        ida = org.create()
    poisoned = FailingActivityHistory(PlantedError(), 2)
    poisoned.version += 1

    with open_org(store_url, tmp_path, projections=projections_with(poisoned)) as org:
        org.edit(ida, surname="Ny")
        assert org.show(ida).surname == "Ny"
        assert status(org.service, "activity_history").state == "failed"


def test_processes_that_open_a_new_version_concurrently_build_a_whole_table(
    store_url: str, tmp_path: Path
) -> None:
    with open_org(store_url, tmp_path) as org:
        org.import_people(tmp_path, 30)

    def open_and_close() -> list[str]:
        with open_org(store_url, tmp_path, projections=projections_with(UppercaseUserList())) as org:
            return org.names()

    assert in_parallel(*[open_and_close] * 4) == [[f"IB{number}" for number in _as_words(30)]] * 4
    with open_org(store_url, tmp_path, projections=projections_with(UppercaseUserList())) as org:
        assert digests(org.service)


def _as_words(count: int) -> list[str]:
    return sorted(str(number) for number in range(count))


# While it is rebuilt


def test_queries_and_commands_run_while_a_table_is_rebuilt(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        org.create()
        seen = []

        def meanwhile(_: int) -> None:
            seen.append((org.names(), status(org.service, "user_list").state))
            org.create("Ada")
            seen.append((org.names(), status(org.service, "user_list").state))

        org.service.runner.rebuild("user_list", progress=meanwhile)

        assert seen == [(["Ida"], "rebuilding"), (["Ada", "Ida"], "rebuilding")]
        assert org.names() == ["Ada", "Ida"]
        assert states(org.service)["user_list"] == ("ok", 0)
        assert digests(org.service)


def test_a_table_rebuilt_twice_concurrently_is_whole(big_store: tuple[str, Path]) -> None:
    url, folder = big_store
    with open_service(url, folder) as first, open_service(url, folder) as second:
        _one_in_the_middle_of_the_other(
            first, lambda stop_waiting: second.runner.rebuild("user_list", progress=stop_waiting)
        )

        assert digests(first)


def test_a_table_verified_while_it_is_rebuilt_is_whole(big_store: tuple[str, Path]) -> None:
    url, folder = big_store
    with open_service(url, folder) as first, open_service(url, folder) as second:
        verified = _one_in_the_middle_of_the_other(first, lambda _: second.runner.digests("user_list"))

        assert verified is not None
        assert verified[0] == verified[1]
        assert digests(first)


def _one_in_the_middle_of_the_other(service: Service, deed: Callable[[Callable[[int], None]], T]) -> T:
    """Rebuild; let another deed begin after the second batch, and wait a while for its first."""
    rebuilt_twice, begun, over = Event(), Event(), Event()

    def rebuild() -> None:
        batches = iter(range(1_000))

        def stop_waiting(_: int) -> None:
            if next(batches) == 1:
                rebuilt_twice.set()
                begun.wait(1)

        try:
            service.runner.rebuild("user_list", progress=stop_waiting)
        finally:
            rebuilt_twice.set()
            over.set()

    def meanwhile() -> T:
        rebuilt_twice.wait(30)

        def stop_waiting(_: int) -> None:
            begun.set()
            over.wait(1)

        return deed(stop_waiting)

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.submit(rebuild), threads.submit(meanwhile)
        one.result(60)
        return other.result(60)


def test_a_failed_rebuild_beside_a_successful_one_leaves_no_state_rebuilding(
    store_url: str, tmp_path: Path
) -> None:
    first_began, second_began, first_is_over = Event(), Event(), Event()

    def wait(_: int) -> None:
        first_began.set()
        second_began.wait(1)

    def fail(_: int) -> None:
        second_began.set()
        first_is_over.wait(1)
        raise Interrupted

    with open_org(store_url, tmp_path) as one, open_org(store_url, tmp_path) as other:
        one.create()
        with ThreadPoolExecutor(2) as threads:
            succeeding = threads.submit(one.service.runner.rebuild, "user_list", progress=wait)
            first_began.wait(5)
            failing = threads.submit(other.service.runner.rebuild, "user_list", progress=fail)
            succeeding.result(60)
            first_is_over.set()
            with pytest.raises(Interrupted):
                failing.result(60)

        assert states(one.service)["user_list"] == ("ok", 0)
        assert digests(one.service)


# Several runners


def test_two_services_on_one_store_do_no_harm(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as one, open_org(store_url, tmp_path) as other:

        def work(org: OrgDriver, folder: Path, seed: int) -> None:
            folder.mkdir()
            people = random_history(org, folder, seed=seed, steps=15)
            for user_id in people:
                org.show(user_id)

        in_parallel(
            *[
                lambda org=org, number=number: work(org, tmp_path / str(number), number)
                for number, org in enumerate([one, other, one, other])
            ]
        )

        assert set(states(one.service).values()) == {("ok", 0)}
        assert digests(one.service) == digests(other.service)
        assert one.ids() == other.ids()


def test_one_service_shows_what_another_has_acknowledged(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as one, open_org(store_url, tmp_path) as other:
        for number in range(5):
            user_id = one.create(email=f"{number}@by.test")
            assert user_id in other.ids()
            other.delete(user_id)
            assert one.users() == []


def test_concurrent_runners_project_each_event_once(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        user_id = org.create()

        def work(number: int) -> None:
            for turn in range(5):
                org.edit(user_id, phone=f"{10_000_000 + 10 * number + turn}")
                org.service.runner.catch_up()

        in_parallel(*[lambda number=number: work(number) for number in range(6)])

        assert len(org.transactions(user_id)) == len(CREATED) + 30
        assert digests(org.service)
