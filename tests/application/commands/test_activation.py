"""Means are assigned, and imported users sent to activation."""

from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.application.commands.user_input import NamedShared
from brugerbog.domain import settings
from brugerbog.domain.user import means_held
from brugerbog.domain.user import refusals as refused
from brugerbog.domain.values import numbers
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.org_driver import OrgDriver

SHARED = NamedShared(owner_cvr="90000002", identifier="delt-1")


def test_assigned_means_are_added_to_the_existing_ones(org: OrgDriver, ida: UUID) -> None:
    org.administration.assign_means(org.actor, ida, [Means.CHIP])
    org.administration.assign_means(org.actor, ida, [Means.CHIP, Means.APP])

    assert org.show(ida).means == ["chip", "app"]


def test_means_that_are_not_offered_are_refused(org: OrgDriver, ida: UUID) -> None:
    org.administration.change_settings(org.actor, {"dedicated_means": ["app"]})

    with pytest.raises(settings.MeansNotOffered):
        org.administration.assign_means(org.actor, ida, [Means.APP, Means.CHIP])

    assert org.show(ida).means == []


def test_means_are_assigned_as_often_as_they_are_named(org: OrgDriver, ida: UUID) -> None:
    org.administration.assign_means(org.actor, ida, [Means.CHIP, Means.CHIP])

    assert org.show(ida).means == ["chip", "chip"]


def test_shared_means_are_named_by_owner_and_id(org: OrgDriver, ida: UUID) -> None:
    with pytest.raises(means_held.SharedMeansNotNamed):
        org.administration.assign_means(org.actor, ida, [Means.SHARED])
    invalid = NamedShared(owner_cvr="1", identifier="delt-1")
    with pytest.raises(numbers.CvrInvalid):
        org.administration.assign_means(org.actor, ida, [Means.SHARED], shared=invalid)
    org.administration.assign_means(org.actor, ida, [Means.SHARED], shared=SHARED)

    assert org.show(ida).means == ["shared"]


def test_imported_users_are_sent_to_activation_together(org: OrgDriver, tmp_path: Path) -> None:
    imported = org.import_people(tmp_path, 3)

    org.administration.send_many_to_activation(org.actor, imported)

    assert {user.status for user in org.users()} == {Status.PENDING}


def test_a_user_who_is_not_imported_is_not_sent_to_activation(org: OrgDriver) -> None:
    pending = org.create()

    with pytest.raises(refused.NotImported) as refusal:
        org.administration.send_to_activation(org.actor, pending)

    assert refusal.value.user_id == pending


def test_a_user_named_twice_is_sent_once(org: OrgDriver, tmp_path: Path) -> None:
    imported = org.import_people(tmp_path, 1)

    org.administration.send_many_to_activation(org.actor, imported * 2)

    assert org.transactions(imported[0]).count("Bruger sendt til aktivering") == 1


def test_only_pending_users_are_activated(org: OrgDriver, ida: UUID, tmp_path: Path) -> None:
    for user_id in (ida, *org.import_people(tmp_path, 1)):
        with pytest.raises(refused.NotPending):
            org.administration.activate_user(org.actor, user_id)
