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
from tests.org_driver import Town, open_service, open_town

A_DAY = timedelta(1)
LINK_ENDS = datetime(2026, 4, 19, 10, tzinfo=UTC)
"""Thirty days after noon of 20 March by the clocks of Copenhagen, where summer time has begun."""


@pytest.fixture
def town() -> Iterator[Town]:
    """A town in a store of its own: the schedule minds all that are in one."""
    with open_town() as town:
        yield town


def recorded(town: Town, kind: type[Event]) -> list[Event]:
    """The events of this kind, in the log's order."""
    positioned = town.service.log.events_until(town.id, town.clock.now())
    return [event for _, event in positioned if type(event) is kind]


def test_an_unused_link_is_recorded_as_expired(town: Town) -> None:
    town.create()

    town.clock.set_to(LINK_ENDS - timedelta(microseconds=1))
    assert town.service.run_due() == 0
    town.clock.set_to(LINK_ENDS + timedelta(hours=5))
    assert town.service.run_due() == 1

    (expired,) = recorded(town, User.ActivationLinkExpired)
    assert (expired.effective_at, expired.timestamp) == (LINK_ENDS, LINK_ENDS + timedelta(hours=5))


def test_due_work_is_recorded_with_the_schedule_as_actor(town: Town) -> None:
    town.create()
    town.clock.set_to(LINK_ENDS)
    town.service.run_due()

    (expired,) = recorded(town, User.ActivationLinkExpired)
    assert (expired.actor, expired.role, expired.door) == (SCHEDULE_ID, Role.SCHEDULE, Door.SCHEDULE)


def test_a_resent_link_expires_thirty_days_later(town: Town) -> None:
    user_id = town.create()
    town.clock.advance(10 * A_DAY)
    town.administration.resend_activation_mail(town.actor, user_id)

    town.clock.set_to(LINK_ENDS)
    assert town.service.run_due() == 0
    town.clock.advance(10 * A_DAY + timedelta(hours=1))
    assert town.service.run_due() == 1


def test_the_end_of_a_deactivation_is_in_the_history(town: Town) -> None:
    user_id = town.create_active()
    town.deactivate(user_id, to_date=date(2026, 3, 28))

    town.clock.set_to(date(2026, 3, 31))
    assert town.service.run_due() == 1

    (back,) = recorded(town, User.Reactivated)
    assert back.effective_at == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert town.transactions(user_id)[-1] == "Bruger genaktiveret"
    assert town.show(user_id).status is Status.ACTIVE


def test_personal_data_is_erased_on_its_day(town: Town) -> None:
    town.administration.change_settings(town.actor, {"erasure_retention_days": 10})
    user_id = town.create("Kirsten")
    town.delete(user_id)
    assert town.show(user_id).first_name == "Kirsten"

    town.clock.set_to(date(2026, 3, 30))
    assert town.service.run_due() == 1

    assert town.show(user_id).first_name == "Slettet bruger"


def test_recorded_work_is_not_due_again(town: Town) -> None:
    town.create()
    town.clock.set_to(LINK_ENDS)

    assert [town.service.run_due() for _ in range(3)] == [1, 0, 0]


def test_much_due_work_is_recorded_in_batches(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_work, "BATCH", 3)
    town.create_many(8)
    town.clock.set_to(LINK_ENDS + 90 * A_DAY)

    assert town.service.run_due() == 8

    assert {one.effective_at for one in recorded(town, User.ActivationLinkExpired)} == {LINK_ENDS}


@pytest.mark.parametrize("state", ["failed", "rebuilding"])
def test_nothing_is_recorded_while_the_table_is_not_ready(state: str) -> None:
    with open_town() as town:
        town.create()
        town.clock.set_to(LINK_ENDS)
        with town.service.log.backend.read.begin() as connection:
            connection.execute(update(positions).where(positions.c.name == "due").values(state=state))

        assert town.service.run_due() == 0
        assert recorded(town, User.ActivationLinkExpired) == []


def test_two_concurrent_runners_record_each_item_once(store_url: str, tmp_path: Path) -> None:
    with open_town(store_url, tmp_path) as town, open_service(store_url, tmp_path, clock=town.clock) as other:
        town.create_many(20)
        town.clock.set_to(LINK_ENDS)
        told: list[int] = []
        both = [Thread(target=lambda one=one: told.append(one.run_due())) for one in (town.service, other)]
        for one in both:
            one.start()
        for one in both:
            one.join()

        expired = recorded(town, User.ActivationLinkExpired)
        assert len({one.originator_id for one in expired}) == len(expired) == 20
