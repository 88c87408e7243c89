"""A worker's turns: what they do, that others can see it, and that nothing stops the clock ringing."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import brugerbog
from brugerbog.application.background.worker import MAILS_PER_RUN, WorkerRun
from brugerbog.application.mail.dispatcher import DispatchResult
from brugerbog.application.mail.outbox import MailState
from brugerbog.domain.user.user import User
from brugerbog.infrastructure.background.scheduler import WorkerScheduler
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.settings import MailSettings
from tests.clock import FrozenClock
from tests.org_driver import OrgDriver, open_org, register_org

PATIENCE = 20


@pytest.fixture
def outbox(tmp_path: Path) -> MailSettings:
    return MailSettings(tmp_path / "outbox", Sender("mitid@by.test"), "http://127.0.0.1:8000")


def wait_for(so: Callable[[], Any]) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < give_up
        time.sleep(0.05)


class FailingActivityHistory:
    """A worker whose first turns fail."""

    def __init__(self, times: int) -> None:
        self.turns = 0
        self._times = times

    def run_once(self) -> WorkerRun:
        self.turns += 1
        if self.turns <= self._times:
            raise RuntimeError("planted")
        return WorkerRun(FrozenClock().now(), 0, 0, None)


def test_a_run_records_due_work_and_sends_mails(outbox: MailSettings) -> None:
    with open_org(mail=outbox) as org:
        user_id = org.create_active()
        org.deactivate(user_id, to_date=org.clock.now().date())
        org.create("Bo", email="bo@by.test")
        org.clock.advance(timedelta(days=2))

        turn = org.service.worker.run_once()

        assert (turn.due, turn.mail and turn.mail.sent) == (1, 1)
        assert len(list((outbox.transport).glob("*.eml"))) == 1


def test_mails_wait_without_a_transport(org: OrgDriver) -> None:
    org.create()

    assert org.service.worker.run_once().mail is None
    assert org.queries.mail_counts(org.actor)[MailState.WAITING] == 1


def test_the_time_of_the_latest_run_can_be_read() -> None:
    with open_org() as org:
        assert org.service.heartbeat.last(org.clock.now()) is None
        org.service.worker.run_once()
        assert org.service.heartbeat.last(org.clock.now()) == org.clock.now()


def test_the_heartbeat_of_another_process_can_be_read(store_url: str, tmp_path: Path) -> None:
    with (
        open_org(store_url, tmp_path) as org,
        open_org(store_url, tmp_path, clock=FrozenClock(org.clock.now() + timedelta(hours=1))) as other,
    ):
        other.service.worker.run_once()
        org.service.worker.run_once()

        assert org.service.heartbeat.last(other.clock.now()) == other.clock.now()


def test_a_failed_run_stops_no_later_run() -> None:
    worker: Any = FailingActivityHistory(times=3)
    clock = WorkerScheduler(worker, seconds=0.05)
    clock.start()
    wait_for(lambda: worker.turns > 4)
    clock.stop()


def test_runs_follow_at_once_while_mails_are_due() -> None:
    class Busy:
        turns = 0

        def run_once(self) -> WorkerRun:
            self.turns += 1
            return WorkerRun(
                FrozenClock().now(), 0, 0, DispatchResult(sent=MAILS_PER_RUN if self.turns < 4 else 1)
            )

    busy: Any = Busy()
    clock = WorkerScheduler(busy, seconds=3600)
    clock.start()
    wait_for(lambda: busy.turns == 4)
    clock.stop()


def test_a_failed_run_stores_no_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_org() as org:
        monkeypatch.setattr(org.service.due_work, "run_due", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            org.service.worker.run_once()
        assert org.service.heartbeat.last(org.clock.now()) is None


def test_closing_waits_for_the_current_run() -> None:
    done: list[str] = []

    class Slow:
        def run_once(self) -> WorkerRun:
            done.append("begun")
            time.sleep(0.5)
            done.append("ended")
            return WorkerRun(FrozenClock().now(), 0, 0, None)

    slow: Any = Slow()
    clock = WorkerScheduler(slow, seconds=60)
    clock.start()
    wait_for(lambda: done)
    clock.stop()
    assert done == ["begun", "ended"]


def test_a_service_opened_with_background_runs_the_worker(tmp_path: Path, outbox: MailSettings) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with brugerbog.open(url, background=True, mail=outbox) as service:
        service.scheduler.stop()
        org = register_org(service, FrozenClock(service.queries.now()))
        user_id = org.create()
        service.scheduler.start()
        wait_for(lambda: org.queries.mail_counts(org.actor)[MailState.SENT])
        assert service.heartbeat.last(service.queries.now()) is not None
    with brugerbog.open(url) as service:
        loaded = service.log.user(user_id)
        assert isinstance(loaded, User)
