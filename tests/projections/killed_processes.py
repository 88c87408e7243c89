"""Processes that change read tables until they are killed."""

import os
import signal
import sys
import time
from itertools import count
from pathlib import Path
from random import Random

from brugerbog.projections.catalogue import PROJECTIONS
from tests.org_driver import OrgDriver, open_org
from tests.projections.changed_projections import UppercaseUserList, projections_with

PEOPLE_EACH = 400
"""More than a process imports before it is killed."""


def catch_up_and_be_killed_often(url: str, folder: Path, seed: int, kills: int) -> None:
    """Start a child process that changes a store and kill it at a random moment, `kills` times."""
    chance = Random(seed)
    for turn in range(kills):
        child = os.fork()
        if child == 0:
            _work_for_ever(url, folder, seed * kills + turn)
        time.sleep(chance.random() * 0.5)
        os.kill(child, signal.SIGKILL)
        if os.waitpid(child, 0)[1] != signal.SIGKILL:
            sys.exit("it must die by the kill, not by an error of its own")


def _work_for_ever(url: str, folder: Path, number: int) -> None:
    """Build a changed projection at open, then import, rebuild, create and delete."""
    own = folder / str(number)
    own.mkdir()
    stand_ins = projections_with(UppercaseUserList()) if number % 2 else PROJECTIONS
    with open_org(url, folder, projections=stand_ins) as org:
        chance = Random(number)
        for turn in count():
            _one_turn(org, own, chance.choice(PROJECTIONS).name, PEOPLE_EACH * number + 5 * turn)


def _one_turn(org: OrgDriver, folder: Path, name: str, first: int) -> None:
    people = org.import_people(folder, 5, first=first)
    org.delete(people[0])
    org.service.runner.rebuild(name)
    org.delete(people[1])


def be_killed_while_rebuilding(url: str, folder: Path, name: str) -> None:
    """Rebuild a projection and be killed after its first batch."""
    with open_org(url, folder) as org:
        org.service.runner.rebuild(name, progress=lambda _: os.kill(os.getpid(), signal.SIGKILL))


if __name__ == "__main__":
    catch_up_and_be_killed_often(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
