from datetime import date

import pytest

from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.settings import (
    AnonymityNotAllowed,
    EanUnknown,
    MeansNotOffered,
    PNumbersNotInUse,
    PNumberUnknown,
    ReferenceTextNotInUse,
    SeNumbersNotInUse,
    SeNumberUnknown,
    Settings,
    TargetIalAboveOrganisation,
)
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.means_held import SharedMeansNotNamed
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from tests.domain.conftest import Given, Then, When
from tests.given import (
    ADMINISTRATOR,
    BORN,
    COMMAND,
    CPR,
    EAN,
    NOON,
    ORGANISATION,
    P_NUMBER,
    PERMISSIVE_SETTINGS,
    SE_NUMBER,
    SHARED,
    USER,
    a_user,
    an_imported_user,
    details,
    moment,
)

NARROW = Settings()


def test_a_created_user_awaits_activation(when: When, then: Then) -> None:
    when(User.create, USER, details(), NARROW)
    expected = {"originator_id": USER, "first_name": "Anne", "surname": "Hansen"}
    user = then((User.Created, expected), User.ActivationMailIssued, User.ActivationCodeIssued)
    assert user.status_at(NOON) is Status.PENDING


def test_a_user_known_by_cpr_number_gets_a_mail_and_no_code(when: When, then: Then) -> None:
    when(User.create, USER, details(cpr=CPR), NARROW)
    then(User.Created, (User.ActivationMailIssued, {"resent": False}))


def test_mail_and_code_live_for_30_days(when: When, then: Then) -> None:
    when(User.create, USER, details(), NARROW)
    until = {"expires_at": moment("2026-04-19T12:00:00+02:00")}
    then(User.Created, (User.ActivationMailIssued, until), (User.ActivationCodeIssued, until))


def test_an_imported_user_waits_to_be_sent_to_activation(when: When, then: Then) -> None:
    when(User.import_, USER, details(), NARROW)
    user = then((User.Imported, {"originator_id": USER, "first_name": "Anne", "surname": "Hansen"}))
    assert user.status_at(NOON) is Status.IMPORTED


def test_all_given_details_are_recorded_at_creation(when: When, then: Then) -> None:
    fields = {"phone": "12345678", "reference_text": "Hold 4", "cpr": CPR, "target_ial": Ial.HIGH}
    placed = {"ean": EAN, "p_number": P_NUMBER, "se_number": SE_NUMBER}
    when(User.create, USER, details(**fields, **placed), PERMISSIVE_SETTINGS)
    expected = {**fields, **placed, "email": "anne@firma.test", "date_of_birth": BORN}
    user = then((User.Created, expected), User.ActivationMailIssued)
    assert {name: getattr(user, name) for name in fields | placed} == fields | placed


def test_an_event_carries_actor_role_door_and_time(when: When, then: Then) -> None:
    when(User.import_, USER, details(), NARROW)
    actor = {"actor": ADMINISTRATOR, "role": Role.USER_ADMINISTRATOR, "door": Door.EMBEDDED}
    joined = {"command_id": COMMAND, "correlation_id": COMMAND, "organisation_id": ORGANISATION}
    then((User.Imported, {**actor, **joined, "timestamp": NOON, "effective_at": None}))


def test_an_anonymous_user_is_marked_by_an_event(when: When, then: Then) -> None:
    when(User.import_, USER, details(anonymous=True), Settings(allow_anonymous=True))
    user = then(User.Imported, User.Anonymized)
    assert user.anonymous
    assert user.first_name == "Anne"


def test_a_user_who_is_not_anonymous_has_no_such_event(given: Given) -> None:
    assert not given(a_user()).anonymous


def test_means_chosen_at_creation_are_assigned(when: When, then: Then) -> None:
    when(User.create, USER, details(cpr=CPR, means=(Means.APP,)), NARROW)
    user = then(User.Created, (User.MeansAssigned, {"means": (Means.APP,)}), User.ActivationMailIssued)
    assert user.means == (Means.APP,)


def test_a_kind_of_means_named_twice_at_creation_is_assigned_once(given: Given) -> None:
    assert given(an_imported_user(means=(Means.APP, Means.CHIP, Means.APP))).means == (Means.APP, Means.CHIP)


