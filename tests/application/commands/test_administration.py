"""Every command as the service carries it out: what it leads to, and everything it refuses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from brugerbog.application.actors import Actor, operator
from brugerbog.application.commands.user_input import NamedShared, NewUser, UserEdits
from brugerbog.application.refusals import requests as refusals
from brugerbog.domain import settings
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.domain.user import means_held
from brugerbog.domain.user import refusals as refused
from brugerbog.domain.values import numbers, personal_data
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.database.schema import user_keys
from tests.application.catalogue import (
    COMMANDS,
    COMMANDS_ON_A_USER,
    EVERYTHING,
    LENIENT_COMMANDS_ON_A_USER,
    QUESTIONS_ON_A_USER,
)
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.journeys.town import BORN, Town, found, write_file
from tests.people import made_up_cpr
from tests.stores import rows

T = TypeVar("T")
CPR = made_up_cpr(BORN, 0)
TODAY = date(2026, 3, 20)
ONE_DAY = timedelta(1)
SHARED = NamedShared(owner_cvr="90000002", identifier="delt-1")
OUT_OF_TURN = {
    "send_to_activation",
    "resend_activation_mail",
    "issue_code",
    "activate_user",
    "approve_anonymity",
    "decline_anonymity",
}
"""What can't be done to somebody active who asks for nothing."""

SHOWN_ONCE = {"show_cpr"}
"""What a repeat doesn't show again."""

OF_ONESELF = {"request_anonymity", "withdraw_consent", "end_own_sessions"} | {
    *("myself", "menu", "anonymity_terms", "own_sessions")
}
"""What the operator is nobody for."""


