"""Who the organisation's users are, and what is known of each."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from brugerbog.domain.kernel.days import first_moment
from brugerbog.domain.kernel.instants import instant, microseconds
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means
from brugerbog.projections.projection import RecordedEvent
from brugerbog.projections.user_list.projection import UserListProjection
from tests.given import (
    CPR,
    EAN,
    NOON,
    ORGANISATION,
    P_NUMBER,
    PERMISSIVE_SETTINGS,
    SE_NUMBER,
    USER,
    Scenario,
    Step,
    a_user,
    activated,
    an_imported_user,
    an_organisation,
    asking_for_anonymity,
    confirmed,
    deactivated,
    deleted,
    edited,
    given_means,
    granted,
    moment,
    now,
    ordered,
    reactivated,
    resent,
    sealing_with,
    sent,
    signing,
    today,
    took,
)
from tests.projections.folds import erased, fold, story

LATER = "2026-03-21T12:00:00+01:00"
NINE_PAST = NOON + timedelta(minutes=9)


def consent_withdrawn(scenario: Scenario) -> None:
    scenario.execute(User.withdraw_consent)


def revoked(*rights: str) -> Step:
    return lambda scenario: scenario.execute(User.revoke_rights, rights)


def row_after(*steps: Step) -> dict[str, Any]:
    """The row as it is."""
    (row,) = [row for row in fold(UserListProjection(), story(*steps)) if row["until"] is None]
    return row


def spans(facts: Iterable[RecordedEvent]) -> list[tuple[datetime, datetime | None]]:
    """Since when and until when each row holds."""
    return [
        (instant(row["since"]), row["until"] and instant(row["until"]))
        for row in fold(UserListProjection(), facts)
    ]


def recorded_at(facts: list[RecordedEvent], *minutes: int) -> list[RecordedEvent]:
    """Return the same events, recorded so many minutes past noon by different clocks."""
    for fact, minute in zip(facts, minutes, strict=True):
        vars(fact.event)["timestamp"] = NOON + timedelta(minutes=minute)
    return facts


def test_a_created_user_is_one_row() -> None:
    row = row_after(a_user(cpr=CPR, phone="12345678", p_number=P_NUMBER, se_number=SE_NUMBER, ean=EAN))

    assert (row["user_id"], row["organisation_id"], row["version"]) == (USER, ORGANISATION, 2)
    assert (row["first_name"], row["surname"], row["email"]) == ("Anne", "Hansen", "anne@firma.test")
    assert (row["phase"], row["created_at"]) == ("pending", microseconds(NOON))
    assert (row["cpr_masked"], row["date_of_birth"]) == (f"{CPR[:6]}-xxxx", "1961-09-07")
    assert (row["p_number"], row["se_number"], row["ean"]) == (P_NUMBER, SE_NUMBER, EAN)
    assert (row["anonymous"], row["means"], row["target_ial"]) == (False, "", "substantial")


def test_a_row_never_has_a_cpr_number() -> None:
    row = row_after(a_user(), edited(cpr=CPR))

    assert row["cpr_masked"] == f"{CPR[:6]}-xxxx"
    assert CPR not in str(row)


@pytest.mark.parametrize(
    ("steps", "phase"),
    [
        ([a_user()], "pending"),
        ([a_user(), activated], "active"),
        ([an_imported_user()], "imported"),
        ([an_imported_user(), sent], "pending"),
        ([an_imported_user(), sent, activated], "active"),
    ],
)
def test_the_phase_follows_the_events(steps: list[Step], phase: str) -> None:
    assert row_after(*steps)["phase"] == phase


@pytest.mark.parametrize(
    ("step", "changed"),
    [
        (
            edited(email="ny@firma.test"),
            {"email": "ny@firma.test", "account_key": "ny@firma.test", "version": 5},
        ),
        (edited(phone="12345678"), {"phone": "12345678"}),
        (edited(target_ial=Ial.HIGH), {"target_ial": "high"}),
        (edited(p_number=P_NUMBER), {"p_number": P_NUMBER}),
        (edited(se_number=SE_NUMBER), {"se_number": SE_NUMBER}),
        (edited(ean=EAN), {"ean": EAN}),
        (edited(reference_text="K7"), {"reference_text": "K7"}),
        (given_means(Means.APP, Means.CHIP), {"means": "app,chip"}),
        (edited(first_name="Åse"), {"first_name": "Åse"}),
        (edited(user_name="Åse@K"), {"user_name": "Åse@K", "account_key": "åse@k"}),
        (edited(external_id="e-1"), {"external_id": "e-1"}),
    ],
)
def test_each_edit_changes_its_columns_only(step: Step, changed: dict[str, object]) -> None:
    before, after = row_after(a_user()), row_after(a_user(), step)

    expected = before | {"version": 4} | changed
    keys = {"sort_key", "search_text"}
    assert {name: after[name] for name in after.keys() - keys} == {
        name: expected[name] for name in expected.keys() - keys
    }


@pytest.mark.parametrize(
    ("steps", "changed"),
    [
        ([given_means(Means.CHIP), ordered(Means.CHIP)], {"means": "chip", "ordered_means": "chip"}),
        (
            [given_means(Means.CHIP, Means.CHIP), ordered(Means.CHIP), took(Means.CHIP)],
            {"means": "chip,chip", "active_means": "chip"},
        ),
        ([given_means(Means.PRIVATE), took(Means.PRIVATE), consent_withdrawn], {"means": "private"}),
        ([granted("r1", "r2"), revoked("r1")], {"rights": "r2"}),
        ([signing], {"can_sign": True}),
        ([sealing_with("p1", "p2")], {"sealing_profiles": "p1\np2"}),
        ([sealing_with("p1"), sealing_with()], {}),
        ([asking_for_anonymity], {"asks_for_anonymity": True}),
    ],
    ids=["ordered", "taken", "consent", "rights", "signing", "sealing", "no sealing", "anonymity"],
)
def test_each_entitlement_changes_its_columns_only(steps: list[Step], changed: dict[str, Any]) -> None:
    before, after = row_after(a_user(), activated), row_after(a_user(), activated, *steps)

    assert after | {"version": 0} == before | {"version": 0} | changed


def test_a_link_expiry_is_kept_until_activation() -> None:
    ends = [
        row_after(a_user(), *steps)["link_expires_at"]
        for steps in ([], [today("2026-03-25"), resent], [activated])
    ]

    assert ends == [
        microseconds(moment("2026-04-19T12:00:00+02:00")),
        microseconds(moment("2026-04-24T12:00:00+02:00")),
        None,
    ]


def test_means_are_in_order_of_assignment() -> None:
    row = row_after(a_user(means=(Means.APP,)), given_means(Means.CHIP), given_means(Means.PRIVATE))

    assert row["means"] == "app,chip,private"


def test_an_anonymous_user_keeps_the_name() -> None:
    row = row_after(a_user(anonymous=True))

    assert (row["anonymous"], row["first_name"]) == (True, "Anne")


def test_a_new_name_changes_search_text_and_sort_key() -> None:
    before, after = row_after(a_user()), row_after(a_user(), edited(surname="Aaberg"))

    assert after["sort_key"] > before["sort_key"]
    assert " aaberg" in after["search_text"]
    assert " hansen" not in after["search_text"]
    assert " anne@firma.test" in after["search_text"]


def test_a_new_address_replaces_the_old_one_in_the_search_text() -> None:
    after = row_after(a_user(), edited(email="ny@firma.test"))["search_text"]

    assert " ny@firma.test" in after
    assert "anne@firma.test" not in after
    assert " hansen" in after


def test_the_latest_deactivation_replaces_the_others() -> None:
    steps = [a_user(), activated, deactivated("2026-04-01"), deactivated("2026-05-01", "2026-05-02")]

    row, after = row_after(*steps), row_after(*steps, reactivated)
    assert (row["deactivated_from"], row["deactivated_to"]) == ("2026-05-01", "2026-05-02")
    assert (after["deactivated_from"], after["deactivated_to"], after["phase"]) == (None, None, "active")


@pytest.mark.parametrize("days", [0, 30])
def test_a_deleted_user_has_no_current_row(days: int) -> None:
    rows = fold(UserListProjection(), story(a_user(), activated, now(LATER), deleted(retention_days=days)))

    assert [row["until"] for row in rows] == [microseconds(moment(LATER))]


def test_a_user_deleted_at_the_instant_of_creation_has_no_row() -> None:
    assert fold(UserListProjection(), story(a_user(), activated, deleted(retention_days=30))) == []


def test_a_change_keeps_the_earlier_row() -> None:
    before, after = fold(
        UserListProjection(), story(a_user(), now(LATER), edited(first_name="Åse", email="ny@firma.test"))
    )

    assert (before["first_name"], before["email"]) == ("Anne", "anne@firma.test")
    assert (after["first_name"], after["email"]) == ("Åse", "ny@firma.test")
    assert (before["since"], before["until"]) == (microseconds(NOON), microseconds(moment(LATER)))
    assert (after["since"], after["until"]) == (microseconds(moment(LATER)), None)


def test_an_event_without_visible_change_keeps_no_earlier_row() -> None:
    assert len(fold(UserListProjection(), story(a_user(cpr=CPR), now(LATER), confirmed))) == 1


def test_an_event_with_too_early_a_time_is_valid_from_the_time_before_it() -> None:
    facts = story(an_imported_user(), edited(phone="12345678"), edited(phone="22345678"))

    assert spans(recorded_at(facts, 0, 9, 5)) == [(NOON, NINE_PAST), (NINE_PAST, None)]


def test_an_event_without_visible_change_moves_that_time_too() -> None:
    facts = story(a_user(cpr=CPR), confirmed, edited(phone="12345678"))

    assert spans(recorded_at(facts, 0, 0, 9, 5)) == [(NOON, NINE_PAST), (NINE_PAST, None)]


def test_an_erasure_clears_past_rows_too() -> None:
    steps = [a_user(cpr=CPR), now(LATER), edited(surname="Ny"), now("2026-03-22T12:00:00+01:00"), deleted()]
    read, read_again = (
        fold(UserListProjection(), story(*steps)),
        fold(UserListProjection(), erased(story(*steps))),
    )

    assert read == read_again
    assert [(row["first_name"], row["search_text"].strip()) for row in read] == [(None, "")] * 2


def test_past_rows_of_a_deleted_user_are_kept() -> None:
    (row,) = fold(UserListProjection(), story(a_user(), now(LATER), deleted(retention_days=30)))

    assert (row["first_name"], row["until"]) == ("Anne", microseconds(moment(LATER)))


def test_events_of_an_organisation_add_no_user() -> None:
    assert fold(UserListProjection(), story(an_organisation(PERMISSIVE_SETTINGS))) == []


def test_the_events_of_an_erased_user_can_be_projected_again() -> None:
    facts = erased(story(a_user(cpr=CPR), edited(surname="Ny", email="ny@firma.test", reference_text="K7")))

    (row,) = fold(UserListProjection(), facts)
    personal = ("first_name", "surname", "email", "phone", "cpr_masked", "date_of_birth", "reference_text")
    assert {row[name] for name in personal} == {None}
    assert row["search_text"].strip() == ""


def test_an_added_and_erased_cpr_number_leaves_nothing() -> None:
    (row,) = fold(UserListProjection(), erased(story(a_user(), edited(cpr=CPR))))

    assert row["cpr_masked"] is None


def test_the_time_of_creation_has_microseconds() -> None:
    row = row_after(a_user())

    assert row["created_at"] - microseconds(first_moment(NOON.date())) == 12 * 3600 * 10**6
