"""Two processes remove two administrators at the same time: an organisation administrator remains."""

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
from tests.journeys.test_administrators_race import active_administrators, assert_every_actor_held_their_role
from tests.org_driver import OrgDriver
from tests.processes import FORKSERVER, running
from tests.stores import create, open_store, somebody

PATIENCE = 60
CHIEF, CLERK = Role.ORGANISATION_ADMINISTRATOR, Role.USER_ADMINISTRATOR
Pair = tuple[UUID, tuple[UUID, UUID], tuple[str, str]]
"""An organisation, its two administrators, and the command of each about the other."""

REMOVALS: dict[str, Callable[[Service, Actor, UUID], object]] = {
    "take the role": lambda service, me, other: service.administration.take_role(me, other, CHIEF),
    "deactivate": lambda service, me, other: service.administration.deactivate_user(me, other),
    "delete": lambda service, me, other: service.administration.delete_user(me, other),
}


def remove_each_other(
    where: tuple[str, Path],
    pairs: list[Pair],
    own: int,
    start: Barrier,
    results: "SimpleQueue[list[str]]",
) -> None:
    """For each pair, remove the other administrator while they remove this one; report outcomes."""
    outcomes = []
    with open_store(*where) as service:
        for organisation_id, people, commands in pairs:
            me, other = Actor(people[own], organisation_id), people[1 - own]
            start.wait(PATIENCE)
            try:
                REMOVALS[commands[own]](service, me, other)
                outcomes.append("done")
            except Refusal as refusal:
                outcomes.append(refusal.code)
            except Exception as error:  # noqa: BLE001 - any other outcome is reported, and fails the test
                outcomes.append(f"{type(error).__name__}: {error}")
    results.put(outcomes)


def pair(service: Service, cvr: str, commands: tuple[str, str]) -> Pair:
    registered = service.administration.register_organisation(operator(), cvr=cvr, name="Prøve A/S")
    actor = operator(registered.subject)
    assert registered.subject is not None
    one, other = (create(service, actor, somebody(serial)) for serial in range(2))
    for user_id, role in product((one, other), (CHIEF, CLERK)):
        service.administration.give_role(actor, user_id, role)
    for user_id in (one, other):
        service.administration.activate_user(actor, user_id)
    return registered.subject, (one, other), commands


def test_of_two_administrators_who_remove_each_other_in_two_processes_one_remains(
    tmp_path: Path, store_url: str, *, full: bool
) -> None:
    rounds = 60 if full else 2
    combinations = list(product(REMOVALS, repeat=2)) * rounds
    with open_store(store_url, tmp_path) as service:
        pairs = [
            pair(service, str(90_000_001 + number), commands) for number, commands in enumerate(combinations)
        ]
        start, results = FORKSERVER.Barrier(2), FORKSERVER.SimpleQueue()
        with running(2, remove_each_other, lambda own: ((store_url, tmp_path), pairs, own, start, results)):
            outcomes = list(zip(results.get(), results.get(), strict=True))

        for (organisation_id, _, commands), outcome in zip(pairs, outcomes, strict=True):
            assert "done" in outcome, (commands, outcome)
            assert set(outcome) - {"done"} <= {"not_allowed", "last_organisation_administrator"}
            assert len(set(outcome)) == 2, (commands, outcome)
            org = OrgDriver(service, operator(organisation_id), FrozenClock(service.queries.now()))
            assert len(active_administrators(org)) == 1, (commands, outcome)
            assert_every_actor_held_their_role(org)
        assert_log_is_sound(service)