def at_once(count: int, deed: Callable[[int], T]) -> list[T]:
    """What `deed` gives in so many threads that all start together."""
    start = Barrier(count)

    def run(number: int) -> T:
        start.wait(30)
        return deed(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def all_refusals(error: Refusal) -> set[type[Refusal]]:
    if isinstance(error, Refusals):
        return {type(one.refusal) for one in error.objections}
    return {type(error)}


def recorded(town: Town) -> int:
    """How many events there are."""
    return town.service.log.recorder.max_notification_id() or 0


@pytest.fixture
def ida(town: Town) -> UUID:
    return town.create_active()


# Organisations and their settings


def test_an_organisation_is_registered_with_its_settings(town: Town) -> None:
    organisation = town.queries.organisation(town.actor)

    assert organisation.name == "Prøve Kommune"
    assert organisation.settings.p_numbers[0] == P_NUMBER
    assert organisation.settings.ial is Ial.HIGH


def test_a_cvr_number_is_registered_once(town: Town) -> None:
    cvr = town.queries.organisation(town.actor).cvr

    with pytest.raises(refusals.OrganisationAlreadyRegistered):
        found(town.service, town.clock, cvr=cvr)


def test_an_operator_at_work_in_one_organisation_can_register_another(town: Town) -> None:
    other = town.administration.register_organisation(town.actor, cvr="98765432", name="Nabo")

    assert town.service.organisation_id("98765432") == other.subject


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"cvr": "9000000", "name": "By"}, numbers.CvrInvalid),
        ({"cvr": "12345678", "name": "By"}, numbers.CvrCheckDigitWrong),
        ({"cvr": "99999999", "name": " "}, personal_data.NameMissing),
        ({"cvr": "99999999", "name": "By", "settings": {"ial": "low"}}, refusals.SettingsInvalid),
        ({"cvr": "99999999", "name": "By", "settings": {"unheard_of": 1}}, refusals.SettingsInvalid),
    ],
)
def test_an_organisation_is_refused_with_its_fault(
    town: Town, said: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        town.administration.register_organisation(operator(), **said)


def test_settings_that_are_not_named_stay(town: Town) -> None:
    town.administration.change_settings(town.actor, {"use_p_numbers": False})

    settings_now = town.queries.organisation(town.actor).settings
    assert (settings_now.use_p_numbers, settings_now.use_se_numbers) == (False, True)


def test_every_mistake_in_settings_is_named_at_once(town: Town) -> None:
    with pytest.raises(Refusals) as refusal:
        town.administration.change_settings(
            town.actor, {"eans": ["1"], "dedicated_means": ["private"], "erasure_retention_days": -1}
        )

    assert {one.field for one in refusal.value.objections} == {
        "eans.0",
        "dedicated_means",
        "erasure_retention_days",
    }


def test_the_same_settings_again_record_nothing(town: Town) -> None:
    before = recorded(town)

    town.administration.change_settings(town.actor, {"ial": "high"})

    assert recorded(town) == before


# A user's life


def test_a_created_user_awaits_activation_and_is_shown_as_described(town: Town) -> None:
    user_id = town.create(
        " Ane ",
        "Å",
        cpr=f"{CPR[:6]}-{CPR[6:]}",
        phone="+45 12 34 56 78",
        anonymous=True,
        reference_text="K7",
        target_ial=Ial.SUBSTANTIAL,
        ean=EAN,
        p_number=P_NUMBER,
        se_number=SE_NUMBER,
        means=(Means.APP, Means.APP, Means.PRIVATE),
    )

    ane = town.show(user_id)
    assert (ane.first_name, ane.surname, ane.phone) == ("Ane", "Å", "12345678")
    assert (ane.status, ane.anonymous, ane.reference_text) == (Status.PENDING, True, "K7")
    assert (ane.cpr_masked, ane.date_of_birth) == (f"{CPR[:6]}-xxxx", "1961-09-07")
    assert (ane.ean, ane.p_number, ane.se_number) == (EAN, P_NUMBER, SE_NUMBER)
    assert (ane.means, ane.target_ial) == (["app", "private"], "substantial")
    assert ane.created_at == town.clock.now()


def test_everything_wrong_with_a_new_user_is_said_at_once(town: Town) -> None:
    town.administration.change_settings(town.actor, {"allow_anonymous": False, "use_p_numbers": False})

    with pytest.raises(Refusals) as refusal:
        town.create("", "", email="ida", cpr="1", ean="1", p_number=P_NUMBER, anonymous=True)

    assert all_refusals(refusal.value) == {
        personal_data.NameMissing,
        personal_data.EmailInvalid,
        numbers.CprInvalid,
        numbers.EanInvalid,
        settings.PNumbersNotInUse,
        settings.AnonymityNotAllowed,
    }


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"date_of_birth": None}, refused.CprOrBirthDateMissing),
        ({"cpr": CPR, "date_of_birth": date(1961, 9, 8)}, refused.CprAndBirthDateDisagree),
        ({"date_of_birth": date(2013, 3, 21)}, personal_data.TooYoung),
        ({"date_of_birth": TODAY + ONE_DAY}, personal_data.BirthDateInTheFuture),
        ({"ean": "4006381333931"}, settings.EanUnknown),
        ({"p_number": "1999999999"}, settings.PNumberUnknown),
        ({"se_number": "99999999"}, settings.SeNumberUnknown),
    ],
)
def test_a_new_user_is_refused_with_his_fault(
    town: Town, said: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        town.create(**said)

    assert town.users() == []


def test_a_cpr_number_in_use_is_refused_and_says_by_whom(town: Town) -> None:
    holder = town.create(cpr=CPR)

    with pytest.raises(refusals.CprInUse) as refusal:
        town.create("Ada", cpr=CPR)

    assert refusal.value.user_id == holder


def test_without_a_cpr_number_the_same_person_is_refused(town: Town) -> None:
    holder = town.create()

    with pytest.raises(refusals.PersonInUse) as refusal:
        town.create("IDA")

    assert refusal.value.user_id == holder


def test_somebody_known_by_cpr_number_is_met_under_his_name_too(town: Town) -> None:
    town.create(cpr=CPR)

    with pytest.raises(refusals.PersonInUse):
        town.create()


def test_the_cpr_number_of_somebody_deleted_is_free_again(town: Town) -> None:
    first = town.create(cpr=CPR)
    town.delete(first)

    assert town.create(cpr=CPR) != first


def test_an_edit_changes_what_it_names_and_nothing_else(town: Town, ida: UUID) -> None:
    before = town.show(ida)

    town.edit(ida, surname="Ny", phone="87654321", ean=EAN, cpr=CPR, target_ial=Ial.SUBSTANTIAL)

    after = town.show(ida)
    assert (after.surname, after.phone, after.ean) == ("Ny", "87654321", EAN)
    assert (after.cpr_masked, after.target_ial) == (f"{CPR[:6]}-xxxx", "substantial")
    assert (after.first_name, after.email, after.status) == (before.first_name, before.email, before.status)


def test_empty_text_removes_what_may_be_empty(town: Town) -> None:
    user_id = town.create(phone="12345678", reference_text="K7", ean=EAN)

    town.edit(user_id, phone=None, reference_text="", ean=" ")

    user = town.show(user_id)
    assert (user.phone, user.reference_text, user.ean) == (None, None, None)


@pytest.mark.parametrize(
    ("edits", "refusal"),
    [
        ({"first_name": ""}, personal_data.NameMissing),
        ({"email": ""}, personal_data.EmailInvalid),
        ({"cpr": made_up_cpr(date(1961, 9, 8), 0)}, refused.CprAndBirthDateDisagree),
        ({"ean": "4006381333931"}, settings.EanUnknown),
    ],
)
def test_an_edit_is_refused_with_its_fault(
    town: Town, ida: UUID, edits: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        town.edit(ida, surname="Ny", **edits)

    assert town.show(ida).surname == "Prøve"


def test_a_cpr_number_is_never_replaced(town: Town) -> None:
    user_id = town.create(cpr=CPR)

    with pytest.raises(refused.KnownByAnotherCpr):
        town.edit(user_id, cpr=made_up_cpr(BORN, 1))


def test_a_cpr_number_in_use_can_not_be_added(town: Town, ida: UUID) -> None:
    holder = town.create("Ada", cpr=CPR)

    with pytest.raises(refusals.CprInUse) as refusal:
        town.edit(ida, cpr=CPR)

    assert refusal.value.user_id == holder


def test_nobody_is_edited_into_somebody_else(town: Town, ida: UUID) -> None:
    ada = town.create("Ada")

    with pytest.raises(refusals.PersonInUse) as refusal:
        town.edit(ada, first_name="Ida")

    assert refusal.value.user_id == ida


def test_a_place_left_out_is_kept_and_none_removes_it(town: Town, ida: UUID) -> None:
    town.administration.place_user(town.actor, ida, p_number=P_NUMBER)
    town.administration.place_user(town.actor, ida, se_number=SE_NUMBER)
    both = town.show(ida)
    town.administration.place_user(town.actor, ida, p_number=None)

    assert (both.p_number, both.se_number) == (P_NUMBER, SE_NUMBER)
    assert (town.show(ida).p_number, town.show(ida).se_number) == (None, SE_NUMBER)


def test_a_place_that_is_not_the_organisations_is_refused_whole(town: Town, ida: UUID) -> None:
    with pytest.raises(Refusals) as refusal:
        town.administration.place_user(town.actor, ida, p_number="1999999999", se_number="99999999")

    assert all_refusals(refusal.value) == {settings.PNumberUnknown, settings.SeNumberUnknown}


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ({"p_number": P_NUMBER}, settings.PNumbersNotInUse),
        ({"se_number": SE_NUMBER}, settings.SeNumbersNotInUse),
    ],
)
def test_places_are_refused_where_they_are_not_in_use(
    town: Town, ida: UUID, number: dict[str, str], refusal: type[Refusal]
) -> None:
    town.administration.change_settings(town.actor, {"use_p_numbers": False, "use_se_numbers": False})

    with pytest.raises(refusal):
        town.administration.place_user(town.actor, ida, **number)


