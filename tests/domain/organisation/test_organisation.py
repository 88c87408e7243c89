from dataclasses import replace

from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.settings import Settings
from tests.domain.conftest import Given, Then, When
from tests.given import ORGANISATION, P_NUMBER, PERMISSIVE_SETTINGS, USER, an_organisation


def test_an_organisation_is_registered_with_the_id_of_the_command_context(when: When, then: Then) -> None:
    when(Organisation.register, cvr="90000001", name="Firma", settings=Settings())
    organisation = then(
        (Organisation.Registered, {"cvr": "90000001", "name": "Firma", "settings": Settings().as_json()})
    )
    assert (organisation.id, organisation.settings) == (ORGANISATION, Settings())


def test_settings_chosen_at_registration_hold(when: When, then: Then) -> None:
    when(Organisation.register, cvr="90000001", name="Firma", settings=PERMISSIVE_SETTINGS)
    assert then(Organisation.Registered).settings == PERMISSIVE_SETTINGS


def test_only_changed_settings_are_recorded(given: Given, when: When, then: Then) -> None:
    given(an_organisation(Settings(use_p_numbers=True)))
    when(Organisation.change_settings, Settings(use_p_numbers=True, p_numbers=(P_NUMBER,)))
    organisation = then((Organisation.SettingsChanged, {"changed": {"p_numbers": [P_NUMBER]}}))
    assert organisation.settings == Settings(use_p_numbers=True, p_numbers=(P_NUMBER,))


def test_a_setting_can_go_back_to_its_default(given: Given, when: When, then: Then) -> None:
    given(an_organisation(PERMISSIVE_SETTINGS))
    when(Organisation.change_settings, replace(PERMISSIVE_SETTINGS, allow_anonymous=False))
    then((Organisation.SettingsChanged, {"changed": {"allow_anonymous": False}}))


def test_the_same_settings_again_record_nothing(
    given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(an_organisation(PERMISSIVE_SETTINGS))
    when(Organisation.change_settings, replace(PERMISSIVE_SETTINGS))
    then_nothing_happened()


def test_nobody_holds_a_role_yet(given: Given) -> None:
    assert given(an_organisation(Settings())).roles_of(USER) == frozenset()
