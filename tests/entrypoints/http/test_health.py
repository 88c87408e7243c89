"""What watches over a process hears whether it lives and can serve, and nothing of those it serves."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from brugerbog.application.diagnostics.checks import HIGHEST_NORMAL_LAG, SILENT_AFTER
from brugerbog.demo.login import DemoLogin
from brugerbog.entrypoints.http import health
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.projections.positions import FAILED, OK, REBUILDING, positions
from brugerbog.infrastructure.web.settings import WebSettings
from tests.clock import FrozenClock
from tests.org_driver import OrgDriver, open_org
from tests.postgres import PostgresServer
from tests.stores import head_locked

BY_ADDRESS = "http://10.0.0.7:8000"
"""As a machine asks that knows nothing of the name the pages go by."""


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer stands for those who ask soon after."""
    monkeypatch.setattr(health, "CACHE_SECONDS", -1)


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path, clock=FrozenClock(), catches_up=False) as org:
        yield org


@pytest.fixture
def watcher(org: OrgDriver) -> TestClient:
    settings = WebSettings("https://brugere.example")
    return TestClient(application(org.service, settings, DemoLogin([])), base_url=BY_ADDRESS)


def health_of(watcher: TestClient) -> dict[str, Any]:
    answer = watcher.get("/readyz")
    assert answer.headers["content-type"] == "application/health+json"
    document: dict[str, Any] = answer.json()
    assert (answer.status_code == 503) is (document["status"] == "fail")
    return document


def test_a_process_that_answers_is_alive(watcher: TestClient) -> None:
    answer = watcher.get("/livez")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_with_a_worker_at_work_all_is_well(org: OrgDriver, watcher: TestClient) -> None:
    org.service.worker.run_once()
    assert health_of(watcher) == {
        "status": "pass",
        "checks": {
            "store": {"status": "pass"},
            "reading": {"status": "pass"},
            "writing": {"status": "pass"},
            "projections": {"status": "pass", "lag": 0, "stopped": []},
            "worker": {"status": "pass", "last_turn_at": org.clock.now().isoformat()},
        },
    }


def test_no_worker_is_a_warning_and_keeps_nobody_from_the_pages(org: OrgDriver, watcher: TestClient) -> None:
    assert health_of(watcher)["checks"]["worker"] == {"status": "warn", "last_turn_at": None}
    org.service.worker.run_once()
    org.clock.advance(SILENT_AFTER + timedelta(seconds=1))
    document = health_of(watcher)
    assert (document["status"], document["checks"]["worker"]["status"]) == ("warn", "warn")


def test_a_projection_that_stopped_or_is_behind_is_a_warning_and_a_rebuild_is_none(
    org: OrgDriver, watcher: TestClient
) -> None:
    org.service.worker.run_once()
    backend = org.service.log.backend
    with backend.write_transaction(backend.read) as connection:
        one = positions.c.name == "notices"
        connection.execute(update(positions).where(one).values(state=FAILED, failure="ValueError"))
    assert health_of(watcher)["checks"]["projections"] == {"status": "warn", "lag": 0, "stopped": ["notices"]}
    with backend.write_transaction(backend.read) as connection:
        connection.execute(update(positions).where(one).values(state=REBUILDING, failure=None))
    assert health_of(watcher)["status"] == "pass"
    with backend.write_transaction(backend.read) as connection:
        behind = positions.c.position - HIGHEST_NORMAL_LAG - 1
        connection.execute(update(positions).where(one).values(state=OK, position=behind))
    document = health_of(watcher)
    assert document["checks"]["projections"] == {
        "status": "warn",
        "lag": HIGHEST_NORMAL_LAG + 1,
        "stopped": [],
    }
    assert document["status"] == "warn"


def test_a_store_out_of_reach_sends_people_elsewhere_until_it_is_back(
    postgres_server: PostgresServer, postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_org(postgres_url, tmp_path, clock=FrozenClock(), catches_up=False) as org:
        app = application(org.service, WebSettings("https://brugere.example"), DemoLogin([]))
        watcher = TestClient(app, base_url=BY_ADDRESS)
        postgres_server.stop("immediate")
        caplog.set_level(logging.INFO)
        assert health_of(watcher) == {
            "status": "fail",
            "checks": {name: {"status": "fail"} for name in ("store", "reading", "writing")},
        }
        assert watcher.get("/livez").status_code == 200
        assert postgres_url not in caplog.text
        postgres_server.start()
        back = time.monotonic() + 5
        while health_of(watcher)["status"] == "fail":
            assert time.monotonic() < back


def test_a_store_that_can_only_be_read_keeps_readers_coming(
    prepared_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_REQUEST_SECONDS", "1")
    with open_org(prepared_url, tmp_path, clock=FrozenClock(), catches_up=False) as org:
        app = application(org.service, WebSettings("https://brugere.example"), DemoLogin([]))
        watcher = TestClient(app, base_url=BY_ADDRESS)
        with head_locked(org.service):
            document = health_of(watcher)
            needs_writing = watcher.get("/readyz", params={"need": "writing"})
        assert (document["status"], document["checks"]["writing"]["status"]) == ("warn", "fail")
        assert document["checks"]["reading"]["status"] == "pass"
        assert (needs_writing.status_code, needs_writing.json()["status"]) == (503, "fail")
        assert health_of(watcher)["checks"]["writing"]["status"] == "pass"


def test_many_who_ask_at_once_cost_one_probe(
    org: OrgDriver, watcher: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CACHE_SECONDS", 60)
    health_of(watcher)
    monkeypatch.setattr(org.service.log.backend, "probe_write", None)
    assert health_of(watcher)["checks"]["writing"]["status"] == "pass"


def test_only_these_are_answered_under_another_name(watcher: TestClient) -> None:
    assert watcher.get("/log-ind").status_code == 421
    assert watcher.post("/readyz").status_code == 403
