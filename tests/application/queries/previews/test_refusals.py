"""What is foreseen of a command on many users is what becomes of each, and asking changes nothing."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from tests.org_driver import OrgDriver, open_org, register_org

FAR = date(2030, 1, 1)


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    with open_org() as org:
        yield org


def people(org: OrgDriver) -> list[UUID]:
    """Users of each kind; the last one is the acting user."""
    pending, active, away, deleted = (
        org.create("Pia"),
        *(org.create_active(name, email=f"{name}@by.test") for name in ("Ada", "Bo", "Dan")),
    )
    chief = org.create_active("Ole", email="ole@by.test")
    org.administration.give_role(org.actor, chief, Role.ORGANISATION_ADMINISTRATOR)
    asks = org.create_active("Ib", email="ib@by.test")
    org.administration.give_role(org.actor, asks, Role.USER_ADMINISTRATOR)
    org.deactivate(away)
    org.delete(deleted)
    return [pending, active, away, deleted, chief, asks]


def code(refusal: Refusal | None) -> str | None:
    return refusal and refusal.code


def becomes(deed: Callable[[], Any]) -> str | None:
    try:
        deed()
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("question", "command", "said"),
    [
        ("resending", "resend_activation_mail", {}),
        ("deactivating", "deactivate_user", {}),
        ("deactivating", "deactivate_user", {"from_date": FAR, "to_date": FAR + timedelta(9)}),
        ("deactivating", "deactivate_user", {"from_date": FAR, "to_date": FAR - timedelta(1)}),
        ("deactivating", "deactivate_user", {"from_date": date(2020, 1, 1)}),
        ("deleting", "delete_user", {}),
    ],
)
def test_the_previewed_refusal_is_the_refusal_of_the_command(
    org: OrgDriver, question: str, command: str, said: dict[str, date]
) -> None:
    everybody = people(org)
    asks = org.seen_by(everybody[-1])
    before = org.service.runner.catch_up()
    foreseen = getattr(org.queries, question)(asks.actor, everybody, **said)
    assert org.service.runner.catch_up() == before
    happened = {
        one: becomes(lambda one=one: getattr(org.administration, command)(asks.actor, one, **said))
        for one in everybody
    }
    assert {one: code(refusal) for one, refusal in foreseen.items()} == happened
    assert len(set(happened.values())) > 1


def test_the_preview_has_the_refusal_of_each_user(org: OrgDriver) -> None:
    *_, chief, asks = everybody = people(org)
    foreseen = org.queries.deleting(org.seen_by(asks).actor, everybody)
    assert code(foreseen[chief]) == "last_organisation_administrator"
    assert code(foreseen[asks]) == "cannot_delete_oneself"


def test_a_user_of_another_organisation_is_unknown(org: OrgDriver) -> None:
    other = register_org(org.service, org.clock, cvr="90000002")
    for user_id in (other.create(), uuid4()):
        with pytest.raises(UserUnknown):
            org.queries.deleting(org.actor, [user_id])
