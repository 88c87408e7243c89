"""The organisation as it stood then, and what is different since."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from brugerbog.application.queries.audit.past_state import InstantsReversed, NotRegisteredYet
from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from tests.given import NOON
from tests.org_driver import OrgDriver, open_org

ONE_DAY = timedelta(1)


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    with open_org() as org:
        yield org


def test_a_past_state_has_users_roles_and_settings(org: OrgDriver) -> None:
    ida, _ = org.create_active("Ida"), org.create("Bo")
    org.administration.give_role(org.actor, ida, Role.USER_ADMINISTRATOR)
    then, everybody = org.clock.now(), org.users()
    position = org.service.runner.catch_up()
    org.clock.advance(ONE_DAY)
    org.administration.take_role(org.actor, ida, Role.USER_ADMINISTRATOR)
    org.administration.change_settings(org.actor, {"ial": "substantial"})
    org.delete(ida)

    state = org.queries.state_at(org.actor, then, everybody=True)

    assert (state.position, state.cvr, state.name) == (position, "90000001", "Prøve Kommune")
    assert state.users == {"imported": 0, "pending": 1, "active": 1, "deactivated": 0}
    assert state.roles == [(ida, Role.USER_ADMINISTRATOR)]
    assert state.settings["ial"] == "high"
    assert state.everybody is not None
    assert {one.id for one in state.everybody} == {one.id for one in everybody}
    assert org.queries.state_at(org.actor, org.clock.now()).everybody is None


def test_an_instant_before_the_registration_is_refused(org: OrgDriver) -> None:
    with pytest.raises(NotRegisteredYet):
        org.queries.state_at(org.actor, NOON - ONE_DAY)
    with pytest.raises(NotRegisteredYet):
        org.queries.difference(org.actor, NOON - ONE_DAY, NOON)


def test_a_difference_lists_new_deleted_and_changed_users(org: OrgDriver) -> None:
    stays, goes, _ = org.create_active("Bliver"), org.create_active("Går"), org.create_active("Uændret")
    then = org.clock.now()
    org.clock.advance(ONE_DAY)
    comes = org.create("Kommer")
    org.delete(goes)
    org.edit(stays, surname="Gift")
    org.administration.give_role(org.actor, stays, Role.TRUSTED_EMPLOYEE)
    org.administration.change_settings(org.actor, {"ial": "substantial"})

    told = org.queries.difference(org.actor, then, org.clock.now())

    assert [one.user_id for one in told.came] == [comes]
    assert [(one.user_id, one.name) for one in told.left] == [(goes, "Slettet bruger")]
    assert [(one.user_id, one.name) for one in told.changed] == [(stays, "Bliver Gift")]
    assert [(one.label, one.before, one.after) for one in told.changed[0].changes] == [
        ("Efternavn", "Prøve", "Gift")
    ]
    assert {one.label: (one.before, one.after) for one in told.organisation} == {
        "Sikringsniveau": ("høj", "betydelig"),
        "Roller": (None, "betroet medarbejder"),
    }


def test_a_difference_includes_changes_by_time_alone(org: OrgDriver) -> None:
    ida, waiting = org.create_active("Ida"), org.create("Bo")
    tomorrow = danish_day(org.clock.now()) + ONE_DAY
    org.deactivate(ida, tomorrow)

    told = org.queries.difference(org.actor, org.clock.now(), org.clock.now() + 40 * ONE_DAY)

    changed = {
        one.user_id: {(change.label, change.before, change.after) for change in one.changes}
        for one in told.changed
    }
    assert changed == {
        ida: {("Status", "Aktiv", "Deaktiveret")},
        waiting: {("Aktiveringslink udløbet", "nej", "ja")},
    }


def test_an_instant_has_no_difference_to_itself(org: OrgDriver) -> None:
    org.create_active()
    told = org.queries.difference(org.actor, org.clock.now(), org.clock.now())
    assert (told.organisation, told.came, told.left, told.changed) == ([], [], [], [])


def test_the_earlier_instant_comes_first(org: OrgDriver) -> None:
    with pytest.raises(InstantsReversed):
        org.queries.difference(org.actor, NOON + ONE_DAY, NOON)


def test_a_reading_of_a_past_state_is_recorded(org: OrgDriver) -> None:
    then, now = org.clock.now(), org.clock.advance(ONE_DAY)
    org.queries.state_at(org.actor, then)
    org.queries.difference(org.actor, then, now)

    read = [
        one for one in org.service.log.events.get(log_reading_stream_id(org.id)) if isinstance(one, LogRead)
    ]
    assert [(one.what, one.since, one.until) for one in read] == [
        ("state", None, then),
        ("difference", then, now),
    ]
