"""Promise 9: each command and query by each role, in each organisation, by the table of permissions."""

import inspect
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.commands.administration import Administration
from brugerbog.application.commands.authorization import PERMISSIONS, sufficient_roles
from brugerbog.application.queries.queries import Queries
from brugerbog.application.refusals.requests import NotAllowed
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.organisation.clients import CLIENT_ROLES
from tests.application.catalogue import COMMANDS, EVERYTHING, QUESTIONS, QUESTIONS_ON_A_USER
from tests.application.catalogue import COMMANDS_ON_A_USER as ON_A_USER
from tests.org_driver import OrgDriver, open_org, register_org

ANYBODY = frozenset({Role.USER})
NOBODY: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Cast:
    """An organisation with its actors: each by a description, with the roles that count."""

    org: OrgDriver
    actors: dict[str, tuple[Actor, frozenset[Role]]]
    stranger: OrgDriver


@pytest.fixture(scope="module")
def cast() -> Iterator[Cast]:
    with open_org() as org:
        give = org.administration.give_role
        actors = {"the operator": (org.actor, frozenset({Role.OPERATOR}))}
        for role in ASSIGNABLE_ROLES:
            user_id = org.create_active(role.value, email=f"{role}@by.test")
            give(org.actor, user_id, role)
            actors[f"a {role}"] = (org.seen_by(user_id).actor, ANYBODY | {role})
        for role in CLIENT_ROLES:
            made = org.administration.create_client(org.actor, role.value, [role])
            assert made.subject is not None
            actors[f"a system as {role}"] = (org.seen_by(made.subject).actor, frozenset({role}))
        revoked = org.administration.create_client(org.actor, "Gammel", CLIENT_ROLES).subject
        assert revoked is not None
        org.administration.revoke_client(org.actor, revoked)
        actors["a system that is revoked"] = (org.seen_by(revoked).actor, NOBODY)
        actors["a user without a role"] = (org.seen_by(org.create_active("Uden")).actor, ANYBODY)
        for name in ("pending", "deactivated", "deleted"):
            user_id = org.create(name) if name == "pending" else org.create_active(name)
            for role in ASSIGNABLE_ROLES:
                give(org.actor, user_id, role)
            actors[f"one with every role who is {name}"] = (org.seen_by(user_id).actor, NOBODY)
        deactivated, deleted = (
            actors[f"one with every role who is {name}"][0].id for name in ("deactivated", "deleted")
        )
        org.deactivate(deactivated)
        org.delete(deleted)
        actors["nobody known"] = (Actor(uuid4(), org.id), NOBODY)
        other = register_org(org.service, org.clock, cvr="90000002")
        stranger = other.create_active("Fremmed")
        for role in ASSIGNABLE_ROLES:
            other.administration.give_role(other.actor, stranger, role)
        actors["one with every role elsewhere"] = (Actor(stranger, org.id), NOBODY)
        yield Cast(org, actors, other.seen_by(stranger))


def position(org: OrgDriver) -> int:
    return org.service.runner.catch_up()


def public(of: type) -> set[str]:
    return {name for name, one in inspect.getmembers(of, inspect.isfunction) if not name.startswith("_")}


def test_every_command_and_every_question_is_tried() -> None:
    assert public(Administration) - {"only_if"} == COMMANDS.keys()
    assert public(Queries) - {"now", "position"} == QUESTIONS.keys()


def test_every_line_of_the_table_is_tried() -> None:
    assert {operation.permission for operation in EVERYTHING.values()} == PERMISSIONS.keys()


@pytest.mark.parametrize("name", EVERYTHING)
def test_each_does_what_the_table_says_and_nothing_else(
    name: str, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    operation = EVERYTHING[name]
    caplog.set_level(logging.INFO, "brugerbog.refusals")
    for who, (actor, roles) in cast.actors.items():
        subject = cast.org.create_active("Ida", email=f"{uuid4().hex}@by.test")
        before = position(cast.org)
        caplog.clear()
        allowed = True
        try:
            operation.call(OrgDriver(cast.org.service, actor, cast.org.clock), subject, None)
        except NotAllowed:
            allowed = False
            assert position(cast.org) == before, who
            assert f"command={operation.permission}" in caplog.text, who
            assert str(actor.id) in caplog.text, who
        except (Refusal, FileNotFoundError):
            pass
        sufficient = sufficient_roles(operation.permission, client=who.startswith("a system"))
        assert allowed is bool(roles & sufficient), who


@pytest.mark.parametrize("name", [*ON_A_USER, "take_role", "send_many_to_activation", *QUESTIONS_ON_A_USER])
def test_who_may_everything_at_home_comes_no_nearer_to_the_users_of_others(
    name: str, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    subject = cast.org.create_active("Ida", email=f"{uuid4().hex}@by.test")
    before = position(cast.org)
    caplog.set_level(logging.INFO, "brugerbog.refusals")
    with pytest.raises(Refusal) as refused:
        EVERYTHING[name].call(cast.stranger, subject, None)
    assert refused.value.code in {"user_unknown", "not_allowed"}
    assert position(cast.org) == before
    assert refused.value.code in caplog.text
