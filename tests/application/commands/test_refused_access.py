"""Refused even with roles: other organisations, unknown links, permissions of other actors."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from brugerbog.application.actors import SCHEDULE_ID, Actor
from brugerbog.application.commands.self_service import SelfService
from brugerbog.application.commands.user_input import NewUser
from brugerbog.application.mail.outbox import MailState
from brugerbog.application.queries.mail import MailNotWaiting
from brugerbog.application.refusals.requests import NotAllowed, OrganisationUnknown
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.user.links import LinkUnknown
from brugerbog.domain.values.means import Means
from tests.application.catalogue import EVERYTHING
from tests.given import proved_identity
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

COMPLAINTS = "brugerbog.refusals"


class Trial:
    """An identity proof that is none: a stand-in for a MitID broker."""

    def proved(self) -> Any:  # noqa: ANN401 - a ProvedIdentity
        return proved_identity()


BY_LINK: dict[str, Callable[[SelfService, str], object]] = {
    "open_activation": lambda self_service, token: self_service.open_activation(token),
    "open_means": lambda self_service, token: self_service.open_means(token),
    "confirm_identity": lambda self_service, token: self_service.confirm_identity(token, Trial()),
    "enter_code": lambda self_service, token: self_service.enter_code(token, "ABCD"),
    "order_means": lambda self_service, token: self_service.order_means(token, Means.CHIP),
    "activate": lambda self_service, token: self_service.activate(token),
    "take_means": lambda self_service, token: self_service.take_means(token, [Means.APP]),
}


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The complaints so far."""
    caplog.set_level(logging.INFO, COMPLAINTS)
    return lambda: [record.getMessage() for record in caplog.records if record.name == COMPLAINTS]


def recorded(org: OrgDriver) -> int:
    return org.service.log.recorder.max_notification_id() or 0


def with_every_role(org: OrgDriver) -> OrgDriver:
    """Somebody who may do all that an organisation gives roles for."""
    user_id = org.create_active("Alle")
    for role in ASSIGNABLE_ROLES:
        org.administration.give_role(org.actor, user_id, role)
    return org.seen_by(user_id)


def test_every_way_in_by_link_is_tried_here() -> None:
    assert BY_LINK.keys() == {name for name in dir(SelfService) if not name.startswith("_")}


@pytest.mark.parametrize("way", BY_LINK)
@pytest.mark.parametrize("token", ["guessed", "", "\ud800", "æ" * 10_000], ids=ascii)
def test_what_a_link_opens_stays_closed_to_a_guess(org: OrgDriver, way: str, token: str) -> None:
    before = recorded(org)

    with pytest.raises(LinkUnknown):
        BY_LINK[way](org.service.self_service, token)

    assert recorded(org) == before


@pytest.mark.parametrize("organisation_id", [None, UUID(int=1)])
@pytest.mark.parametrize("name", EVERYTHING)
def test_no_actor_may_do_anything_in_another_organisation(
    org: OrgDriver, heard: Callable[[], list[str]], name: str, organisation_id: UUID | None
) -> None:
    administrator = with_every_role(org).actor
    before = recorded(org)

    with pytest.raises((NotAllowed, OrganisationUnknown)):
        EVERYTHING[name].call(
            OrgDriver(org.service, Actor(administrator.id, organisation_id), org.clock), uuid4(), None
        )

    assert (recorded(org), len(heard())) == (before, 1)


@pytest.mark.parametrize("name", EVERYTHING)
def test_no_actor_can_be_the_schedule(org: OrgDriver, name: str) -> None:
    with pytest.raises(NotAllowed):
        EVERYTHING[name].call(org.seen_by(SCHEDULE_ID), uuid4(), None)


def test_another_organisations_mail_is_not_sent_again(org: OrgDriver, neighbours: OrgDriver) -> None:
    neighbours.create()
    (mail,) = neighbours.queries.mails(neighbours.actor, MailState.WAITING)

    with pytest.raises(MailNotWaiting):
        org.queries.retry_mail(with_every_role(org).actor, mail.id)


@pytest.mark.parametrize("given", [{"rights": ("r1",)}, {"can_sign": True}, {"sealing_profiles": ("p1",)}])
def test_rights_at_creation_need_the_permission_to_grant_them(
    org: OrgDriver, heard: Callable[[], list[str]], given: dict[str, Any]
) -> None:
    clerk = org.create_active("Bo")
    org.administration.give_role(org.actor, clerk, Role.USER_ADMINISTRATOR)
    new = NewUser(first_name="Ny", surname="P", email="n@by.test", cpr=made_up_cpr(BORN, 0), **given)
    before = recorded(org)

    with pytest.raises(NotAllowed) as refusal:
        org.administration.create_user(Actor(clerk, org.id), new)
    assert (refusal.value.command, recorded(org), len(heard())) == ("grant_rights", before, 1)

    org.administration.give_role(org.actor, clerk, Role.RIGHTS_ADMINISTRATOR)
    created = org.administration.create_user(Actor(clerk, org.id), new).subject
    assert created is not None
    shown = org.show(created)
    assert shown.rights or shown.can_sign or shown.sealing_profiles
