"""What Prometheus is told: what was done, what came of it, how the store stands; and of nobody."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from brugerbog.application.ports.event_log import INSTALLATION_SCOPE
from brugerbog.application.ports.observation import CounterName, Operation, OperationKind
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.demo.login import DemoLogin
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.settings import MailSettings
from brugerbog.infrastructure.telemetry import store_gauges
from brugerbog.infrastructure.telemetry.composite_observer import CompositeObserver
from brugerbog.infrastructure.telemetry.metrics import Metrics
from brugerbog.infrastructure.telemetry.store_gauges import StoreGauges
from brugerbog.infrastructure.web.settings import WebSettings
from tests.clock import FrozenClock
from tests.org_driver import OrgDriver, open_service, register_org
from tests.postgres import PostgresServer

TABLE_ROW = re.compile(r"^\| `(brugerbog_\w+)` \|([^|]*)\|", re.MULTILINE)
OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
KNOWN_DOORS = {"embedded", "cli", "web", "api", "scim", "csv"}


class Watched:
    """An organisation, and the numbers that are told of it."""

    def __init__(self, org: OrgDriver, registry: CollectorRegistry, metrics: Metrics) -> None:
        self.org = org
        self.registry = registry
        self.metrics = metrics

    def __call__(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"brugerbog_{name}", labels)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    registry, clock = CollectorRegistry(), FrozenClock()
    metrics = Metrics(registry)
    outbox = MailSettings(tmp_path / "outbox", Sender("mitid@by.test"), "http://127.0.0.1:8000")
    with open_service(watchers=[metrics], clock=clock, mail=outbox) as service:
        registry.register(StoreGauges(service.store_statistics))
        metrics.observe_connections(service.log.backend.connections)
        yield Watched(register_org(service, clock), registry, metrics)


def test_what_is_done_is_counted_by_what_it_is_and_what_comes_of_it(watched: Watched, tmp_path: Path) -> None:
    org = watched.org
    user_id = org.create()
    with pytest.raises(UserUnknown):
        org.delete(INSTALLATION_SCOPE)
    org.show(user_id)
    people = org.import_people(tmp_path, 3)
    org.administration.send_many_to_activation(org.actor, people)
    org.clock.advance(timedelta(days=31))
    org.service.worker.run_once()

    assert watched("commands_total", command="create_user", door="embedded", outcome="done") == 1
    assert watched("command_seconds_count", command="create_user") == 1
    assert watched("commands_total", command="delete_user", door="embedded", outcome="refused") == 1
    assert watched("refusals_total", command="delete_user", code="user_unknown", door="embedded") == 1
    assert watched("questions_total", question="user", door="embedded", outcome="done") == 1
    assert watched("commands_total", command="import_users", door="embedded", outcome="done") == 1
    assert watched("import_rows_total", outcome="created") == 3
    whole = {"command": "send_many_to_activation", "door": "embedded", "outcome": "done"}
    assert watched("commands_total", **whole) == 1
    assert watched("turns_total", outcome="done") == 1
    assert watched("due_recorded_total", kind="link_expiry") == 4
    assert watched("mails_total", kind="activation", outcome="dropped") == 4
    assert watched("store_connections", state="idle") is not None


def test_requests_are_counted_by_kind_of_page_and_never_by_address(watched: Watched) -> None:
    pages = application(watched.org.service, WebSettings("http://127.0.0.1:8000"), DemoLogin([]))
    browser = TestClient(pages, base_url="http://127.0.0.1:8000", follow_redirects=False)
    for path in ("/brugere/0197F0A0-0000-7000-8000-00000000000A", "/aktivering/hemmeligt", "/070961-1111"):
        browser.get(path)
    browser.request("KRABBE", "/log-ind")

    assert watched("http_requests_total", page="/brugere/{user_id}", method="GET", status="3xx") == 1
    assert watched("http_requests_total", page="/aktivering/{token}", method="GET", status="4xx") == 1
    assert watched("http_requests_total", page="none", method="GET", status="4xx") == 1
    methods = {labels["method"] for name, labels in labels_of(watched) if "requests" in name}
    assert methods == {"GET", "other"}


def labels_of(watched: Watched) -> list[tuple[str, dict[str, str]]]:
    return [(one.name, one.labels) for family in watched.registry.collect() for one in family.samples]


def test_the_store_is_looked_at_when_somebody_asks(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    org = watched.org
    monkeypatch.setattr(store_gauges, "CACHE_SECONDS", 0)
    assert (watched("store_up"), watched("worker_heartbeat_age_seconds")) == (1, None)
    org.create()
    org.clock.advance(timedelta(days=31))

    assert watched("log_events") == org.service.log.recorder.max_notification_id()
    assert (watched("due_overdue"), watched("mails_waiting")) == (1, 1)
    assert timedelta(days=1) <= timedelta(seconds=watched("due_overdue_age_seconds") or 0) < timedelta(days=2)
    assert watched("mails_waiting_age_seconds") == timedelta(days=31).total_seconds()
    org.service.worker.run_once()
    assert (watched("due_overdue"), watched("mails_waiting"), watched("due_overdue_age_seconds")) == (
        0,
        0,
        None,
    )
    assert (watched("worker_heartbeat_age_seconds"), watched("checkpoint_age_seconds")) == (0, 0)
    assert watched("projection_lag_events", projection="user_list") == 0
    assert watched("projection_state", projection="user_list", state="ok") == 1
    assert watched("projection_state", projection="user_list", state="failed") == 0


def test_it_is_read_once_for_all_who_ask_within_a_moment(watched: Watched) -> None:
    before = watched("log_events")
    watched.org.create()
    assert watched("log_events") == before


def test_a_store_that_is_away_or_hangs_is_shown_to_be_away(
    postgres_server: PostgresServer, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = CollectorRegistry()
    with open_service(postgres_url, tmp_path, clock=FrozenClock()) as service:
        registry.register(StoreGauges(service.store_statistics))
        postgres_server.stop("immediate")
        try:
            assert [family.name for family in registry.collect()] == ["brugerbog_store_up"]
        finally:
            postgres_server.start()
    hanging, let_go = StoreGauges(lambda: let_go.wait() and None), Event()  # type: ignore[arg-type, return-value]
    monkeypatch.setattr(store_gauges, "SCRAPE_TIMEOUT_SECONDS", 0.05)
    for _ in range(2):
        (up,) = hanging.collect()
        assert up.samples[0].value == 0
    let_go.set()


def test_who_watches_can_stop_nothing() -> None:
    class Clumsy:
        def started(self, work: Operation) -> Any:  # noqa: ANN401 - as `OperationListener`
            if work.name == "at once":
                raise OSError("disk full")
            return lambda *_: 1 / 0

        refused = counted = started

    telling = CompositeObserver([Clumsy()])
    for name in ("at once", "in the end"):
        with telling.observe(Operation(OperationKind.COMMAND, name)):
            pass
    telling.count(CounterName.ROWS, "created", 1)


def test_the_documentation_names_every_series_and_no_other(watched: Watched) -> None:
    watched.org.service.worker.run_once()
    counted = [one for one in vars(watched.metrics).values() if hasattr(one, "_labelnames")]
    exposed = {(_told_as(one.describe()[0]), _words(one._labelnames)) for one in counted}
    for family in StoreGauges(watched.org.service.store_statistics).collect():
        labels = {_words(one.labels) for one in family.samples} or {""}
        exposed |= {(family.name, of) for of in labels}
    written = TABLE_ROW.findall(OPERATIONS.read_text("utf-8"))

    describe = [(name, _words(re.findall(r"`(\w+)`", labels))) for name, labels in written]
    assert sorted(describe) == sorted(exposed)


def _told_as(family: Any) -> str:  # noqa: ANN401 - the library's
    return f"{family.name}_total" if family.type == "counter" else str(family.name)


def _words(labels: Any) -> str:  # noqa: ANN401 - names in any order
    return " ".join(sorted(labels))
