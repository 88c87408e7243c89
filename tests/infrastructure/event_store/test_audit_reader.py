"""The log is searched by what stands in the open: the same as looking at every event."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.application.ports.audit_reader import LogRow, Scan, ScanCriterion
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.domain.user.activity import ActivityReported, activity_stream_id
from brugerbog.domain.user.user import User
from brugerbog.infrastructure.event_store.audit_reader import StoredAuditReader
from brugerbog.service import Service
from tests.application.activity_reports import activity_report, record_reports
from tests.journeys.random_steps import StepExecutor, random_steps
from tests.org_driver import OrgDriver, open_org, register_org

Narrow = Callable[[LogRow], bool]


@pytest.fixture
def lived_in(store_url: str, tmp_path: Path) -> "OrgDriver":
    with open_org(store_url, tmp_path) as org:
        executor = StepExecutor(org, tmp_path)
        for step in random_steps(5, 40):
            executor.execute(step)
        record_reports(org, activity_report(org.create("Otto")))
        other = register_org(org.service, org.clock, cvr="90000002")
        other.create()
        yield org  # type: ignore[misc]


def every(service: Service, scope: UUID) -> list[LogRow]:
    stored = service.log.recorder.select_positions(0, 10_000, organisation_id=scope)
    return [
        LogRow(
            one.position, one.stream_id, one.version, one.topic,
            one.recorded_at, one.actor, one.command_id, one.payload,
        )
        for one in reversed(stored)
    ]  # fmt: skip


def has(entry: LogRow, mark: ScanCriterion) -> bool:
    owner = owner_of(entry.stream_id)
    return entry.topic in mark.topics or bool({entry.actor, owner} & set(mark.people))


def test_each_narrowing_finds_what_looking_at_everything_finds(lived_in: OrgDriver) -> None:
    trail, entries = StoredAuditReader(lived_in.service.log), every(lived_in.service, lived_in.id)
    middle, someone = entries[len(entries) // 2], entries[3].stream_id
    streams = (someone, activity_stream_id(someone), lived_in.id)
    asked: list[tuple[Scan, Narrow]] = [
        (Scan(lived_in.id), lambda _: True),
        (Scan(lived_in.id, streams=streams), lambda one: one.stream_id in streams),
        (Scan(lived_in.id, actor=middle.actor), lambda one: one.actor == middle.actor),
        (Scan(lived_in.id, topic=User.Activated.TOPIC), lambda one: one.topic == User.Activated.TOPIC),
        (
            Scan(lived_in.id, excluded_topic=ActivityReported.TOPIC),
            lambda one: one.topic != ActivityReported.TOPIC,
        ),
        (Scan(lived_in.id, since=middle.recorded_at), lambda one: one.recorded_at >= middle.recorded_at),
        (Scan(lived_in.id, until=middle.recorded_at), lambda one: one.recorded_at < middle.recorded_at),
    ]
    mark = ScanCriterion([User.Created.TOPIC], [someone])
    holding = bytes(middle.payload)[-60:]
    asked += [
        (Scan(lived_in.id, payload_contains=holding), lambda one: holding in bytes(one.payload)),
        (Scan(lived_in.id, criteria=[mark]), lambda one: has(one, mark)),
        (
            Scan(lived_in.id, criteria=[mark, ScanCriterion([], [middle.actor])]),
            lambda one: has(one, mark) and one.actor == middle.actor,
        ),
    ]
    for scan, fits in asked:
        wanted = [one for one in entries if fits(one)]
        assert [
            one._replace(payload=bytes(one.payload)) for one in trail.before(scan, None, 10_000)
        ] == wanted
        assert [one.position for one in trail.before(scan, middle.position, 3)] == [
            one.position for one in wanted if one.position < middle.position
        ][:3]


def test_another_organisation_s_streams_are_not_found(lived_in: OrgDriver) -> None:
    others = [one for one in lived_in.service.log.organisation_ids() if one != lived_in.id]
    assert (
        StoredAuditReader(lived_in.service.log).before(Scan(others[0], streams=[lived_in.id]), None, 10) == []
    )


def test_the_last_position_up_to_an_instant_is_that_of_what_was_known(lived_in: OrgDriver) -> None:
    trail, entries = StoredAuditReader(lived_in.service.log), every(lived_in.service, lived_in.id)
    middle = entries[len(entries) // 2].recorded_at
    assert trail.last_position(lived_in.id, middle) == max(
        one.position for one in entries if one.recorded_at <= middle
    )
    assert trail.last_position(lived_in.id, 0) is None
