"""Users are created, edited and placed, and everything wrong with the data is refused at once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from brugerbog.application.refusals import requests as refusals
from brugerbog.domain import settings
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.domain.user import refusals as refused
from brugerbog.domain.values import numbers, personal_data
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from tests.application.commands.helpers import refusal_classes
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 0)
TODAY = date(2026, 3, 20)
ONE_DAY = timedelta(1)


def test_a_created_user_awaits_activation_and_is_shown_as_described(org: OrgDriver) -> None:
    user_id = org.create(
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

    ane = org.show(user_id)
    assert (ane.first_name, ane.surname, ane.phone) == ("Ane", "Å", "12345678")
    assert (ane.status, ane.anonymous, ane.reference_text) == (Status.PENDING, True, "K7")
    assert (ane.cpr_masked, ane.date_of_birth) == (f"{CPR[:6]}-xxxx", "1961-09-07")
    assert (ane.ean, ane.p_number, ane.se_number) == (EAN, P_NUMBER, SE_NUMBER)
    assert (ane.means, ane.target_ial) == (["app", "private"], "substantial")
    assert ane.created_at == org.clock.now()


def test_everything_wrong_with_a_new_user_is_refused_at_once(org: OrgDriver) -> None:
    org.administration.change_settings(org.actor, {"allow_anonymous": False, "use_p_numbers": False})

    with pytest.raises(Refusals) as refusal:
        org.create("", "", email="ida", cpr="1", ean="1", p_number=P_NUMBER, anonymous=True)

    assert refusal_classes(refusal.value) == {
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
def test_an_invalid_new_user_is_refused(org: OrgDriver, said: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        org.create(**said)

    assert org.users() == []


def test_a_cpr_number_in_use_is_refused_with_its_holder(org: OrgDriver) -> None:
    holder = org.create(cpr=CPR)

    with pytest.raises(refusals.CprInUse) as refusal:
        org.create("Ada", cpr=CPR)

    assert refusal.value.user_id == holder


def test_without_a_cpr_number_the_same_person_is_refused(org: OrgDriver) -> None:
    holder = org.create()

    with pytest.raises(refusals.PersonInUse) as refusal:
        org.create("IDA")

    assert refusal.value.user_id == holder


def test_the_same_names_birth_date_and_email_are_refused_even_if_the_holder_has_a_cpr_number(
    org: OrgDriver,
) -> None:
    org.create(cpr=CPR)

    with pytest.raises(refusals.PersonInUse):
        org.create()


def test_the_cpr_number_of_a_deleted_user_is_free_again(org: OrgDriver) -> None:
    first = org.create(cpr=CPR)
    org.delete(first)

    assert org.create(cpr=CPR) != first


def test_an_edit_changes_what_it_names_and_nothing_else(org: OrgDriver, ida: UUID) -> None:
    before = org.show(ida)

    org.edit(ida, surname="Ny", phone="87654321", ean=EAN, cpr=CPR, target_ial=Ial.SUBSTANTIAL)

    after = org.show(ida)
    assert (after.surname, after.phone, after.ean) == ("Ny", "87654321", EAN)
    assert (after.cpr_masked, after.target_ial) == (f"{CPR[:6]}-xxxx", "substantial")
    assert (after.first_name, after.email, after.status) == (before.first_name, before.email, before.status)


def test_empty_text_removes_what_may_be_empty(org: OrgDriver) -> None:
    user_id = org.create(phone="12345678", reference_text="K7", ean=EAN)

    org.edit(user_id, phone=None, reference_text="", ean=" ")

    user = org.show(user_id)
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
def test_an_invalid_edit_is_refused(
    org: OrgDriver, ida: UUID, edits: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        org.edit(ida, surname="Ny", **edits)

    assert org.show(ida).surname == "Prøve"


def test_a_cpr_number_is_never_replaced(org: OrgDriver) -> None:
    user_id = org.create(cpr=CPR)

    with pytest.raises(refused.KnownByAnotherCpr):
        org.edit(user_id, cpr=made_up_cpr(BORN, 1))


def test_a_cpr_number_in_use_can_not_be_added(org: OrgDriver, ida: UUID) -> None:
    holder = org.create("Ada", cpr=CPR)

    with pytest.raises(refusals.CprInUse) as refusal:
        org.edit(ida, cpr=CPR)

    assert refusal.value.user_id == holder


def test_a_user_can_not_be_edited_into_another_user(org: OrgDriver, ida: UUID) -> None:
    ada = org.create("Ada")

    with pytest.raises(refusals.PersonInUse) as refusal:
        org.edit(ada, first_name="Ida")

    assert refusal.value.user_id == ida


def test_a_number_left_out_is_kept_and_none_removes_it(org: OrgDriver, ida: UUID) -> None:
    org.administration.place_user(org.actor, ida, p_number=P_NUMBER)
    org.administration.place_user(org.actor, ida, se_number=SE_NUMBER)
    both = org.show(ida)
    org.administration.place_user(org.actor, ida, p_number=None)

    assert (both.p_number, both.se_number) == (P_NUMBER, SE_NUMBER)
    assert (org.show(ida).p_number, org.show(ida).se_number) == (None, SE_NUMBER)


def test_unknown_p_and_se_numbers_are_refused_together(org: OrgDriver, ida: UUID) -> None:
    with pytest.raises(Refusals) as refusal:
        org.administration.place_user(org.actor, ida, p_number="1999999999", se_number="99999999")

    assert refusal_classes(refusal.value) == {settings.PNumberUnknown, settings.SeNumberUnknown}


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ({"p_number": P_NUMBER}, settings.PNumbersNotInUse),
        ({"se_number": SE_NUMBER}, settings.SeNumbersNotInUse),
    ],
)
def test_p_and_se_numbers_are_refused_if_not_in_use(
    org: OrgDriver, ida: UUID, number: dict[str, str], refusal: type[Refusal]
) -> None:
    org.administration.change_settings(org.actor, {"use_p_numbers": False, "use_se_numbers": False})

    with pytest.raises(refusal):
        org.administration.place_user(org.actor, ida, **number)
