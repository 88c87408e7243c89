from datetime import date

import pytest

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.settings import (
    EanUnknown,
    MeansNotOffered,
    PNumbersNotInUse,
    PNumberUnknown,
    ReferenceTextNotInUse,
    SeNumberUnknown,
    Settings,
    TargetIalAboveOrganisation,
)
from brugerbog.domain.user.details import KEEP, Edits
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.means_held import SharedMeansNotNamed
from brugerbog.domain.user.refusals import AlreadyDeleted, CprAndBirthDateDisagree, KnownByAnotherCpr
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means
from tests.domain.conftest import Given, Then, When
from tests.given import (
    BORN,
    CPR,
    EAN,
    P_NUMBER,
    PERMISSIVE_SETTINGS,
    SE_NUMBER,
    USER,
    a_user,
    activated,
    an_imported_user,
    deactivated,
    deleted,
    given_means,
)
from tests.people import made_up_cpr

OTHER_CPR = made_up_cpr(BORN, 1)
NARROW = Settings()


def test_a_new_phone_number_is_recorded_with_the_address_that_stays(
    given: Given, when: When, then: Then
) -> None:
    given(a_user())
    when(User.edit, Edits(phone="12345678"), NARROW)
    then((User.ContactChanged, {"email": "anne@firma.test", "phone": "12345678"}))


def test_a_phone_number_can_be_removed(given: Given, when: When, then: Then) -> None:
    given(a_user(phone="12345678"))
    when(User.edit, Edits(phone=None), NARROW)
    assert then((User.ContactChanged, {"phone": None})).phone is None


def test_kept_values_do_not_change(given: Given, when: When, then: Then) -> None:
    given(a_user(phone="12345678"), activated)
    when(User.edit, Edits(email="anne@hansen.test", phone=KEEP), NARROW)
    then((User.ContactChanged, {"email": "anne@hansen.test", "phone": "12345678"}))


def test_a_name_is_corrected_whole(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.edit, Edits(surname="Holm"), NARROW)
    user = then((User.NameCorrected, {"first_name": "Anne", "surname": "Holm"}))
    assert (user.first_name, user.surname) == ("Anne", "Holm")


def test_a_corrected_name_changes_the_identity_by_name(given: Given, when: When, then: Then) -> None:
    before = given(a_user()).identity
    when(User.edit, Edits(surname="Holm"), NARROW)
    assert then(User.NameCorrected).identity != before


def test_a_cpr_number_can_be_added_to_a_user_without_one(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.edit, Edits(cpr=CPR), NARROW)
    assert then((User.CprAdded, {"cpr": CPR})).identity == Identity("cpr", CPR)


def test_a_cpr_number_that_disagrees_with_the_birth_date_is_not_added(
    given: Given, when: When, then_refused: Then
) -> None:
    given(a_user())
    when(User.edit, Edits(cpr=made_up_cpr(date(1961, 9, 8), 0)), NARROW)
    then_refused(CprAndBirthDateDisagree)


def test_a_cpr_number_of_another_century_disagrees(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(date_of_birth=date(2006, 9, 7)))
    when(User.edit, Edits(cpr=made_up_cpr(date(1906, 9, 7), 0)), NARROW)
    then_refused(CprAndBirthDateDisagree)


def test_a_cpr_number_is_never_replaced(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(cpr=CPR))
    when(User.edit, Edits(cpr=OTHER_CPR), NARROW)
    then_refused(KnownByAnotherCpr, user_id=USER)


def test_a_cpr_number_that_was_added_is_not_replaced_either(
    given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), lambda scenario: scenario.execute(User.edit, Edits(cpr=CPR), NARROW))
    when(User.edit, Edits(cpr=OTHER_CPR), NARROW)
    then_refused(KnownByAnotherCpr, user_id=USER)


def test_a_target_ial_can_be_changed_up_to_the_organisation_s(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.edit, Edits(target_ial=Ial.HIGH), Settings(ial=Ial.HIGH))
    assert then((User.TargetIalChanged, {"target_ial": Ial.HIGH})).target_ial is Ial.HIGH


def test_an_edit_of_one_number_keeps_the_other(given: Given, when: When, then: Then) -> None:
    given(a_user(se_number=SE_NUMBER))
    when(User.edit, Edits(p_number=P_NUMBER), PERMISSIVE_SETTINGS)
    then((User.PlacementChanged, {"p_number": P_NUMBER, "se_number": SE_NUMBER}))


def test_a_placement_can_be_removed_where_such_numbers_are_no_longer_used(
    given: Given, when: When, then: Then
) -> None:
    given(a_user(p_number=P_NUMBER, se_number=SE_NUMBER))
    when(User.edit, Edits(p_number=None, se_number=None), NARROW)
    then((User.PlacementChanged, {"p_number": None, "se_number": None}))


@pytest.mark.parametrize("ean", [EAN, None])
def test_an_invoice_method_is_changed_or_removed(
    ean: str | None, given: Given, when: When, then: Then
) -> None:
    given(a_user(ean=None if ean else EAN))
    when(User.edit, Edits(ean=ean), PERMISSIVE_SETTINGS)
    assert then((User.InvoiceMethodChanged, {"ean": ean})).ean == ean


@pytest.mark.parametrize("text", ["Hold 4", None])
def test_a_reference_text_is_changed_or_removed(
    text: str | None, given: Given, when: When, then: Then
) -> None:
    given(a_user(reference_text="Hold 3"))
    when(User.edit, Edits(reference_text=text), PERMISSIVE_SETTINGS)
    assert then((User.ReferenceTextChanged, {"reference_text": text})).reference_text == text


