"""Checkpoints are automatic: a worker signs every hour if events were recorded, an import at its end."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from brugerbog.infrastructure.background.scheduler import WorkerScheduler
from brugerbog.infrastructure.database.schema import checkpoints
from tests.entrypoints.cli.store_cli import csv_file
from tests.infrastructure.database.tampering import tampering
from tests.infrastructure.transparency_log.test_log_verifier import ALTERATIONS
from tests.org_driver import BORN, OrgDriver, open_org
from tests.people import made_up_cpr
from tests.stores import rows

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def org(prepared_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OrgDriver]:
    monkeypatch.setenv("BRUGERBOG_CHECKPOINTS", str(tmp_path / "elsewhere"))
    with open_org(prepared_url, tmp_path) as opened:
        yield opened


def checkpoint_sizes(org: OrgDriver) -> list[int]:
    """Return the sizes of the stored checkpoints."""
    return sorted(row.size for row in rows(org.service, checkpoints))


def grow(org: OrgDriver, serial: int) -> None:
    org.create("Bo", email=f"bo{serial}@by.test", cpr=made_up_cpr(BORN, serial))


def test_a_worker_signs_at_once_and_then_every_hour(org: OrgDriver) -> None:
    org.service.worker.run_once()
    first = checkpoint_sizes(org)
    grow(org, 1)
    org.clock.advance(AN_HOUR - timedelta(seconds=1))
    org.service.worker.run_once()
    assert checkpoint_sizes(org) == first

    org.clock.advance(timedelta(seconds=1))
    org.service.worker.run_once()
    assert checkpoint_sizes(org) == [*first, org.service.log.recorder.max_notification_id()]


def test_without_new_events_nothing_is_signed(org: OrgDriver) -> None:
    org.service.worker.run_once()
    for _ in range(3):
        org.clock.advance(AN_HOUR)
        org.service.worker.run_once()

    assert len(checkpoint_sizes(org)) == 1


def test_an_import_signs_a_checkpoint_and_a_dry_run_none(org: OrgDriver, tmp_path: Path) -> None:
    file = Path(csv_file(tmp_path / "users.csv", "C;;Åse;Bæk;;24121985;aase@firma.test;;;;3;;;;"))
    org.administration.import_users(org.actor, file, dry_run=True)
    assert checkpoint_sizes(org) == []

    org.administration.import_users(org.actor, file)
    assert checkpoint_sizes(org) == [org.service.log.recorder.max_notification_id()]


def test_each_checkpoint_is_written_to_the_checkpoint_folder(org: OrgDriver, tmp_path: Path) -> None:
    org.service.worker.run_once()

    (size,) = checkpoint_sizes(org)
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == [
        f"{size}.checkpoint",
        "key.pub",
    ]


def test_a_worker_that_finds_the_log_damaged_logs_an_alarm_and_does_the_rest(
    org: OrgDriver, caplog: pytest.LogCaptureFixture
) -> None:
    user_id = org.create_active()
    org.deactivate(user_id, to_date=org.clock.now().date())
    org.clock.advance(timedelta(days=2))
    with tampering(org.service) as connection:
        ALTERATIONS["time"](connection)

    with caplog.at_level(logging.CRITICAL):
        run = WorkerScheduler(org.service.worker)._run_once()

    assert run.due == 1
    assert run.alarm is not None
    assert run.alarm.code == "log_damaged"
    assert "log_not_vouched_for" in caplog.text
    assert checkpoint_sizes(org) == []
