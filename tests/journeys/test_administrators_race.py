"""Two administrators who remove each other at the same time: one of them remains, on both engines."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID

import pytest

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from tests.org_driver import OrgDriver, open_org, open_service, register_org

CHIEF, CLERK = Role.ORGANISATION_ADMINISTRATOR, Role.USER_ADMINISTRATOR
ROUNDS = 4


def take_role(org: OrgDriver, other: OrgDriver) -> None:
    org.administration.take_role(org.actor, other.actor.id, CHIEF)


def deactivate(org: OrgDriver, other: OrgDriver) -> None:
    org.deactivate(other.actor.id)


def delete(org: OrgDriver, other: OrgDriver) -> None:
    org.delete(other.actor.id)


def administrator(org: OrgDriver, name: str) -> OrgDriver:
    user_id = org.create_active(name, email=f"{name}@by.test")
    for role in (CHIEF, CLERK):
        org.administration.give_role(org.actor, user_id, role)
    return org.seen_by(user_id)


def at_once(*commands: Callable[[], None]) -> list[str]:
    """Execute the commands at the same time; return the codes of refusals."""
    start, refused = Barrier(len(commands)), list[str]()

    def do(command: Callable[[], None]) -> None:
        start.wait()
        try:
            command()
        except Refusal as refusal:
            refused.append(refusal.code)

    threads = [Thread(target=do, args=(command,)) for command in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.parametrize("remove", [take_role, deactivate, delete])
def test_of_two_administrators_who_remove_each_other_one_remains(
    remove: Callable[[OrgDriver, OrgDriver], None], store_url: str, tmp_path: Path
) -> None:
    with open_org(store_url, tmp_path) as first, open_service(store_url, tmp_path, clock=first.clock) as two:
        for turn in range(ROUNDS):
            org = register_org(first.service, first.clock, cvr=str(90000010 + turn))
            one, other = administrator(org, "ida"), administrator(org, "bo")
            elsewhere = OrgDriver(two, other.actor, org.clock)
            refused = at_once(partial(remove, one, elsewhere), partial(remove, elsewhere, one))

            assert len(refused) == 1
            assert refused[0] in {"not_allowed", "last_organisation_administrator"}
            assert len(active_administrators(org)) == 1
            assert_every_actor_held_their_role(org)


def active_administrators(org: OrgDriver) -> list[UUID]:
    """Return the active organisation administrators."""
    holders = [user_id for user_id, role in org.queries.roles(org.actor) if role is CHIEF]
    return [user_id for user_id in holders if org.show(user_id).status is Status.ACTIVE]


def assert_every_actor_held_their_role(org: OrgDriver) -> None:
    """Check at every position of the log that the actor held their role and was active."""
    held: dict[object, set[str]] = {}
    users: dict[object, User | None] = {}
    for _, event in org.service.log.events_until(org.id, org.clock.now()):
        if event.role in set(map(str, (CHIEF, CLERK))):
            actor = users[event.actor]
            assert event.role in held[event.actor]
            assert actor is not None
            assert actor.status_at(event.timestamp) is Status.ACTIVE
        if isinstance(event, Organisation.RoleGiven):
            held.setdefault(event.user_id, set()).add(event.role_given)
        elif isinstance(event, Organisation.RoleTaken):
            held[event.user_id].discard(event.role_taken)
        elif not isinstance(event, Organisation.Event):
            users[event.originator_id] = event.mutate(users.get(event.originator_id))