def test_a_reference_text_can_be_removed_where_none_is_used_any_more(
    given: Given, when: When, then: Then
) -> None:
    given(a_user(reference_text="Hold 3"))
    when(User.edit, Edits(reference_text=None), NARROW)
    then(User.ReferenceTextChanged)


def test_means_given_with_an_edit_are_assigned(given: Given, when: When, then: Then) -> None:
    given(a_user(means=(Means.APP,)))
    when(User.edit, Edits(means=(Means.APP, Means.CHIP)), PERMISSIVE_SETTINGS)
    then((User.MeansAssigned, {"means": (Means.CHIP,)}))


@pytest.mark.parametrize("enter", [a_user, an_imported_user])
def test_unchanged_values_record_nothing(
    enter: Given, given: Given, when: When, then_nothing_happened: Then
) -> None:
    fields = {
        "first_name": "Anne", "surname": "Hansen", "email": "anne@firma.test", "cpr": CPR,
        "phone": "12345678", "reference_text": "Hold 4", "ean": EAN, "p_number": P_NUMBER,
        "se_number": SE_NUMBER, "target_ial": Ial.HIGH, "means": (Means.APP,),
    }  # fmt: skip
    given(enter(**fields))
    when(User.edit, Edits(**fields), PERMISSIVE_SETTINGS)
    then_nothing_happened()


def test_no_edit_at_all_records_nothing(given: Given, when: When, then_nothing_happened: Then) -> None:
    given(a_user())
    when(User.edit, Edits(), NARROW)
    then_nothing_happened()


def test_everything_can_be_edited_at_once(given: Given, when: When, then: Then) -> None:
    given(a_user(), activated, deactivated("2026-03-20"))
    named = {"surname": "Holm", "phone": "12345678", "cpr": CPR, "reference_text": "Hold 4"}
    placed = {"p_number": P_NUMBER, "ean": EAN, "target_ial": Ial.HIGH, "means": (Means.APP,)}
    when(User.edit, Edits(**named, **placed), PERMISSIVE_SETTINGS)
    expected = (User.NameCorrected, User.ContactChanged, User.PlacementChanged, User.CprAdded)
    work_changes = (User.TargetIalChanged, User.InvoiceMethodChanged, User.ReferenceTextChanged)
    then(*expected, *work_changes, User.MeansAssigned, User.MeansMailIssued)


@pytest.mark.parametrize(
    ("edits", "settings", "refusal"),
    [
        (Edits(target_ial=Ial.HIGH), NARROW, TargetIalAboveOrganisation),
        (Edits(reference_text="Hold 4"), NARROW, ReferenceTextNotInUse),
        (Edits(ean=EAN), NARROW, EanUnknown),
        (Edits(p_number=P_NUMBER), NARROW, PNumbersNotInUse),
        (Edits(p_number=P_NUMBER), Settings(use_p_numbers=True), PNumberUnknown),
        (Edits(se_number=SE_NUMBER), Settings(use_se_numbers=True), SeNumberUnknown),
        (Edits(means=(Means.APP, Means.CHIP)), NARROW, MeansNotOffered),
    ],
)
def test_an_edit_that_the_organisation_does_not_allow_is_refused(  # noqa: PLR0917 - a table of cases
    edits: Edits, settings: Settings, refusal: type[Refusal], given: Given, when: When, then_refused: Then
) -> None:
    given(a_user())
    when(User.edit, edits, settings)
    then_refused(refusal)


def test_an_edit_is_done_whole_or_refused_whole_with_every_reason(
    given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(cpr=CPR))
    when(User.edit, Edits(surname="Holm", cpr=OTHER_CPR, ean=EAN, means=(Means.CHIP,)), NARROW)
    then_refused(MeansNotOffered, EanUnknown, KnownByAnotherCpr)


@pytest.mark.parametrize("means", [(Means.PRIVATE,), (Means.PRIVATE, Means.APP)])
def test_held_means_no_longer_offered_refuse_the_whole_edit(
    means: tuple[Means, ...], given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(means=(Means.PRIVATE,)))
    when(User.edit, Edits(surname="Holm", means=means), NARROW)
    then_refused(MeansNotOffered, means=Means.PRIVATE)


def test_a_shared_means_that_nobody_has_named_refuses_the_whole_edit(
    given: Given, when: When, then_refused: Then
) -> None:
    given(a_user())
    when(User.edit, Edits(surname="Holm", means=(Means.SHARED,)), PERMISSIVE_SETTINGS)
    then_refused(SharedMeansNotNamed)


def test_a_shared_means_already_held_needs_no_new_name(given: Given, when: When, then: Then) -> None:
    given(a_user(), given_means(Means.SHARED))
    when(User.edit, Edits(surname="Holm", means=(Means.SHARED,)), PERMISSIVE_SETTINGS)
    then(User.NameCorrected)


def test_a_user_whose_cpr_number_was_added_needs_no_code(given: Given, when: When) -> None:
    user = given(a_user())
    assert user.needs_code
    when(User.edit, Edits(cpr=CPR), NARROW)
    assert not user.needs_code


@pytest.mark.parametrize("retention_days", [0, 30])
def test_a_deleted_user_is_not_edited(
    retention_days: int, given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), deleted(retention_days=retention_days))
    when(User.edit, Edits(surname="Holm"), NARROW)
    then_refused(AlreadyDeleted, user_id=USER)
