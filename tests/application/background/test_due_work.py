"""Due work is recorded once, when it is due, by the first worker that runs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import update

from brugerbog.application.actors import SCHEDULE_ID
from brugerbog.application.background import due_work
from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.projections.positions import positions
from tests.org_driver import OrgDriver, open_org, open_service

A_DAY = timedelta(1)
LINK_ENDS = datetime(2026, 4, 19, 10, tzinfo=UTC)
"""Thirty days after noon of 20 March by the clocks of Copenhagen, where summer time has begun."""


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    """An organisation in a store of its own: the schedule minds all that are in one."""
    with open_org() as org:
        yield org


def recorded(org: OrgDriver, kind: type[Event]) -> list[Event]:
    """The events of this kind, in the log's order."""
    positioned = org.service.log.events_until(org.id, org.clock.now())
    return [event for _, event in positioned if type(event) is kind]


def test_an_unused_link_is_recorded_as_expired(org: OrgDriver) -> None:
    org.create()

    org.clock.set_to(LINK_ENDS - timedelta(microseconds=1))
    assert org.service.run_due() == 0
    org.clock.set_to(LINK_ENDS + timedelta(hours=5))
    assert org.service.run_due() == 1

    (expired,) = recorded(org, User.ActivationLinkExpired)
    assert (expired.effective_at, expired.timestamp) == (LINK_ENDS, LINK_ENDS + timedelta(hours=5))


def test_due_work_is_recorded_with_the_schedule_as_actor(org: OrgDriver) -> None:
    org.create()
    org.clock.set_to(LINK_ENDS)
    org.service.run_due()

    (expired,) = recorded(org, User.ActivationLinkExpired)
    assert (expired.actor, expired.role, expired.door) == (SCHEDULE_ID, Role.SCHEDULE, Door.SCHEDULE)


def test_a_resent_link_expires_thirty_days_later(org: OrgDriver) -> None:
    user_id = org.create()
    org.clock.advance(10 * A_DAY)
    org.administration.resend_activation_mail(org.actor, user_id)

    org.clock.set_to(LINK_ENDS)
    assert org.service.run_due() == 0
    org.clock.advance(10 * A_DAY + timedelta(hours=1))
    assert org.service.run_due() == 1


def test_the_end_of_a_deactivation_is_in_the_history(org: OrgDriver) -> None:
    user_id = org.create_active()
    org.deactivate(user_id, to_date=date(2026, 3, 28))

    org.clock.set_to(date(2026, 3, 31))
    assert org.service.run_due() == 1

    (back,) = recorded(org, User.Reactivated)
    assert back.effective_at == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert org.transactions(user_id)[-1] == "Bruger genaktiveret"
    assert org.show(user_id).status is Status.ACTIVE


def test_personal_data_is_erased_on_its_day(org: OrgDriver) -> None:
    org.administration.change_settings(org.actor, {"erasure_retention_days": 10})
    user_id = org.create("Kirsten")
    org.delete(user_id)
    assert org.show(user_id).first_name == "Kirsten"

    org.clock.set_to(date(2026, 3, 30))
    assert org.service.run_due() == 1

    assert org.show(user_id).first_name == "Slettet bruger"


def test_recorded_work_is_not_due_again(org: OrgDriver) -> None:
    org.create()
    org.clock.set_to(LINK_ENDS)

    assert [org.service.run_due() for _ in range(3)] == [1, 0, 0]


def test_much_due_work_is_recorded_in_batches(org: OrgDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_work, "BATCH", 3)
    org.create_many(8)
    org.clock.set_to(LINK_ENDS + 90 * A_DAY)

    assert org.service.run_due() == 8

    assert {one.effective_at for one in recorded(org, User.ActivationLinkExpired)} == {LINK_ENDS}


@pytest.mark.parametrize("state", ["failed", "rebuilding"])
def test_nothing_is_recorded_while_the_table_is_not_ready(state: str) -> None:
    with open_org() as org:
        org.create()
        org.clock.set_to(LINK_ENDS)
        with org.service.log.backend.read.begin() as connection:
            connection.execute(update(positions).where(positions.c.name == "due").values(state=state))

        assert org.service.run_due() == 0
        assert recorded(org, User.ActivationLinkExpired) == []


def test_two_concurrent_runners_record_each_item_once(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org, open_service(store_url, tmp_path, clock=org.clock) as other:
        org.create_many(20)
        org.clock.set_to(LINK_ENDS)
        told: list[int] = []
        both = [Thread(target=lambda one=one: told.append(one.run_due())) for one in (org.service, other)]
        for one in both:
            one.start()
        for one in both:
            one.join()

        expired = recorded(org, User.ActivationLinkExpired)
        assert len({one.originator_id for one in expired}) == len(expired) == 20