def test_means_are_added_to_those_he_has(town: Town, ida: UUID) -> None:
    town.administration.assign_means(town.actor, ida, [Means.CHIP])
    town.administration.assign_means(town.actor, ida, [Means.CHIP, Means.APP])

    assert town.show(ida).means == ["chip", "app"]


def test_means_that_are_not_offered_are_refused(town: Town, ida: UUID) -> None:
    town.administration.change_settings(town.actor, {"dedicated_means": ["app"]})

    with pytest.raises(settings.MeansNotOffered):
        town.administration.assign_means(town.actor, ida, [Means.APP, Means.CHIP])

    assert town.show(ida).means == []


def test_means_are_assigned_as_often_as_they_are_named(town: Town, ida: UUID) -> None:
    town.administration.assign_means(town.actor, ida, [Means.CHIP, Means.CHIP])

    assert town.show(ida).means == ["chip", "chip"]


def test_shared_means_are_named_by_owner_and_id(town: Town, ida: UUID) -> None:
    with pytest.raises(means_held.SharedMeansNotNamed):
        town.administration.assign_means(town.actor, ida, [Means.SHARED])
    nobodys = NamedShared(owner_cvr="1", identifier="delt-1")
    with pytest.raises(numbers.CvrInvalid):
        town.administration.assign_means(town.actor, ida, [Means.SHARED], shared=nobodys)
    town.administration.assign_means(town.actor, ida, [Means.SHARED], shared=SHARED)

    assert town.show(ida).means == ["shared"]


