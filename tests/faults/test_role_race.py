"""Two administrators let go of one another from two processes: one who gives roles stays."""

from collections.abc import Callable
from itertools import product
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from uuid import UUID

from brugerbog.application.actors import Actor, operator
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from brugerbog.service import Service
from tests.clock import FrozenClock
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.journeys.test_administrators_race import able, assert_every_actor_held_his_role
from tests.journeys.town import Town
from tests.processes import FORKSERVER, running
from tests.stores import create, open_store, somebody

PATIENCE = 60
CHIEF, CLERK = Role.ORGANISATION_ADMINISTRATOR, Role.USER_ADMINISTRATOR
Pair = tuple[UUID, tuple[UUID, UUID], tuple[str, str]]
"""An organisation, its two administrators, and what each of them is going to do to the other."""

LET_GO: dict[str, Callable[[Service, Actor, UUID], object]] = {
    "take his role": lambda service, me, other: service.administration.take_role(me, other, CHIEF),
    "deactivate": lambda service, me, other: service.administration.deactivate_user(me, other),
    "delete": lambda service, me, other: service.administration.delete_user(me, other),
}


def let_go(
    where: tuple[str, Path],
    pairs: list[Pair],
    mine: int,
    start: Barrier,
    told: "SimpleQueue[list[str]]",
) -> None:
    """Once per pair, let go of the other at the moment in which he lets go of me; tell how each went."""
    outcomes = []
    with open_store(*where) as service:
        for organisation_id, people, deeds in pairs:
            me, other = Actor(people[mine], organisation_id), people[1 - mine]
            start.wait(PATIENCE)
            try:
                LET_GO[deeds[mine]](service, me, other)
                outcomes.append("done")
            except Refusal as refusal:
                outcomes.append(refusal.code)
            except Exception as error:  # noqa: BLE001 - whatever else comes is told, and fails the test
                outcomes.append(f"{type(error).__name__}: {error}")
    told.put(outcomes)


def pair(service: Service, cvr: str, deeds: tuple[str, str]) -> Pair:
    registered = service.administration.register_organisation(operator(), cvr=cvr, name="Prøve A/S")
    actor = operator(registered.subject)
    assert registered.subject is not None
    one, other = (create(service, actor, somebody(serial)) for serial in range(2))
    for user_id, role in product((one, other), (CHIEF, CLERK)):
        service.administration.give_role(actor, user_id, role)
    for user_id in (one, other):
        service.administration.activate_user(actor, user_id)
    return registered.subject, (one, other), deeds


def test_of_two_processes_that_let_go_of_one_another_one_stays(
    tmp_path: Path, store_url: str, *, full: bool
) -> None:
    rounds = 60 if full else 2
    combinations = list(product(LET_GO, repeat=2)) * rounds
    with open_store(store_url, tmp_path) as service:
        pairs = [pair(service, str(90_000_001 + number), deeds) for number, deeds in enumerate(combinations)]
        start, told = FORKSERVER.Barrier(2), FORKSERVER.SimpleQueue()
        with running(2, let_go, lambda mine: ((store_url, tmp_path), pairs, mine, start, told)):
            outcomes = list(zip(told.get(), told.get(), strict=True))

        for (organisation_id, _, deeds), came_of_it in zip(pairs, outcomes, strict=True):
            assert "done" in came_of_it, (deeds, came_of_it)
            assert set(came_of_it) - {"done"} <= {"not_allowed", "last_organisation_administrator"}
            assert len(set(came_of_it)) == 2, (deeds, came_of_it)
            town = Town(service, operator(organisation_id), FrozenClock(service.queries.now()))
            assert len(able(town)) == 1, (deeds, came_of_it)
            assert_every_actor_held_his_role(town)
        assert_log_is_sound(service)
