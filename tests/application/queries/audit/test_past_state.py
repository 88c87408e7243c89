"""The organisation as it stood then, and what is different since."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from brugerbog.application.queries.audit.past_state import InstantsReversed, NotRegisteredYet
from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from tests.given import NOON
from tests.org_driver import Town, open_town

ONE_DAY = timedelta(1)


@pytest.fixture
def town() -> Iterator[Town]:
    with open_town() as town:
        yield town


def test_a_past_state_has_users_roles_and_settings(town: Town) -> None:
    ida, _ = town.create_active("Ida"), town.create("Bo")
    town.administration.give_role(town.actor, ida, Role.USER_ADMINISTRATOR)
    then, everybody = town.clock.now(), town.users()
    position = town.service.runner.catch_up()
    town.clock.advance(ONE_DAY)
    town.administration.take_role(town.actor, ida, Role.USER_ADMINISTRATOR)
    town.administration.change_settings(town.actor, {"ial": "substantial"})
    town.delete(ida)

    state = town.queries.state_at(town.actor, then, everybody=True)

    assert (state.position, state.cvr, state.name) == (position, "90000001", "Prøve Kommune")
    assert state.users == {"imported": 0, "pending": 1, "active": 1, "deactivated": 0}
    assert state.roles == [(ida, Role.USER_ADMINISTRATOR)]
    assert state.settings["ial"] == "high"
    assert state.everybody is not None
    assert {one.id for one in state.everybody} == {one.id for one in everybody}
    assert town.queries.state_at(town.actor, town.clock.now()).everybody is None


def test_an_instant_before_the_registration_is_refused(town: Town) -> None:
    with pytest.raises(NotRegisteredYet):
        town.queries.state_at(town.actor, NOON - ONE_DAY)
    with pytest.raises(NotRegisteredYet):
        town.queries.difference(town.actor, NOON - ONE_DAY, NOON)


def test_a_difference_lists_new_deleted_and_changed_users(town: Town) -> None:
    stays, goes, _ = town.create_active("Bliver"), town.create_active("Går"), town.create_active("Uændret")
    then = town.clock.now()
    town.clock.advance(ONE_DAY)
    comes = town.create("Kommer")
    town.delete(goes)
    town.edit(stays, surname="Gift")
    town.administration.give_role(town.actor, stays, Role.TRUSTED_EMPLOYEE)
    town.administration.change_settings(town.actor, {"ial": "substantial"})

    told = town.queries.difference(town.actor, then, town.clock.now())

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


def test_a_difference_includes_changes_by_time_alone(town: Town) -> None:
    ida, waiting = town.create_active("Ida"), town.create("Bo")
    tomorrow = danish_day(town.clock.now()) + ONE_DAY
    town.deactivate(ida, tomorrow)

    told = town.queries.difference(town.actor, town.clock.now(), town.clock.now() + 40 * ONE_DAY)

    changed = {
        one.user_id: {(change.label, change.before, change.after) for change in one.changes}
        for one in told.changed
    }
    assert changed == {
        ida: {("Status", "Aktiv", "Deaktiveret")},
        waiting: {("Aktiveringslink udløbet", "nej", "ja")},
    }


def test_an_instant_has_no_difference_to_itself(town: Town) -> None:
    town.create_active()
    told = town.queries.difference(town.actor, town.clock.now(), town.clock.now())
    assert (told.organisation, told.came, told.left, told.changed) == ([], [], [], [])


def test_the_earlier_instant_comes_first(town: Town) -> None:
    with pytest.raises(InstantsReversed):
        town.queries.difference(town.actor, NOON + ONE_DAY, NOON)


def test_a_reading_of_a_past_state_is_recorded(town: Town) -> None:
    then, now = town.clock.now(), town.clock.advance(ONE_DAY)
    town.queries.state_at(town.actor, then)
    town.queries.difference(town.actor, then, now)

    read = [
        one for one in town.service.log.events.get(log_reading_stream_id(town.id)) if isinstance(one, LogRead)
    ]
    assert [(one.what, one.since, one.until) for one in read] == [
        ("state", None, then),
        ("difference", then, now),
    ]
