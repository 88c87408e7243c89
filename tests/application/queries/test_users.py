"""The list of users: filters and order; and a single user."""

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from brugerbog.application.queries.user_list import Sort
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.given import P_NUMBER, SE_NUMBER
from tests.org_driver import BORN, OTHER_P_NUMBER, Town
from tests.people import made_up_cpr

Asked = dict[str, Any]
ONE_DAY = timedelta(1)
TODAY = date(2026, 3, 20)


def test_the_list_is_filtered_by_placement(town: Town, asked: Asked) -> None:
    town.create("P", p_number=P_NUMBER)
    town.create("Both", p_number=P_NUMBER, se_number=SE_NUMBER)
    town.create("Other", p_number=OTHER_P_NUMBER)

    assert town.names(p_number=P_NUMBER, **asked) == ["Both", "P"]
    assert town.names(p_number=P_NUMBER, se_number=SE_NUMBER, **asked) == ["Both"]
    assert town.names(p_number="1000000009", **asked) == []


@pytest.mark.parametrize("place", ["p_number", "se_number"])
@pytest.mark.parametrize("nonsense", ["", "\x00", "\ud800"], ids=ascii)
def test_an_unreadable_placement_matches_no_user(town: Town, asked: Asked, place: str, nonsense: str) -> None:
    town.create()

    assert town.names(**{place: nonsense}, **asked) == []


def test_imported_users_are_a_separate_list_until_sent_to_activation(town: Town, tmp_path: Path) -> None:
    waiting, sent = town.import_people(tmp_path, 2)
    town.create()

    town.administration.send_to_activation(town.actor, sent)

    assert town.ids(imported=True) == town.ids(status=Status.IMPORTED) == [waiting]
    assert town.ids(imported=True, at=town.clock.now()) == [waiting]


def status_of(town: Town, user_id: UUID, **asked: Any) -> Status:  # noqa: ANN401 - any field of UserQuery
    """The status in the list, which must agree with the show and with every filter."""
    (listed,) = [user for user in town.users(**asked) if user.id == user_id]
    assert town.queries.user(town.actor, user_id, at=asked.get("at")) == listed
    for status in Status:
        assert (user_id in town.ids(status=status, **asked)) is (status is listed.status)
    return listed.status


@pytest.mark.parametrize(
    ("instant", "status"),
    [
        ("2026-03-28T22:59:59.999999+00:00", Status.ACTIVE),
        ("2026-03-28T23:00:00+00:00", Status.DEACTIVATED),
        ("2026-03-29T21:59:59.999999+00:00", Status.DEACTIVATED),
        ("2026-03-29T22:00:00+00:00", Status.ACTIVE),
    ],
)
def test_status_is_computed_from_dates_without_a_scheduler(town: Town, instant: str, status: Status) -> None:
    user_id, moment = town.create_active(), datetime.fromisoformat(instant)
    town.deactivate(user_id, date(2026, 3, 29), date(2026, 3, 29))
    foretold = status_of(town, user_id, at=moment)

    town.clock.set_to(moment)

    assert (status_of(town, user_id), foretold) == (status, status)


def test_an_ended_deactivation_is_not_shown(town: Town) -> None:
    user_id = town.create_active()
    town.deactivate(user_id, TODAY + ONE_DAY, TODAY + 2 * ONE_DAY)

    town.clock.set_to(TODAY + 2 * ONE_DAY)
    last_day = town.show(user_id)
    town.clock.set_to(TODAY + 3 * ONE_DAY)

    assert (last_day.deactivated_from, last_day.deactivated_to) == ("2026-03-21", "2026-03-22")
    assert (town.show(user_id).deactivated_from, town.show(user_id).deactivated_to) == (None, None)


def test_a_deactivation_without_end_lasts(town: Town) -> None:
    user_id = town.create_active()
    town.deactivate(user_id, TODAY + ONE_DAY)

    assert status_of(town, user_id) is Status.ACTIVE
    town.clock.set_to(date(2100, 1, 1))
    assert status_of(town, user_id) is Status.DEACTIVATED


def test_users_are_sorted_by_name_in_danish_order(town: Town, asked: Asked) -> None:
    ordered = ["Anna", "Bo", "Zoë", "Ægir", "Østen", "Aage", "Åse"]
    for name in Random(7).sample(ordered, len(ordered)):
        town.create(name)

    assert town.names(**asked) == ordered


def test_users_of_equal_first_names_are_sorted_by_surname(town: Town, asked: Asked) -> None:
    ordered = ["Bo", "Ø", "Aa", "Åb", "Aal"]
    for surname in reversed(ordered):
        town.create("Ib", surname)

    assert [user.surname for user in town.users(**asked)] == ordered


def test_the_newest_user_is_last_by_creation(town: Town, asked: Asked) -> None:
    created = []
    for name in ("C", "A", "B"):
        town.clock.advance()
        created.append(town.create(name))

    assert town.ids(sort=Sort.CREATED, **asked) == created


def test_users_are_sorted_by_status_in_order_of_the_life_cycle(town: Town, tmp_path: Path) -> None:
    deactivated = town.create_active("A")
    town.deactivate(deactivated)
    active, pending = town.create_active("B"), town.create("C")
    (imported,) = town.import_people(tmp_path, 1)

    for asked in ({}, {"at": town.clock.now()}):
        assert town.ids(sort=Sort.STATUS, **asked) == [imported, pending, active, deactivated]


def test_the_order_by_status_changes_on_the_day_of_a_deactivation(town: Town) -> None:
    away, here = town.create_active("A"), town.create_active("B")
    town.deactivate(away, TODAY + ONE_DAY, TODAY + ONE_DAY)
    orders = []
    for days in range(3):
        town.clock.set_to(TODAY + days * ONE_DAY)
        orders.append(town.ids(sort=Sort.STATUS))

    assert orders == [[away, here], [here, away], [away, here]]


def test_a_single_user_equals_the_user_in_the_list(seen_town: Town) -> None:
    now = seen_town.clock.now()

    for user in seen_town.users():
        assert seen_town.show(user.id) == seen_town.queries.user(seen_town.actor, user.id, at=now) == user


def test_an_unknown_id_and_the_organisations_id_are_unknown_users(town: Town, asked: Asked) -> None:
    for stranger in (uuid4(), town.id):
        with pytest.raises(UserUnknown):
            town.queries.user(town.actor, stranger, **asked)


def test_an_erased_user_is_shown_without_personal_data(town: Town) -> None:
    user_id = town.create_active(
        p_number=P_NUMBER, means=(Means.APP,), cpr=made_up_cpr(BORN, 0), phone="12345678"
    )
    living = town.clock.now()
    town.clock.advance()
    town.delete(user_id)

    gone, then = town.show(user_id), town.queries.user(town.actor, user_id, at=living)

    assert (gone.status, then.status) == (Status.DELETED, Status.ACTIVE)
    for shown in (gone, then):
        assert (shown.first_name, shown.surname) == ("Slettet bruger", "")
        assert (shown.p_number, shown.means) == (P_NUMBER, ["app"])
        assert {shown.email, shown.phone, shown.cpr_masked, shown.date_of_birth} == {None}


def test_a_deleted_user_has_a_name_until_erasure(town: Town) -> None:
    town.administration.change_settings(town.actor, {"erasure_retention_days": 30})
    user_id = town.create()
    living = town.clock.now()
    town.clock.advance()
    town.delete(user_id)

    assert (town.show(user_id).status, town.show(user_id).first_name) == (Status.DELETED, "Ida")
    assert town.names(at=living) == ["Ida"]
    assert town.users() == town.users(at=town.clock.now()) == []
