"""The preview of settings lists users who have what would be disallowed, and changes none of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brugerbog.application.commands.user_input import NamedShared
from brugerbog.application.queries.previews.effects import UsersAffected
from brugerbog.application.queries.user_list import UserView
from brugerbog.application.refusals.requests import NotAllowed, SettingsInvalid
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.means import Ial, Means
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.org_driver import BORN, OTHER_P_NUMBER, PERMISSIVE_VALUES, OrgDriver
from tests.people import made_up_cpr

HAVING: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no name": {"anonymous": True},
    "private means": {"means": (Means.PRIVATE,)},
    "shared means": {
        "means": (Means.SHARED,),
        "shared_means": NamedShared(owner_cvr="90000002", identifier="delt-1"),
    },
    "chip": {"means": (Means.CHIP, Means.APP)},
    "P-number": {"p_number": P_NUMBER},
    "other P-number": {"p_number": OTHER_P_NUMBER},
    "SE-number": {"se_number": SE_NUMBER},
    "EAN": {"ean": EAN},
    "reference text": {"reference_text": "Kasse 7"},
    "high level": {"target_ial": Ial.HIGH},
    "rights": {"rights": ("r1", "r2")},
    "one right": {"rights": ("r2",)},
    "seals": {"sealing_profiles": ("p1", "p2")},
    "one seal": {"sealing_profiles": ("p2",)},
}
"""Users by what they have in addition to all others."""

NARROWED: dict[str, tuple[dict[str, Any], list[tuple[str, str | None, set[str]]]]] = {
    "anonymous": ({"allow_anonymous": False}, [("allow_anonymous", None, {"no name"})]),
    "private": ({"allow_private_means": False}, [("allow_private_means", None, {"private means"})]),
    "shared": ({"allow_shared_means": False}, [("allow_shared_means", None, {"shared means"})]),
    "P": ({"use_p_numbers": False}, [("use_p_numbers", None, {"P-number", "other P-number"})]),
    "SE": ({"use_se_numbers": False}, [("use_se_numbers", None, {"SE-number"})]),
    "reference": ({"use_reference_text": False}, [("use_reference_text", None, {"reference text"})]),
    "sealing": ({"allow_sealing": False}, [("allow_sealing", None, {"seals", "one seal"})]),
    "level": ({"ial": "substantial"}, [("ial", None, {"high level"})]),
    "one P": ({"p_numbers": [P_NUMBER]}, [("p_numbers", OTHER_P_NUMBER, {"other P-number"})]),
    "all SE": ({"se_numbers": []}, [("se_numbers", SE_NUMBER, {"SE-number"})]),
    "all EAN": ({"eans": []}, [("eans", EAN, {"EAN"})]),
    "devices": (
        {"dedicated_means": ["code_display"]},
        [("dedicated_means", "app", {"chip"}), ("dedicated_means", "chip", {"chip"})],
    ),
    "one profile": (
        {"certificate_profiles": ["p2"]},
        [("certificate_profiles", "p1", {"seals"})],
    ),
    "rights": ({"rights": []}, [("rights", "r1", {"rights"}), ("rights", "r2", {"rights", "one right"})]),
    "two at once": (
        {"allow_anonymous": False, "eans": []},
        [("allow_anonymous", None, {"no name"}), ("eans", EAN, {"EAN"})],
    ),
}
"""What is changed, and whom it concerns: by setting, value, and what they have."""


def settle(org: OrgDriver) -> dict[str, UUID]:
    """One person for each thing that can be had; deleted ones had it too."""
    people = {}
    for serial, (has, said) in enumerate(HAVING.items()):
        known = {"cpr": made_up_cpr(BORN, serial), "target_ial": Ial.SUBSTANTIAL}
        people[has] = org.create(has, **(known | said))
        gone = org.create(has, **(known | said | {"cpr": made_up_cpr(BORN, 100 + serial)}))
        org.delete(gone)
    return people


@pytest.fixture(scope="module")
def settled(make_org: Callable[..., OrgDriver]) -> tuple[OrgDriver, dict[str, UUID]]:
    """An organisation that tests only ask."""
    org = make_org()
    return org, settle(org)


def concerned(org: OrgDriver, changes: dict[str, Any]) -> list[tuple[str, str | None, set[UUID]]]:
    found = org.queries.concerned_by(org.actor, changes)
    return sorted(((one.setting, one.value, set(one.users)) for one in found), key=str)


@pytest.mark.parametrize("change", NARROWED)
def test_the_preview_lists_exactly_the_users_who_have_what_is_disallowed(
    settled: tuple[OrgDriver, dict[str, UUID]], change: str
) -> None:
    org, people = settled
    changes, expected = NARROWED[change]

    assert concerned(org, changes) == sorted(
        ((setting, value, {people[has] for has in all_}) for setting, value, all_ in expected), key=str
    )


@pytest.mark.parametrize("change", NARROWED)
def test_a_change_of_settings_changes_no_user(org: OrgDriver, change: str) -> None:
    settle(org)
    before, position = org.users(), org.service.log.recorder.max_notification_id()
    concerns = concerned(org, NARROWED[change][0])

    changed = org.administration.change_settings(org.actor, NARROWED[change][0])

    assert changed.position == (position or 0) + 1
    assert org.users() == before
    assert concerns
    assert concerned(org, NARROWED[change][0]) == []


def had_by(user: UserView) -> dict[str, set[str | None]]:
    """What a user has, by the settings that allow it."""
    return {
        "allow_anonymous": {None} if user.anonymous else set(),
        "allow_private_means": {None} if "private" in user.means else set(),
        "allow_shared_means": {None} if "shared" in user.means else set(),
        "use_p_numbers": {None} if user.p_number else set(),
        "use_se_numbers": {None} if user.se_number else set(),
        "use_reference_text": {None} if user.reference_text else set(),
        "allow_sealing": {None} if user.sealing_profiles else set(),
        "dedicated_means": set(user.means),
        "p_numbers": {user.p_number},
        "se_numbers": {user.se_number},
        "eans": {user.ean},
        "certificate_profiles": set(user.sealing_profiles),
        "rights": set(user.rights),
    }


def _part_of(name: str) -> st.SearchStrategy[Any]:
    value = PERMISSIVE_VALUES[name]
    if not isinstance(value, list):
        return st.booleans()
    least = 1 if name == "dedicated_means" else 0
    return st.lists(st.sampled_from(value), unique_by=str, min_size=least)


@settings(max_examples=60)
@given(
    changes=st.fixed_dictionaries(
        {}, optional={name: _part_of(name) for name in PERMISSIVE_VALUES if name != "ial"}
    )
)
def test_any_change_affects_the_users_whose_view_has_what_it_disallows(
    settled: tuple[OrgDriver, dict[str, UUID]], changes: dict[str, Any]
) -> None:
    org, _ = settled
    expected: dict[tuple[str, str | None], set[UUID]] = {}
    for name, after in changes.items():
        gone = (
            [one for one in PERMISSIVE_VALUES[name] if one not in after]
            if isinstance(after, list)
            else [None]
        )
        for one in gone if after is not True else []:
            value = one["id"] if isinstance(one, dict) else one
            users = {user.id for user in org.users() if value in had_by(user)[name]}
            if users:
                expected[name, value] = users

    assert concerned(org, changes) == sorted(((*key, users) for key, users in expected.items()), key=str)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        PERMISSIVE_VALUES,
        {"eans": [EAN, "5790000000005"], "p_numbers": [OTHER_P_NUMBER, P_NUMBER, "1000000003"]},
        {"rights": [*PERMISSIVE_VALUES["rights"], {"id": "r3", "name": "Se", "service_provider": "Skat"}]},
        {"rights": [{"id": one, "name": "Andet navn", "service_provider": "Told"} for one in ("r2", "r1")]},
        {"erasure_retention_days": 30},
        {"prices": {"user": 1, "chip": 1, "free_users": 0}},
    ],
    ids=["nothing", "the same", "more numbers", "more rights", "renamed rights", "retention", "prices"],
)
def test_a_change_that_disallows_nothing_affects_no_user(
    settled: tuple[OrgDriver, dict[str, UUID]], changes: dict[str, Any]
) -> None:
    org, _ = settled

    assert org.queries.concerned_by(org.actor, changes) == []


def test_what_was_disallowed_before_affects_no_user(org: OrgDriver) -> None:
    settle(org)
    org.administration.change_settings(org.actor, {"allow_anonymous": False})

    assert org.queries.concerned_by(org.actor, {"allow_anonymous": False}) == []


def test_imported_users_are_affected_too(org: OrgDriver, tmp_path: Path) -> None:
    imported = org.import_people(tmp_path, 2)

    (concern,) = org.queries.concerned_by(org.actor, {"allow_private_means": False})

    assert (concern.setting, concern.value, set(concern.users)) == ("allow_private_means", None, {*imported})


def test_one_price_changes_and_the_others_stay(org: OrgDriver) -> None:
    before = org.queries.organisation(org.actor).settings
    org.administration.change_settings(org.actor, {"prices": {"chip": 1}})

    after = org.queries.organisation(org.actor).settings
    assert (after.prices.chip, after.prices.user, after.prices.code_display) == (1, 2000, 3350)
    assert before.changes_to(after).keys() == {"prices"}


def test_users_of_other_organisations_are_never_affected(org: OrgDriver, neighbours: OrgDriver) -> None:
    settle(neighbours)

    assert org.queries.concerned_by(org.actor, {"allow_anonymous": False, "eans": []}) == []


def test_settings_that_cannot_be_read_are_refused(org: OrgDriver) -> None:
    with pytest.raises(SettingsInvalid):
        org.queries.concerned_by(org.actor, {"ial": "lowest"})


def test_two_rights_with_one_id_are_refused(org: OrgDriver) -> None:
    twice = [{"id": "r1", "name": name, "service_provider": "Skat"} for name in ("Læse", "Skrive")]

    with pytest.raises(SettingsInvalid, match="rights"):
        org.administration.change_settings(org.actor, {"rights": twice})


@pytest.mark.parametrize("setting", ["p_numbers", "se_numbers", "eans", "certificate_profiles"])
def test_a_repeated_item_of_a_list_is_stored_once(org: OrgDriver, setting: str) -> None:
    listed = list(getattr(org.queries.organisation(org.actor).settings, setting))

    org.administration.change_settings(org.actor, {setting: listed + listed})

    assert list(getattr(org.queries.organisation(org.actor).settings, setting)) == listed


@pytest.mark.parametrize("role", [Role.USER_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR])
def test_the_preview_needs_the_permission_to_change_settings(org: OrgDriver, role: Role) -> None:
    user_id = org.create_active()
    org.administration.give_role(org.actor, user_id, role)
    ask = org.queries.concerned_by

    if role is Role.USER_ADMINISTRATOR:
        with pytest.raises(NotAllowed):
            ask(org.seen_by(user_id).actor, {})
    else:
        assert ask(org.seen_by(user_id).actor, {"allow_anonymous": False}) == []


def test_the_preview_lists_ids_only(settled: tuple[OrgDriver, dict[str, UUID]]) -> None:
    org, people = settled

    assert org.queries.concerned_by(org.actor, {"eans": []}) == [UsersAffected("eans", EAN, (people["EAN"],))]
