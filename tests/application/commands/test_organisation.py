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
from tests.org_driver import OrgDriver, register_org


def test_an_organisation_is_registered_with_its_settings(org: OrgDriver) -> None:
    organisation = org.queries.organisation(org.actor)

    assert organisation.name == "Prøve Kommune"
    assert organisation.settings.p_numbers[0] == P_NUMBER
    assert organisation.settings.ial is Ial.HIGH


def test_a_cvr_number_is_registered_once(org: OrgDriver) -> None:
    cvr = org.queries.organisation(org.actor).cvr

    with pytest.raises(refusals.OrganisationAlreadyRegistered):
        register_org(org.service, org.clock, cvr=cvr)


def test_an_operator_acting_in_one_organisation_can_register_another(org: OrgDriver) -> None:
    other = org.administration.register_organisation(org.actor, cvr="98765432", name="Nabo")

    assert org.service.organisation_id("98765432") == other.subject


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
def test_an_invalid_organisation_is_refused(
    org: OrgDriver, said: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        org.administration.register_organisation(operator(), **said)


def test_settings_that_are_not_given_stay(org: OrgDriver) -> None:
    org.administration.change_settings(org.actor, {"use_p_numbers": False})

    settings_now = org.queries.organisation(org.actor).settings
    assert (settings_now.use_p_numbers, settings_now.use_se_numbers) == (False, True)


def test_every_mistake_in_settings_is_named_at_once(org: OrgDriver) -> None:
    with pytest.raises(Refusals) as refusal:
        org.administration.change_settings(
            org.actor, {"eans": ["1"], "dedicated_means": ["private"], "erasure_retention_days": -1}
        )

    assert {one.field for one in refusal.value.objections} == {
        "eans.0",
        "dedicated_means",
        "erasure_retention_days",
    }


def test_the_same_settings_again_record_nothing(org: OrgDriver) -> None:
    before = event_count(org)

    org.administration.change_settings(org.actor, {"ial": "high"})

    assert event_count(org) == before
