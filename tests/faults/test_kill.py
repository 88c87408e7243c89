"""Promise 1: what was acknowledged is on disk, and a command is whole or not at all."""

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
def at_work(url: str, folder: Path, seed: int) -> Iterator["subprocess.Popen[str]"]:
    """A process running commands, dead at the latest on leaving."""
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
    """What a process acknowledged last of each user, before it was killed at a random moment."""
    chance = random.Random(seed)
    with at_work(url, folder, seed) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(chance.randrange(1, 25))]
        time.sleep(chance.random() * 0.02)
        process.kill()
        told += process.stdout.readlines()
        assert process.wait() == -9, "it must die by the kill, not by an error of its own"
    return {user_id: what for what, user_id in (line.split() for line in told if line.endswith("\n"))}


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, store_url: str, *, full: bool) -> None:
    acknowledged: dict[str, str] = {}
    with office(store_url, tmp_path):
        pass
    for seed in range(1, 201 if full else 5):
        acknowledged |= acknowledged_until_killed(store_url, tmp_path, seed)

    with open_store(store_url, tmp_path) as service:
        _all_acknowledged_is_there(service, acknowledged)
        assert_store_is_consistent(service)


def _all_acknowledged_is_there(service: Service, acknowledged: dict[str, str]) -> None:
    with service.log.backend.log.connect() as connection:
        known = list(connection.execute(select(events.c.stream_id).distinct()).scalars())
    users = {str(user_id): user for user_id, user in service.log.users(known).items()}
    assert acknowledged.keys() <= users.keys()
    for user_id, what in acknowledged.items():
        first_name = users[user_id].first_name
        if what == "deleted":
            assert first_name is ERASED
        else:
            # A deletion of his may have gone through without living to tell.
            assert first_name is ERASED or what == "created" or str(first_name).startswith("Ida-")