def test_imported_users_are_sent_to_activation_together(town: Town, tmp_path: Path) -> None:
    imported = town.import_people(tmp_path, 3)

    town.administration.send_many_to_activation(town.actor, imported)

    assert {user.status for user in town.users()} == {Status.PENDING}


def test_one_who_does_not_wait_is_refused(town: Town) -> None:
    pending = town.create()

    with pytest.raises(refused.NotImported) as refusal:
        town.administration.send_to_activation(town.actor, pending)

    assert refusal.value.user_id == pending


def test_somebody_named_twice_is_sent_once(town: Town, tmp_path: Path) -> None:
    imported = town.import_people(tmp_path, 1)

    town.administration.send_many_to_activation(town.actor, imported * 2)

    assert town.transactions(imported[0]).count("Bruger sendt til aktivering") == 1


def test_only_the_pending_are_activated(town: Town, ida: UUID, tmp_path: Path) -> None:
    for user_id in (ida, *town.import_people(tmp_path, 1)):
        with pytest.raises(refused.NotPending):
            town.administration.activate_user(town.actor, user_id)


def test_a_deactivation_begins_today_unless_said_otherwise(town: Town, ida: UUID) -> None:
    town.deactivate(ida)

    user = town.show(ida)
    assert (user.status, user.deactivated_from, user.deactivated_to) == (
        Status.DEACTIVATED,
        "2026-03-20",
        None,
    )


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ((TODAY - ONE_DAY, None), refused.FromDateInThePast),
        ((TODAY + ONE_DAY, TODAY), refused.ToDateBeforeFromDate),
    ],
)
def test_a_deactivation_is_refused_with_its_fault(
    town: Town, ida: UUID, days: tuple[date, date | None], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        town.deactivate(ida, *days)

    assert town.show(ida).status is Status.ACTIVE


def test_only_the_activated_are_deactivated(town: Town, tmp_path: Path) -> None:
    for user_id in (town.create(), *town.import_people(tmp_path, 1)):
        with pytest.raises(refused.NeverActivated):
            town.deactivate(user_id)


def test_a_second_deactivation_replaces_the_first(town: Town, ida: UUID) -> None:
    town.deactivate(ida)
    town.deactivate(ida, TODAY + ONE_DAY, TODAY + 2 * ONE_DAY)

    user = town.show(ida)
    assert (user.status, user.deactivated_from) == (Status.ACTIVE, "2026-03-21")


def test_a_deactivation_to_the_end_of_the_calendar_stops_nothing(town: Town, ida: UUID) -> None:
    town.deactivate(ida, to_date=date.max)

    assert town.show(ida).status is Status.DEACTIVATED
    assert {status.state for status in town.service.runner.status()} == {"ok"}


def test_a_reactivation_ends_a_running_period_and_cancels_one_to_come(town: Town, ida: UUID) -> None:
    town.deactivate(ida)
    town.administration.reactivate_user(town.actor, ida)
    running = town.show(ida)
    town.deactivate(ida, TODAY + ONE_DAY)
    town.administration.reactivate_user(town.actor, ida)

    assert (running.status, town.show(ida).deactivated_from) == (Status.ACTIVE, None)


def test_nothing_is_reactivated_that_was_not_deactivated(town: Town, ida: UUID) -> None:
    with pytest.raises(refused.NotDeactivated):
        town.administration.reactivate_user(town.actor, ida)


def test_a_deactivation_that_is_over_can_not_be_reactivated(town: Town, ida: UUID) -> None:
    town.deactivate(ida, to_date=TODAY)
    town.clock.set_to(TODAY + ONE_DAY)

    with pytest.raises(refused.NotDeactivated):
        town.administration.reactivate_user(town.actor, ida)


def test_a_deleted_user_is_gone_from_the_list_and_nothing_personal_remains(town: Town, ida: UUID) -> None:
    town.delete(ida)

    gone = town.show(ida)
    assert town.users() == []
    assert (gone.status, gone.first_name, gone.surname) == (Status.DELETED, "Slettet bruger", "")
    assert (gone.email, gone.date_of_birth, gone.cpr_masked) == (None, None, None)


def test_an_import_is_a_command_like_the_others(town: Town, tmp_path: Path) -> None:
    town.import_people(tmp_path, 2)

    assert town.names(imported=True) == ["Ib0", "Ib1"]


# Whom a command can't concern


@pytest.mark.parametrize("command", COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER)
def test_nobody_is_refused_by_name(town: Town, command: str) -> None:
    nobody = uuid4()

    with pytest.raises(refusals.UserUnknown) as refusal:
        COMMANDS[command].call(town, nobody, None)

    assert refusal.value.user_id == nobody


@pytest.mark.parametrize("command", COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER)
def test_an_organisation_is_no_user(town: Town, command: str) -> None:
    with pytest.raises(refusals.UserUnknown):
        COMMANDS[command].call(town, town.id, None)


@pytest.mark.parametrize("command", COMMANDS_ON_A_USER)
def test_the_deleted_are_refused(town: Town, ida: UUID, command: str) -> None:
    town.delete(ida)
    before = recorded(town)

    with pytest.raises(refused.AlreadyDeleted):
        COMMANDS_ON_A_USER[command](town, ida, None)

    assert recorded(town) == before


@pytest.mark.parametrize("deed", COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER | QUESTIONS_ON_A_USER)
def test_a_neighbours_user_is_as_unknown_as_nobody(
    town: Town, neighbours: Town, ida: UUID, deed: str
) -> None:
    before = recorded(town)

    with pytest.raises(refusals.UserUnknown):
        EVERYTHING[deed].call(neighbours, ida, None)

    assert recorded(town) == before


def test_a_list_of_users_to_send_holds_no_neighbours(town: Town, neighbours: Town, tmp_path: Path) -> None:
    own, others = town.import_people(tmp_path, 1), neighbours.import_people(tmp_path, 1)

    with pytest.raises(refusals.UserUnknown):
        town.administration.send_many_to_activation(town.actor, own + others)
    assert town.show(own[0]).status is Status.IMPORTED


def test_lists_hold_the_organisations_own_only(town: Town, neighbours: Town, ida: UUID) -> None:
    ada = neighbours.create("Ada", p_number=P_NUMBER, email="ida@by.test")

    for asked in ({}, {"at": town.clock.now()}):
        assert town.ids(**asked) == [ida]
        assert town.ids(search=str(ada), **asked) == []
        assert town.ids(p_number=P_NUMBER, **asked) == []
        assert neighbours.ids(search="ida@by.test", **asked) == [ada]


def test_one_person_may_be_a_user_of_two_organisations(town: Town, neighbours: Town) -> None:
    assert town.create(cpr=CPR) != neighbours.create(cpr=CPR)


def test_settings_are_the_organisations_own(town: Town, neighbours: Town) -> None:
    neighbours.administration.change_settings(neighbours.actor, {"allow_anonymous": False})

    assert town.queries.organisation(town.actor).settings.allow_anonymous


@pytest.mark.parametrize("organisation_id", [None, UUID(int=1)])
@pytest.mark.parametrize("deed", sorted(EVERYTHING.keys() - {"register_organisation"} - OF_ONESELF))
def test_nothing_is_done_or_told_outside_an_organisation(
    town: Town, deed: str, organisation_id: UUID | None
) -> None:
    nowhere = Town(town.service, operator(organisation_id), town.clock)

    with pytest.raises(refusals.OrganisationUnknown):
        EVERYTHING[deed].call(nowhere, uuid4(), None)


# Who may


def test_a_stranger_may_not_register_an_organisation(town: Town) -> None:
    with pytest.raises(refusals.NotAllowed):
        town.administration.register_organisation(Actor(uuid4(), None), cvr="99999999", name="By")


def test_a_known_command_id_does_not_open_the_door_to_one_without_roles(town: Town, ida: UUID) -> None:
    command_id = uuid4()
    COMMANDS_ON_A_USER["edit_user"](town, ida, command_id)

    with pytest.raises(refusals.NotAllowed):
        COMMANDS_ON_A_USER["edit_user"](town.seen_by(ida), ida, command_id)


# Command ids


@pytest.mark.parametrize("command", sorted(COMMANDS_ON_A_USER.keys() - OUT_OF_TURN - SHOWN_ONCE))
def test_a_repeated_command_id_gives_the_first_answer_and_records_nothing(
    town: Town, ida: UUID, command: str
) -> None:
    if command == "reactivate_user":
        town.deactivate(ida)
    if command == "resend_means_mail":
        town.administration.assign_means(town.actor, ida, [Means.CHIP])
    command_id = uuid4()
    first = COMMANDS_ON_A_USER[command](town, ida, command_id)
    town.create("Ada")
    before = recorded(town)

    assert COMMANDS_ON_A_USER[command](town, ida, command_id) == first
    assert recorded(town) == before


def test_a_created_user_is_created_once_and_told_twice(town: Town) -> None:
    new, command_id = NewUser(first_name="Ida", surname="P", email="i@by.test", cpr=CPR), uuid4()

    first = town.administration.create_user(town.actor, new, command_id=command_id)

    assert town.administration.create_user(town.actor, new, command_id=command_id) == first
    assert len(town.users()) == 1


def test_an_organisation_is_registered_once_and_told_twice(town: Town) -> None:
    def register(command_id: UUID = uuid4()) -> Any:  # noqa: ANN401, B008 - the same id both times
        return town.administration.register_organisation(
            operator(), cvr="98765431", name="Nabo", command_id=command_id
        )

    assert register() == register()


def test_settings_written_in_another_order_are_the_same_command(town: Town) -> None:
    command_id, wanted = uuid4(), {"allow_anonymous": False, "ial": "substantial"}
    first = town.administration.change_settings(town.actor, wanted, command_id=command_id)

    again = town.administration.change_settings(
        town.actor, dict(reversed(wanted.items())), command_id=command_id
    )

    assert again == first


def test_a_command_that_recorded_nothing_is_remembered_too(town: Town, ida: UUID) -> None:
    command_id = uuid4()
    town.edit(ida, phone="12345678")
    first = COMMANDS_ON_A_USER["edit_user"](town, ida, command_id)
    town.edit(ida, phone=None)

    assert COMMANDS_ON_A_USER["edit_user"](town, ida, command_id) == first
    assert town.show(ida).phone is None


@pytest.mark.parametrize("other", sorted(COMMANDS_ON_A_USER.keys() - {"edit_user"}))
def test_a_command_id_stands_for_one_command(town: Town, ida: UUID, other: str) -> None:
    command_id = uuid4()
    COMMANDS_ON_A_USER["edit_user"](town, ida, command_id)
    before = recorded(town)

    with pytest.raises(refusals.CommandIdReused) as refusal:
        COMMANDS_ON_A_USER[other](town, ida, command_id)

    assert (refusal.value.command_id, recorded(town)) == (command_id, before)


def test_a_command_id_stands_for_what_was_said(town: Town, ida: UUID) -> None:
    command_id, ada = uuid4(), town.create("Ada")
    COMMANDS_ON_A_USER["edit_user"](town, ida, command_id)

    with pytest.raises(refusals.CommandIdReused):
        COMMANDS_ON_A_USER["edit_user"](town, ada, command_id)
    with pytest.raises(refusals.CommandIdReused):
        town.administration.edit_user(town.actor, ida, UserEdits(phone="87654321"), command_id=command_id)


def test_a_command_id_of_an_import_stands_for_that_only(town: Town, ida: UUID, tmp_path: Path) -> None:
    command_id, file = uuid4(), tmp_path / "users.csv"
    COMMANDS_ON_A_USER["edit_user"](town, ida, command_id)
    write_file(file, [{"Aktion": "D", "UUID": str(ida)}])

    with pytest.raises(refusals.CommandIdReused):
        town.administration.import_users(town.actor, file, command_id=command_id)


def test_a_command_id_is_the_organisations_own(town: Town, neighbours: Town, ida: UUID) -> None:
    command_id, ada = uuid4(), neighbours.create("Ada")
    COMMANDS_ON_A_USER["edit_user"](town, ida, command_id)

    COMMANDS_ON_A_USER["edit_user"](neighbours, ada, command_id)

    assert neighbours.names() == ["Ada"]


def test_a_refused_command_is_decided_anew(town: Town, ida: UUID) -> None:
    command_id = uuid4()
    with pytest.raises(refused.NotDeactivated):
        COMMANDS_ON_A_USER["reactivate_user"](town, ida, command_id)
    town.deactivate(ida)

    COMMANDS_ON_A_USER["reactivate_user"](town, ida, command_id)

    assert town.show(ida).status is Status.ACTIVE


@pytest.mark.parametrize("repeat", ["edit_user", "place_user", "assign_means", "deactivate_user"])
def test_what_is_so_already_records_nothing(town: Town, ida: UUID, repeat: str) -> None:
    COMMANDS_ON_A_USER[repeat](town, ida, None)
    before = recorded(town)

    COMMANDS_ON_A_USER[repeat](town, ida, None)

    assert recorded(town) == before


@pytest.mark.parametrize(
    ("repeat", "refusal"),
    [
        ("activate_user", refused.NotPending),
        ("reactivate_user", refused.NotDeactivated),
        ("delete_user", refused.AlreadyDeleted),
    ],
)
def test_what_can_be_done_once_is_refused_the_second_time(
    town: Town, repeat: str, refusal: type[Refusal]
) -> None:
    user_id = town.create()
    if repeat == "reactivate_user":
        town.administration.activate_user(town.actor, user_id)
        town.deactivate(user_id)
    COMMANDS_ON_A_USER[repeat](town, user_id, None)

    with pytest.raises(refusal):
        COMMANDS_ON_A_USER[repeat](town, user_id, None)


def test_a_repeated_deletion_is_acknowledged_when_nothing_is_left(
    town: Town, ida: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    command_id = uuid4()
    with monkeypatch.context() as patch:
        patch.setattr(type(town.service.log.keys), "destroy", _database_is_locked)
        with pytest.raises(OperationalError):
            COMMANDS_ON_A_USER["delete_user"](town, ida, command_id)

    COMMANDS_ON_A_USER["delete_user"](town, ida, command_id)

    assert ida not in {row.user_id for row in rows(town.service, user_keys)}


def _database_is_locked(*_: object) -> None:
    raise OperationalError("", {}, Exception("database is locked"))


# Many at once


def test_two_who_edit_one_user_at_once_both_get_their_way(town: Town, ida: UUID) -> None:
    for number in range(5):
        edits = [{"phone": f"1234567{number}"}, {"surname": f"Ny{number}"}]
        at_once(2, lambda one, edits=edits: town.edit(ida, **edits[one]))
        user = town.show(ida)
        assert (user.phone, user.surname) == (f"1234567{number}", f"Ny{number}")


def test_eight_who_edit_one_user_at_once_all_get_their_way(town: Town, ida: UUID) -> None:
    all_means = [*Means, Means.APP, Means.CHIP]

    at_once(8, lambda one: town.administration.assign_means(town.actor, ida, [all_means[one]], shared=SHARED))

    assert sorted(town.show(ida).means) == sorted(Means)


def test_the_same_command_sent_by_eight_is_done_once(town: Town) -> None:
    new, command_id = NewUser(first_name="Ida", surname="P", email="i@by.test", cpr=CPR), uuid4()

    answers = at_once(8, lambda _: town.administration.create_user(town.actor, new, command_id=command_id))

    assert {one.subject for one in answers} == set(town.ids())
    assert len(town.users()) == 1


def test_one_service_serves_eight_threads(town: Town) -> None:
    def work(number: int) -> None:
        for turn in range(4):
            user_id = town.create_active(f"Navn{number}", email=f"{number}.{turn}@by.test")
            assert town.show(user_id).status is Status.ACTIVE
            assert user_id in town.ids(search=f"{number}.{turn}@by.test")
            assert user_id in town.ids(at=town.clock.now())
            if turn:
                town.delete(user_id)

    at_once(8, work)

    assert len(town.users()) == 8


def test_the_first_answer_is_the_same_however_many_write_meanwhile(town: Town) -> None:
    command_ids = [[uuid4() for _ in range(12)] for _ in range(8)]

    def create(number: int) -> list[tuple[int, UUID | None]]:
        answers = [
            town.administration.create_user(
                town.actor,
                NewUser(
                    first_name="Ida",
                    surname="P",
                    email=f"{number}.{turn}@by.test",
                    date_of_birth=BORN,
                ),
                command_id=command_id,
            )
            for turn, command_id in enumerate(command_ids[number])
        ]
        return [(one.position, one.subject) for one in answers]

    first = at_once(8, create)

    assert [create(number) for number in range(8)] == first
