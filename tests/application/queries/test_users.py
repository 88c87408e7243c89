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
from tests.org_driver import BORN, OTHER_P_NUMBER, OrgDriver
from tests.people import made_up_cpr

Asked = dict[str, Any]
ONE_DAY = timedelta(1)
TODAY = date(2026, 3, 20)


def test_the_list_is_filtered_by_placement(org: OrgDriver, asked: Asked) -> None:
    org.create("P", p_number=P_NUMBER)
    org.create("Both", p_number=P_NUMBER, se_number=SE_NUMBER)
    org.create("Other", p_number=OTHER_P_NUMBER)

    assert org.names(p_number=P_NUMBER, **asked) == ["Both", "P"]
    assert org.names(p_number=P_NUMBER, se_number=SE_NUMBER, **asked) == ["Both"]
    assert org.names(p_number="1000000009", **asked) == []


@pytest.mark.parametrize("place", ["p_number", "se_number"])
@pytest.mark.parametrize("nonsense", ["", "\x00", "\ud800"], ids=ascii)
def test_an_unreadable_placement_matches_no_user(
    org: OrgDriver, asked: Asked, place: str, nonsense: str
) -> None:
    org.create()

    assert org.names(**{place: nonsense}, **asked) == []


def test_imported_users_are_a_separate_list_until_sent_to_activation(org: OrgDriver, tmp_path: Path) -> None:
    waiting, sent = org.import_people(tmp_path, 2)
    org.create()

    org.administration.send_to_activation(org.actor, sent)

    assert org.ids(imported=True) == org.ids(status=Status.IMPORTED) == [waiting]
    assert org.ids(imported=True, at=org.clock.now()) == [waiting]


def status_of(org: OrgDriver, user_id: UUID, **asked: Any) -> Status:  # noqa: ANN401 - any field of UserQuery
    """The status in the list, which must agree with the show and with every filter."""
    (listed,) = [user for user in org.users(**asked) if user.id == user_id]
    assert org.queries.user(org.actor, user_id, at=asked.get("at")) == listed
    for status in Status:
        assert (user_id in org.ids(status=status, **asked)) is (status is listed.status)
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
def test_status_is_computed_from_dates_without_a_scheduler(
    org: OrgDriver, instant: str, status: Status
) -> None:
    user_id, moment = org.create_active(), datetime.fromisoformat(instant)
    org.deactivate(user_id, date(2026, 3, 29), date(2026, 3, 29))
    foretold = status_of(org, user_id, at=moment)

    org.clock.set_to(moment)

    assert (status_of(org, user_id), foretold) == (status, status)


def test_an_ended_deactivation_is_not_shown(org: OrgDriver) -> None:
    user_id = org.create_active()
    org.deactivate(user_id, TODAY + ONE_DAY, TODAY + 2 * ONE_DAY)

    org.clock.set_to(TODAY + 2 * ONE_DAY)
    last_day = org.show(user_id)
    org.clock.set_to(TODAY + 3 * ONE_DAY)

    assert (last_day.deactivated_from, last_day.deactivated_to) == ("2026-03-21", "2026-03-22")
    assert (org.show(user_id).deactivated_from, org.show(user_id).deactivated_to) == (None, None)


def test_a_deactivation_without_end_lasts(org: OrgDriver) -> None:
    user_id = org.create_active()
    org.deactivate(user_id, TODAY + ONE_DAY)

    assert status_of(org, user_id) is Status.ACTIVE
    org.clock.set_to(date(2100, 1, 1))
    assert status_of(org, user_id) is Status.DEACTIVATED


def test_users_are_sorted_by_name_in_danish_order(org: OrgDriver, asked: Asked) -> None:
    ordered = ["Anna", "Bo", "Zoë", "Ægir", "Østen", "Aage", "Åse"]
    for name in Random(7).sample(ordered, len(ordered)):
        org.create(name)

    assert org.names(**asked) == ordered


def test_users_of_equal_first_names_are_sorted_by_surname(org: OrgDriver, asked: Asked) -> None:
    ordered = ["Bo", "Ø", "Aa", "Åb", "Aal"]
    for surname in reversed(ordered):
        org.create("Ib", surname)

    assert [user.surname for user in org.users(**asked)] == ordered


def test_the_newest_user_is_last_by_creation(org: OrgDriver, asked: Asked) -> None:
    created = []
    for name in ("C", "A", "B"):
        org.clock.advance()
        created.append(org.create(name))

    assert org.ids(sort=Sort.CREATED, **asked) == created


def test_users_are_sorted_by_status_in_order_of_the_life_cycle(org: OrgDriver, tmp_path: Path) -> None:
    deactivated = org.create_active("A")
    org.deactivate(deactivated)
    active, pending = org.create_active("B"), org.create("C")
    (imported,) = org.import_people(tmp_path, 1)

    for asked in ({}, {"at": org.clock.now()}):
        assert org.ids(sort=Sort.STATUS, **asked) == [imported, pending, active, deactivated]


def test_the_order_by_status_changes_on_the_day_of_a_deactivation(org: OrgDriver) -> None:
    away, here = org.create_active("A"), org.create_active("B")
    org.deactivate(away, TODAY + ONE_DAY, TODAY + ONE_DAY)
    orders = []
    for days in range(3):
        org.clock.set_to(TODAY + days * ONE_DAY)
        orders.append(org.ids(sort=Sort.STATUS))

    assert orders == [[away, here], [here, away], [away, here]]


def test_a_single_user_equals_the_user_in_the_list(seen_org: OrgDriver) -> None:
    now = seen_org.clock.now()

    for user in seen_org.users():
        assert seen_org.show(user.id) == seen_org.queries.user(seen_org.actor, user.id, at=now) == user


def test_an_unknown_id_and_the_organisations_id_are_unknown_users(org: OrgDriver, asked: Asked) -> None:
    for stranger in (uuid4(), org.id):
        with pytest.raises(UserUnknown):
            org.queries.user(org.actor, stranger, **asked)


def test_an_erased_user_is_shown_without_personal_data(org: OrgDriver) -> None:
    user_id = org.create_active(
        p_number=P_NUMBER, means=(Means.APP,), cpr=made_up_cpr(BORN, 0), phone="12345678"
    )
    living = org.clock.now()
    org.clock.advance()
    org.delete(user_id)

    gone, then = org.show(user_id), org.queries.user(org.actor, user_id, at=living)

    assert (gone.status, then.status) == (Status.DELETED, Status.ACTIVE)
    for shown in (gone, then):
        assert (shown.first_name, shown.surname) == ("Slettet bruger", "")
        assert (shown.p_number, shown.means) == (P_NUMBER, ["app"])
        assert {shown.email, shown.phone, shown.cpr_masked, shown.date_of_birth} == {None}


def test_a_deleted_user_has_a_name_until_erasure(org: OrgDriver) -> None:
    org.administration.change_settings(org.actor, {"erasure_retention_days": 30})
    user_id = org.create()
    living = org.clock.now()
    org.clock.advance()
    org.delete(user_id)

    assert (org.show(user_id).status, org.show(user_id).first_name) == (Status.DELETED, "Ida")
    assert org.names(at=living) == ["Ida"]
    assert org.users() == org.users(at=org.clock.now()) == []
