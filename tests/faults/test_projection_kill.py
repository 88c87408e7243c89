"""Promise 3: whoever keeps the read tables may be killed at any moment, and nothing is skipped or doubled."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from tests.journeys.town import Town, digests, open_town
from tests.processes import run
from tests.projections.killed_processes import be_killed_while_rebuilding

ROOT = Path(__file__).parents[2]
NAME = "Unforgettable"


def test_kill_9_at_any_moment_leaves_read_tables_that_catch_up(
    tmp_path: Path, store_url: str, *, full: bool
) -> None:
    with open_town(store_url, tmp_path):
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

        with open_town(store_url, tmp_path) as town:
            assert {status.lag for status in town.service.runner.status()} == {0}
            assert digests(town.service)
            assert town.users() == town.users(at=town.clock.now())


def kill_a_rebuild(url: str, folder: Path) -> None:
    """Create somebody, and kill a process that is rebuilding the list of users."""
    with open_town(url, folder) as town:
        town.create(NAME)
    assert run(be_killed_while_rebuilding, url, folder, "user_list") == -signal.SIGKILL


def test_a_rebuild_that_was_killed_leaves_the_old_table(store_url: str, tmp_path: Path) -> None:
    kill_a_rebuild(store_url, tmp_path)

    with open_town(store_url, tmp_path) as town:
        assert town.names() == [NAME]
        assert digests(town.service)


@pytest.fixture
def cut_off_town(tmp_path: Path) -> Iterator[Town]:
    """A town opened again after a rebuild of its list was killed."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    kill_a_rebuild(url, tmp_path)
    with open_town(url, tmp_path) as town:
        yield town


def test_a_rebuild_that_was_killed_is_not_said_to_go_on_for_ever(cut_off_town: Town) -> None:
    assert {status.state for status in cut_off_town.service.runner.status()} == {"ok"}


def test_what_a_killed_rebuild_left_does_not_outlive_those_it_names(cut_off_town: Town) -> None:
    cut_off_town.delete(cut_off_town.ids()[0])

    with cut_off_town.service.log.backend.read.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
            assert NAME not in str(rows), table
