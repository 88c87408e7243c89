"""Activities from report to history, on both engines: in any order, repeated, and concurrently."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from brugerbog.application.commands.activity_report import ActivityReport
from brugerbog.application.queries.activity_history import HistorySort
from brugerbog.domain.user.activity import activity_stream_id
from brugerbog.infrastructure.database.schema import ciphertexts, events, reported
from brugerbog.projections.activity_history.table import activity_history
from tests.application.activity_reports import activity_report, outcomes, record_reports
from tests.clock import NOON
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.journeys.activity_reporter import report_all
from tests.org_driver import CREATED, OrgDriver, digests, open_org
from tests.stores import at_once, rows

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path) as opened:
        yield opened


def history_rows(org: OrgDriver, user_id: UUID) -> list[Any]:
    with org.service.log.backend.read.connect() as connection:
        of_user = activity_history.c.user_id == user_id
        return list(connection.execute(select(activity_history).where(of_user)).all())


# The history


def test_a_history_has_events_and_activities_in_order_of_time(org: OrgDriver) -> None:
    user_id = org.create_active()
    record_reports(
        org,
        activity_report(user_id, "late", NOON + A_MINUTE),
        activity_report(user_id, "early", NOON - A_MINUTE),
    )

    history = org.queries.history(org.actor, user_id)

    assert [one.transaction for one in history] == [
        "Log ind",
        *CREATED,
        "Bruger aktiveret",
        "Log ind",
    ]
    assert [one.service_provider for one in history] == ["Prøveborger", *["MitID Erhverv"] * 4, "Prøveborger"]


def test_a_history_is_filtered_by_words_and_days_and_sorted(org: OrgDriver) -> None:
    user_id = org.create()
    record_reports(
        org,
        activity_report(
            user_id, "1", NOON - timedelta(1), service_type="private", service_provider="Ærø Bank"
        ),
        activity_report(user_id, "2", NOON - timedelta(2), transaction="Underskrift"),
    )

    def providers(**filters: Any) -> list[str]:  # noqa: ANN401 - as `history`
        return [entry.service_provider for entry in org.queries.history(org.actor, user_id, **filters)]

    assert providers(words="private") == ["Ærø Bank"]
    assert providers(words="ærø LOG") == ["Ærø Bank"]
    assert providers(to_date=NOON.date() - timedelta(2)) == ["Prøveborger"]
    ours = ["MitID Erhverv"] * len(CREATED)
    assert providers(sort=HistorySort.TYPE) == ["Ærø Bank", "Prøveborger", *ours]
    assert providers(sort=HistorySort.PROVIDER) == [*ours, "Prøveborger", "Ærø Bank"]
    transactions = providers(sort=HistorySort.TRANSACTION, descending=True)
    assert transactions == ["Prøveborger", "MitID Erhverv", "Ærø Bank", "MitID Erhverv", "MitID Erhverv"]


def test_a_history_has_the_latest_200_entries_and_is_filtered_within_them(org: OrgDriver) -> None:
    user_id = org.create()
    reports = [
        activity_report(user_id, str(minute), NOON + (minute - 295) * A_MINUTE) for minute in range(300)
    ]
    record_reports(org, *reports[::2])
    record_reports(org, *reports[1::2])

    history = org.queries.history(org.actor, user_id)

    assert len(history) == 200
    assert history[0].occurred_at == NOON + 103 * A_MINUTE - 295 * A_MINUTE
    assert Counter(one.transaction for one in history) == Counter(["Log ind"] * 197 + CREATED)
    assert org.transactions(user_id, words="oprettet") == ["Bruger oprettet"]
    assert len(org.transactions(user_id, words="log")) == 197


# Any order, any repetition


PEOPLE = 3
REPORTED = st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, 9))
"""The index of a user, and of one of their activities."""


@pytest.fixture(scope="module")
def shared_org() -> Iterator[OrgDriver]:
    """One store for all examples: each creates new users."""
    with open_org() as opened:
        yield opened


@settings(max_examples=25)
@given(batches=st.lists(st.lists(REPORTED, max_size=12), max_size=6), data=st.data())
def test_reports_in_any_order_and_repeated_give_the_same_history(
    shared_org: OrgDriver, batches: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    reports = [one for batch in batches for one in batch]
    straight, shuffled = ([shared_org.create(email=f"{uuid4()}@a.test") for _ in range(PEOPLE)] for _ in "12")
    again = data.draw(st.permutations(reports + reports[:3]))

    for batch in batches:
        record_reports(shared_org, *[_report(straight, one) for one in batch])
    for one in again:
        record_reports(shared_org, _report(shuffled, one))

    for who in range(PEOPLE):
        here, there = (
            shared_org.queries.history(shared_org.actor, people[who]) for people in (straight, shuffled)
        )
        assert [one.occurred_at for one in here] == [one.occurred_at for one in there]
        assert len(here) == len(CREATED) + len({one for one in reports if one[0] == who})


def _report(people: list[UUID], one: tuple[int, int]) -> ActivityReport:
    who, which = one
    return activity_report(people[who], f"{people[who]} {which}", NOON - which * A_MINUTE)


# Many at once


def assert_each_is_recorded_once(org: OrgDriver, people: list[UUID], count: int) -> None:
    streams = {activity_stream_id(one) for one in people}
    versions = [(row.stream_id, row.version) for row in rows(org.service, events) if row.stream_id in streams]
    each = count // len(people)
    assert sorted(versions) == [(one, version) for one in sorted(streams) for version in range(1, each + 1)]
    assert len(rows(org.service, reported)) == count
    assert all(len(org.transactions(one, words="log")) == each for one in people)
    assert_log_is_sound(org.service)
    assert digests(org.service)


def test_threads_that_report_the_same_activities_record_each_once(org: OrgDriver) -> None:
    people = [org.create(email=f"{number}@by.test") for number in range(4)]
    reports = [activity_report(people[number % 4], str(number)) for number in range(80)]

    def report(thread: int) -> int:
        turned = reports[thread:] + reports[:thread]
        return sum(record_reports(org, *turned[at : at + 8]).count("recorded") for at in range(0, 80, 8))

    assert sum(at_once(6, report)) == 80
    assert_each_is_recorded_once(org, people, 80)


def test_a_call_repeated_concurrently_under_one_command_id_is_executed_once(org: OrgDriver) -> None:
    people = [org.create(email=f"{number}@by.test") for number in range(4)]
    reports, command_id = [activity_report(people[number % 4], str(number)) for number in range(40)], uuid4()

    def report(_: int) -> int:
        sent = org.administration.record_activities(org.actor, "nemlogin", reports, command_id=command_id)
        return sent.count("recorded")

    assert sorted(at_once(6, report)) == [0] * 5 + [40]
    assert_each_is_recorded_once(org, people, 40)


def test_processes_that_report_the_same_activities_record_each_once(
    org: OrgDriver, prepared_url: str, tmp_path: Path
) -> None:
    people = [org.create(email=f"{number}@by.test") for number in range(4)]
    arguments = ["120", *map(str, people)]
    module = [sys.executable, "-m", report_all.__module__, prepared_url, str(tmp_path)]

    working = [subprocess.Popen([*module, str(seed), *arguments]) for seed in range(3)]

    assert [one.wait(120) for one in working] == [0, 0, 0]
    assert_each_is_recorded_once(org, people, 120)


def test_no_activity_is_recorded_after_a_concurrent_deletion(org: OrgDriver) -> None:
    people = [org.create(email=f"{number}@by.test") for number in range(4)]

    def delete_or_report(thread: int) -> None:
        if thread < 2:
            for user_id in people[thread::2]:
                org.delete(user_id)
        else:
            for turn in range(10):
                record_reports(
                    org, *[activity_report(user_id, f"{thread} {turn} {user_id}") for user_id in people]
                )

    at_once(5, delete_or_report)

    deleted = {
        row.stream_id: row.position for row in rows(org.service, events) if row.topic == "user.deleted"
    }
    ends = {activity_stream_id(user_id): deleted[user_id] for user_id in people}
    assert all(row.position < ends.get(row.stream_id, row.position + 1) for row in rows(org.service, events))
    assert rows(org.service, ciphertexts) == []
    assert [history_rows(org, user_id) for user_id in people] == [[]] * 4
    assert digests(org.service)


# Erasure


def test_an_erased_user_has_no_activities(org: OrgDriver) -> None:
    gone, kept = org.create(), org.create("Ada")
    reports = [activity_report(one, f"{one} {number}") for one in (gone, kept) for number in range(5)]
    record_reports(org, *reports)
    org.delete(gone)

    assert {row.stream_id for row in rows(org.service, ciphertexts)} == {kept, activity_stream_id(kept)}
    assert (len(history_rows(org, gone)), len(history_rows(org, kept))) == (0, len(CREATED) + 5)
    assert outcomes(org, *reports[:5]) == ["already_recorded"] * 5
    assert digests(org.service)


def test_no_file_has_the_activities_of_an_erased_user(tmp_path: Path) -> None:
    with open_org(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as org:
        user_id = org.create()
        record_reports(org, activity_report(user_id, "Krabbenummer", service_provider="Krabbeløs Kommune"))
        assert "Krabbeløs".encode() in (tmp_path / "store.read.db-wal").read_bytes()
        org.delete(user_id)

        files = {path.name: path.read_bytes() for path in tmp_path.glob("store*")}
    assert [name for name, content in files.items() if b"Krabbe" in content] == []


def test_activities_retained_after_a_deletion_are_not_shown(org: OrgDriver) -> None:
    org.administration.change_settings(org.actor, {"erasure_retention_days": 30})
    user_id = org.create()
    record_reports(org, activity_report(user_id))
    org.delete(user_id)

    assert history_rows(org, user_id) == []
    assert {row.stream_id for row in rows(org.service, ciphertexts)} == {
        user_id,
        activity_stream_id(user_id),
    }
    assert digests(org.service)


# Unchanged by activities


def test_a_user_is_loaded_without_their_activities(org: OrgDriver) -> None:
    user_id = org.create_active()
    before = org.show(user_id)
    record_reports(org, *[activity_report(user_id, str(number)) for number in range(50)])

    assert len(org.service.log.recorder.select_events(user_id)) == len(CREATED) + 1
    assert (org.show(user_id), org.queries.user(org.actor, user_id, at=NOON)) == (before, before)
    org.edit(user_id, surname="Ny")
    assert org.ids(at=NOON) == [user_id]


def test_a_history_is_read_from_the_index_without_sorting(org: OrgDriver) -> None:
    query = (
        select(activity_history)
        .where(activity_history.c.user_id == org.id)
        .order_by(activity_history.c.occurred_at.desc(), activity_history.c.position.desc())
        .limit(200)
    )
    backend = org.service.log.backend
    with backend.read.connect() as connection:
        if backend.has_single_database:
            connection.exec_driver_sql("SET enable_seqscan = off; SET enable_bitmapscan = off")
        explain = "EXPLAIN " if backend.has_single_database else "EXPLAIN QUERY PLAN "
        compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
        values = compiled.params if backend.has_single_database else (b"", 200, 0)
        plan = str(connection.exec_driver_sql(explain + str(compiled), values).all())
    assert "SORT" not in plan.upper()
    assert "TEMP B-TREE" not in plan.upper()
