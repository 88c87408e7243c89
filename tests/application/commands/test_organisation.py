"""Organisations are registered, and their settings changed."""

from typing import Any

import pytest

from brugerbog.application.actors import operator
from brugerbog.application.refusals import requests as refusals
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.domain.values import numbers, personal_data
from brugerbog.domain.values.means import Ial
from tests.application.commands.helpers import event_count
from tests.given import P_NUMBER
from tests.org_driver import Town, found


def test_an_organisation_is_registered_with_its_settings(town: Town) -> None:
    organisation = town.queries.organisation(town.actor)

    assert organisation.name == "Prøve Kommune"
    assert organisation.settings.p_numbers[0] == P_NUMBER
    assert organisation.settings.ial is Ial.HIGH


def test_a_cvr_number_is_registered_once(town: Town) -> None:
    cvr = town.queries.organisation(town.actor).cvr

    with pytest.raises(refusals.OrganisationAlreadyRegistered):
        found(town.service, town.clock, cvr=cvr)


def test_an_operator_acting_in_one_organisation_can_register_another(town: Town) -> None:
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
def test_an_invalid_organisation_is_refused(town: Town, said: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        town.administration.register_organisation(operator(), **said)


def test_settings_that_are_not_given_stay(town: Town) -> None:
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
    before = event_count(town)

    town.administration.change_settings(town.actor, {"ial": "high"})

    assert event_count(town) == before