def test_an_imported_user_may_be_anonymous_with_means(when: When, then: Then) -> None:
    when(User.import_, USER, details(anonymous=True, means=(Means.PRIVATE,)), PERMISSIVE_SETTINGS)
    then(User.Imported, User.Anonymized, User.MeansAssigned)


@pytest.mark.parametrize("enter", [User.create, User.import_])
@pytest.mark.parametrize(
    ("fields", "settings", "refusal"),
    [
        ({"anonymous": True}, NARROW, AnonymityNotAllowed),
        ({"means": (Means.PRIVATE,)}, NARROW, MeansNotOffered),
        ({"means": (Means.SHARED,)}, NARROW, MeansNotOffered),
        ({"means": (Means.CHIP,)}, NARROW, MeansNotOffered),
        ({"target_ial": Ial.HIGH}, NARROW, TargetIalAboveOrganisation),
        ({"reference_text": "Hold 4"}, NARROW, ReferenceTextNotInUse),
        ({"ean": EAN}, NARROW, EanUnknown),
        ({"p_number": P_NUMBER}, Settings(p_numbers=(P_NUMBER,)), PNumbersNotInUse),
        ({"p_number": P_NUMBER}, Settings(use_p_numbers=True), PNumberUnknown),
        ({"se_number": SE_NUMBER}, Settings(se_numbers=(SE_NUMBER,)), SeNumbersNotInUse),
        ({"se_number": SE_NUMBER}, Settings(use_se_numbers=True), SeNumberUnknown),
    ],
)
def test_values_the_organisation_does_not_allow_are_refused(  # noqa: PLR0917 - a table of cases
    enter: When,
    fields: dict[str, object],
    settings: Settings,
    refusal: type[Refusal],
    when: When,
    then_refused: Then,
) -> None:
    when(enter, USER, details(**fields), settings)
    then_refused(refusal)


@pytest.mark.parametrize("enter", [User.create, User.import_])
def test_shared_means_must_be_named_at_once_with_every_other_objection(
    enter: When, when: When, then_refused: Then
) -> None:
    when(enter, USER, details(means=(Means.SHARED,), ean="5790000000000"), PERMISSIVE_SETTINGS)
    then_refused(EanUnknown, SharedMeansNotNamed)


def test_all_objections_come_at_once(when: When, then_refused: Then) -> None:
    when(User.create, USER, details(anonymous=True, ean=EAN, means=(Means.CHIP,)), NARROW)
    then_refused(MeansNotOffered, AnonymityNotAllowed, EanUnknown)


def test_values_the_organisation_allows_are_accepted(when: When, then: Then) -> None:
    placed = {"p_number": P_NUMBER, "se_number": SE_NUMBER, "shared_means": SHARED}
    when(User.import_, USER, details(means=tuple(Means), **placed), PERMISSIVE_SETTINGS)
    then(User.Imported, (User.MeansAssigned, {"means": tuple(Means)}), User.SharedMeansLinked)


@pytest.mark.parametrize("enter", [a_user, an_imported_user])
def test_a_user_with_a_cpr_number_is_known_by_it_alone(enter: Given, given: Given) -> None:
    assert given(enter(cpr=CPR)).identity == Identity("cpr", CPR)


def test_a_user_without_a_cpr_number_is_known_by_names_birth_date_and_email(given: Given) -> None:
    known = given(a_user()).identity
    assert known == given(a_user(phone="12345678")).identity
    for other in ({"first_name": "Ane"}, {"email": "a@firma.test"}, {"date_of_birth": date(1961, 9, 8)}):
        assert known != given(a_user(**other)).identity


def test_capitals_make_no_other_person(given: Given) -> None:
    assert given(a_user(first_name="ÅSE")).identity == given(a_user(first_name="Åse")).identity


def test_a_person_s_names_do_not_run_into_each_other(given: Given) -> None:
    one = given(a_user(first_name="Anne Marie", surname="Hansen")).identity
    assert one != given(a_user(first_name="Anne", surname="Marie Hansen")).identity


def test_an_identity_and_a_user_show_nothing_personal(given: Given) -> None:
    user = given(a_user(cpr=CPR))
    for shown in (repr(user), str(user), repr(user.identity), repr(details(cpr=CPR))):
        assert CPR not in shown
        assert "Anne" not in shown
