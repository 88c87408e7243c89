"""Promise 3: a killed projection runner resumes without skipping or repeating an event."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from tests.org_driver import OrgDriver, digests, open_org
from tests.processes import run
from tests.projections.killed_processes import be_killed_while_rebuilding

ROOT = Path(__file__).parents[2]
NAME = "Unforgettable"


def test_read_tables_catch_up_after_kill_9_at_any_time(tmp_path: Path, store_url: str, *, full: bool) -> None:
    with open_org(store_url, tmp_path):
        pass
    for seed in range(1, 26 if full else 2):
        killed = [
            sys.executable,
            "-m",
            "tests.projections.killed_processes",
            store_url,
            str(tmp_path),
            str(seed),
        ]
        subprocess.run([*killed, "20" if full else "6"], cwd=ROOT, check=True)

        with open_org(store_url, tmp_path) as org:
            assert {status.lag for status in org.service.runner.status()} == {0}
            assert digests(org.service)
            assert org.users() == org.users(at=org.clock.now())


def kill_a_rebuild(url: str, folder: Path) -> None:
    """Create a user, and kill a process that is rebuilding the user list."""
    with open_org(url, folder) as org:
        org.create(NAME)
    assert run(be_killed_while_rebuilding, url, folder, "user_list") == -signal.SIGKILL


def test_a_killed_rebuild_leaves_the_old_table(store_url: str, tmp_path: Path) -> None:
    kill_a_rebuild(store_url, tmp_path)

    with open_org(store_url, tmp_path) as org:
        assert org.names() == [NAME]
        assert digests(org.service)


@pytest.fixture
def org_after_killed_rebuild(tmp_path: Path) -> Iterator[OrgDriver]:
    """An organisation whose store was reopened after a rebuild of the user list was killed."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    kill_a_rebuild(url, tmp_path)
    with open_org(url, tmp_path) as org:
        yield org


def test_a_killed_rebuild_is_not_reported_as_running(org_after_killed_rebuild: OrgDriver) -> None:
    assert {status.state for status in org_after_killed_rebuild.service.runner.status()} == {"ok"}


def test_the_table_of_a_killed_rebuild_holds_no_deleted_user(org_after_killed_rebuild: OrgDriver) -> None:
    org_after_killed_rebuild.delete(org_after_killed_rebuild.ids()[0])

    with org_after_killed_rebuild.service.log.backend.read.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
            assert NAME not in str(rows), table
