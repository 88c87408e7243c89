"""What processes of their own do while a test races, follows or kills them.

Apart from the tests, so that a process starts without pytest.
"""

import os
import random
import signal
import sys
from datetime import timedelta
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from uuid import UUID

from brugerbog.application.commands.user_input import UserEdits
from brugerbog.application.refusals.requests import CprInUse
from brugerbog.domain.values.means import Means
from brugerbog.infrastructure.event_store.log import BrugerbogLog
from brugerbog.infrastructure.keys.user_keys import UserKeyRing
from brugerbog.infrastructure.projections.runner import ProjectionRunner
from tests.people import made_up_cpr
from tests.stores import BORN, create, open_store, somebody

Outcome = tuple[str, UUID | str]
PATIENCE = 60


def race_for_one_cpr(
    url: str, folder: Path, rounds: int, start: Barrier, told: "SimpleQueue[list[Outcome]]"
) -> None:
    """Once per round, create the same person at the same moment as all the others; tell how each went."""
    outcomes: list[Outcome] = []
    with open_store(url, folder) as service:
        actor = service.operator()
        for serial in range(rounds):
            start.wait(PATIENCE)
            try:
                outcomes.append(("won", create(service, actor, somebody(serial))))
            except CprInUse as lost:
                outcomes.append(("lost to", lost.user_id))
            except Exception as error:  # noqa: BLE001 - whatever else comes is told, and fails the test
                outcomes.append(("broke", f"{type(error).__name__}: {error}"))
    told.put(outcomes)


def append(url: str, folder: Path, first: int, count: int, start: Barrier) -> None:
    """Create so many users, from that serial number on."""
    with open_store(url, folder) as service:
        actor = service.operator()
        start.wait(PATIENCE)
        for serial in range(first, first + count):
            create(service, actor, somebody(serial, means=(Means.APP,)))


def work_until_killed(url: str, folder: Path, seed: int) -> None:
    """Create, edit and delete users, telling each once it is acknowledged, until the end."""
    chance = random.Random(seed)
    with open_store(url, folder) as service:
        actor = service.operator()
        living: list[UUID] = []
        for serial in range(3000):
            cpr = made_up_cpr(BORN + timedelta(days=seed), serial)
            living.append(create(service, actor, somebody(serial, cpr=cpr, means=(Means.APP,))))
            _tell("created", living[-1])
            if chance.random() < 0.3:
                user_id = chance.choice(living)
                edits = UserEdits(first_name=f"Ida-{serial}")
                service.administration.edit_user(actor, user_id, edits)
                _tell("renamed", user_id)
            if chance.random() < 0.3:
                user_id = living.pop(chance.randrange(len(living)))
                service.administration.delete_user(actor, user_id)
                _tell("deleted", user_id)


def be_killed_while_deleting(url: str, folder: Path, user_id: UUID, cut: str) -> None:
    """Delete somebody, and be killed at that cut of the erasure."""
    room, step = {
        "after the log": (BrugerbogLog, "pending_erasures"),
        "before his key": (UserKeyRing, "destroy"),
        "before the read tables": (ProjectionRunner, "catch_up"),
        "before the end": (BrugerbogLog, "erasures_done"),
    }[cut]
    with open_store(url, folder) as service:
        actor = service.operator()
        setattr(room, step, _killed)
        service.administration.delete_user(actor, user_id)


def be_killed_with_the_key_gone(url: str, folder: Path, user_id: UUID) -> None:
    """Delete somebody, and be killed once his key is destroyed and before that is noted."""
    destroy = UserKeyRing.destroy

    def destroy_and_die(keys: UserKeyRing, user_ids: list[UUID]) -> None:
        destroy(keys, user_ids)
        _killed()

    with open_store(url, folder) as service:
        actor = service.operator()
        UserKeyRing.destroy = destroy_and_die  # type: ignore[method-assign,assignment]
        service.administration.delete_user(actor, user_id)


def _killed(*_: object) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def _tell(what: str, user_id: UUID) -> None:
    sys.stdout.write(f"{what} {user_id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work_until_killed(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
