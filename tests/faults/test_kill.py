"""Promise 1: an acknowledged command is on disk, and a command is stored completely or not at all."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.infrastructure.database.schema import events
from brugerbog.service import Service
from tests.faults.store_consistency import assert_store_is_consistent
from tests.stores import office, open_store

ROOT = Path(__file__).parents[2]


@contextmanager
def running_commands(url: str, folder: Path, seed: int) -> Iterator["subprocess.Popen[str]"]:
    """Start a process that executes commands, and kill it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.command_process", url, str(folder), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def acknowledged_until_killed(url: str, folder: Path, seed: int) -> dict[str, str]:
    """Kill a process at a random time; return the last acknowledged command of each user."""
    chance = random.Random(seed)
    with running_commands(url, folder, seed) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(chance.randrange(1, 25))]
        time.sleep(chance.random() * 0.02)
        process.kill()
        lines += process.stdout.readlines()
        assert process.wait() == -9, "the process must end by the kill, not by an error of its own"
    return {user_id: command for command, user_id in (line.split() for line in lines if line.endswith("\n"))}


def test_acknowledged_commands_survive_kill_9(tmp_path: Path, store_url: str, *, full: bool) -> None:
    acknowledged: dict[str, str] = {}
    with office(store_url, tmp_path):
        pass
    for seed in range(1, 201 if full else 5):
        acknowledged |= acknowledged_until_killed(store_url, tmp_path, seed)

    with open_store(store_url, tmp_path) as service:
        _assert_acknowledged_commands_are_stored(service, acknowledged)
        assert_store_is_consistent(service)


def _assert_acknowledged_commands_are_stored(service: Service, acknowledged: dict[str, str]) -> None:
    with service.log.backend.log.connect() as connection:
        stream_ids = list(connection.execute(select(events.c.stream_id).distinct()).scalars())
    users = {str(user_id): user for user_id, user in service.log.users(stream_ids).items()}
    assert acknowledged.keys() <= users.keys()
    for user_id, command in acknowledged.items():
        first_name = users[user_id].first_name
        if command == "deleted":
            assert first_name is ERASED
        else:
            # A deletion may have been committed before the kill and its acknowledgement lost.
            assert first_name is ERASED or command == "created" or str(first_name).startswith("Ida-")
