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
from tests.org_driver import Town

SHARED = NamedShared(owner_cvr="90000002", identifier="delt-1")


def test_assigned_means_are_added_to_the_existing_ones(town: Town, ida: UUID) -> None:
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
    invalid = NamedShared(owner_cvr="1", identifier="delt-1")
    with pytest.raises(numbers.CvrInvalid):
        town.administration.assign_means(town.actor, ida, [Means.SHARED], shared=invalid)
    town.administration.assign_means(town.actor, ida, [Means.SHARED], shared=SHARED)

    assert town.show(ida).means == ["shared"]


def test_imported_users_are_sent_to_activation_together(town: Town, tmp_path: Path) -> None:
    imported = town.import_people(tmp_path, 3)

    town.administration.send_many_to_activation(town.actor, imported)

    assert {user.status for user in town.users()} == {Status.PENDING}


def test_a_user_who_is_not_imported_is_not_sent_to_activation(town: Town) -> None:
    pending = town.create()

    with pytest.raises(refused.NotImported) as refusal:
        town.administration.send_to_activation(town.actor, pending)

    assert refusal.value.user_id == pending


def test_a_user_named_twice_is_sent_once(town: Town, tmp_path: Path) -> None:
    imported = town.import_people(tmp_path, 1)

    town.administration.send_many_to_activation(town.actor, imported * 2)

    assert town.transactions(imported[0]).count("Bruger sendt til aktivering") == 1


def test_only_pending_users_are_activated(town: Town, ida: UUID, tmp_path: Path) -> None:
    for user_id in (ida, *town.import_people(tmp_path, 1)):
        with pytest.raises(refused.NotPending):
            town.administration.activate_user(town.actor, user_id)
