"""A stored topic names one of our own events, or nothing: no row of a database makes us import a module."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from brugerbog.application.refusals.log import EventUnknown
from brugerbog.infrastructure.database.schema import events, head
from brugerbog.infrastructure.event_store.mapper import class_of
from brugerbog.service import Service
from tests.stores import create, office, open_store, somebody

MODULE = "planted_by_a_hostile_hand"


def write_event(service: Service, topic: str, schema_version: int = 1) -> None:
    """An event as somebody writes it who has the database and no key; the head is moved with it."""
    with service.log.backend.write_transaction(service.log.backend.log) as connection:
        last = connection.execute(select(events).order_by(events.c.position.desc()).limit(1)).mappings().one()
        forged = dict(last) | {
            "position": last["position"] + 1,
            "version": last["version"] + 1,
            "topic": topic,
            "schema_version": schema_version,
        }
        connection.execute(insert(events).values(forged))
        connection.execute(head.update().values(size=head.c.size + 1))


@pytest.mark.parametrize(
    "topic", [f"{MODULE}:Anything", MODULE, "os:system", "user.created:mutate", "user", "user.created.x", ""]
)
def test_a_topic_that_is_no_event_of_ours_is_refused_and_imports_nothing(
    topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{MODULE}.py").write_text("Anything = object\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(EventUnknown):
        class_of(topic)

    assert MODULE not in sys.modules


def test_every_event_that_is_stored_is_known(any_url: str, tmp_path: Path) -> None:
    with office(any_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        with service.log.backend.log.connect() as connection:
            topics = connection.execute(select(events.c.topic).distinct()).scalars().all()

    assert {class_of(topic).TOPIC for topic in topics} == set(topics)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("topic", "schema_version"), [("os:system", 1), ("user.deleted", 99)])
def test_read_tables_stop_before_an_event_of_another_version_and_stay_well(
    store_url: str, tmp_path: Path, topic: str, schema_version: int, caplog: pytest.LogCaptureFixture
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        user_id = create(service, actor, somebody(0))
        write_event(service, topic, schema_version)

        service.runner.catch_up()
        standing = service.runner.status()

        assert {one.state for one in standing} == {"ok"}
        assert {one.lag for one in standing} == {1}
        assert "event_unknown" in caplog.text
        with pytest.raises(EventUnknown):
            service.log.user(user_id)
        with service.log.backend.log.connect() as connection:
            assert connection.execute(select(func.count()).select_from(events)).scalar_one()
    with open_store(store_url, tmp_path, create=False) as service:
        assert {one.lag for one in service.runner.status()} == {1}
