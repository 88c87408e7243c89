"""Programs of processes that a test races, follows or kills; without pytest, so that they start quickly."""

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
    url: str, folder: Path, rounds: int, start: Barrier, results: "SimpleQueue[list[Outcome]]"
) -> None:
    """Create the same user as all other processes once per round; put the outcomes into `results`."""
    outcomes: list[Outcome] = []
    with open_store(url, folder) as service:
        actor = service.operator()
        for serial in range(rounds):
            start.wait(PATIENCE)
            try:
                outcomes.append(("won", create(service, actor, somebody(serial))))
            except CprInUse as lost:
                outcomes.append(("lost to", lost.user_id))
            except Exception as error:  # noqa: BLE001 - any other outcome is reported, and fails the test
                outcomes.append(("broke", f"{type(error).__name__}: {error}"))
    results.put(outcomes)


def append(url: str, folder: Path, first: int, count: int, start: Barrier) -> None:
    """Create `count` users with the serial numbers from `first` on."""
    with open_store(url, folder) as service:
        actor = service.operator()
        start.wait(PATIENCE)
        for serial in range(first, first + count):
            create(service, actor, somebody(serial, means=(Means.APP,)))


def work_until_killed(url: str, folder: Path, seed: int) -> None:
    """Create, edit and delete users; write a line for each command once it has returned."""
    rng = random.Random(seed)
    with open_store(url, folder) as service:
        actor = service.operator()
        present: list[UUID] = []
        for serial in range(3000):
            cpr = made_up_cpr(BORN + timedelta(days=seed), serial)
            present.append(create(service, actor, somebody(serial, cpr=cpr, means=(Means.APP,))))
            _acknowledge("created", present[-1])
            if rng.random() < 0.3:
                user_id = rng.choice(present)
                edits = UserEdits(first_name=f"Ida-{serial}")
                service.administration.edit_user(actor, user_id, edits)
                _acknowledge("renamed", user_id)
            if rng.random() < 0.3:
                user_id = present.pop(rng.randrange(len(present)))
                service.administration.delete_user(actor, user_id)
                _acknowledge("deleted", user_id)


def delete_and_be_killed(url: str, folder: Path, user_id: UUID, kill_at: str) -> None:
    """Delete a user; the process is killed at a point of the erasure."""
    owner, function = {
        "after the log": (BrugerbogLog, "pending_erasures"),
        "before the key": (UserKeyRing, "destroy"),
        "before the read tables": (ProjectionRunner, "catch_up"),
        "before the end": (BrugerbogLog, "erasures_done"),
    }[kill_at]
    with open_store(url, folder) as service:
        actor = service.operator()
        setattr(owner, function, _kill_self)
        service.administration.delete_user(actor, user_id)


def be_killed_after_key_destruction(url: str, folder: Path, user_id: UUID) -> None:
    """Delete a user; the process is killed once the key is destroyed and before that is recorded."""
    destroy = UserKeyRing.destroy

    def destroy_and_die(keys: UserKeyRing, user_ids: list[UUID]) -> None:
        destroy(keys, user_ids)
        _kill_self()

    with open_store(url, folder) as service:
        actor = service.operator()
        UserKeyRing.destroy = destroy_and_die  # type: ignore[method-assign,assignment]
        service.administration.delete_user(actor, user_id)


def _kill_self(*_: object) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def _acknowledge(command: str, user_id: UUID) -> None:
    sys.stdout.write(f"{command} {user_id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work_until_killed(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
