"""The activity history of a user."""

from datetime import timedelta

import pytest

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.user.identity_confirmation import PRETENDED
from brugerbog.domain.values.means import Ial, Means
from brugerbog.projections.activity_history.projection import ActivityHistoryProjection
from brugerbog.projections.projection import RecordedEvent
from tests.given import (
    CPR,
    EAN,
    NOON,
    P_NUMBER,
    PERMISSIVE_SETTINGS,
    USER,
    Step,
    a_user,
    activated,
    activity_reported,
    an_imported_user,
    an_organisation,
    asking_for_anonymity,
    code_entered,
    confirmed,
    deactivated,
    deleted,
    edited,
    given_a_new_code,
    given_means,
    granted,
    link_expired,
    moment,
    ordered,
    reactivated,
    resent,
    sealing_with,
    sent,
    signing,
    today,
    took,
)
from tests.projections.folds import erased, erased_for_good, fold, reactivated_by_schedule, story, woven

CREATED = ["Bruger oprettet", "Aktiveringsmail sendt", "Midlertidig aktiveringskode dannet"]


def transactions(*steps: Step) -> list[str]:
    return [row["transaction"] for row in fold(ActivityHistoryProjection(), story(*steps))]


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (given_means(Means.APP), "Identifikationsmidler tildelt"),
        (edited(phone="12345678"), "Kontaktoplysninger ændret"),
        (edited(first_name="Ny"), "Navn rettet"),
        (edited(cpr=CPR), "CPR-nummer tilføjet"),
        (edited(target_ial=Ial.HIGH), "Sikringsniveau ændret"),
        (edited(p_number=P_NUMBER), "P-/SE-nummer ændret"),
        (edited(ean=EAN), "Faktureringsmetode ændret"),
        (edited(reference_text="K7"), "Referencetekst ændret"),
        (activated, "Bruger aktiveret"),
        (resent, "Aktiveringsmail gensendt"),
        (link_expired, "Aktiveringslink udløbet"),
        (granted("r1"), "Rettigheder tildelt"),
        (signing, "Ret til at underskrive tildelt"),
        (sealing_with("p1"), "Certifikatprofiler til segldannelse ændret"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_each_event_of_a_user_is_a_row(step: Step, line: str) -> None:
    assert transactions(a_user(), step) == [*CREATED, line]


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        ([given_a_new_code], ["Midlertidig aktiveringskode dannet", "Aktiveringsmail gensendt"]),
        ([confirmed], ["Identitet bekræftet med MitID"]),
        (
            [confirmed, *[code_entered(matches=False)] * 3],
            [
                "Identitet bekræftet med MitID",
                *["Forkert aktiveringskode indtastet"] * 3,
                "Midlertidig aktiveringskode spærret",
            ],
        ),
        (
            [confirmed, code_entered(matches=True)],
            ["Identitet bekræftet med MitID", "Midlertidig aktiveringskode godkendt"],
        ),
        (
            [given_means(Means.CHIP), ordered(Means.CHIP), took(Means.CHIP)],
            [
                "Identifikationsmidler tildelt",
                "Identifikationsmiddel bestilt",
                "Identifikationsmiddel aktiveret",
            ],
        ),
        (
            [given_means(Means.SHARED)],
            ["Identifikationsmidler tildelt", "Delt identifikationsmiddel tilknyttet"],
        ),
        (
            [activated, given_means(Means.APP)],
            ["Bruger aktiveret", "Identifikationsmidler tildelt", "E-mail om identifikationsmidler sendt"],
        ),
        ([activated, asking_for_anonymity], ["Bruger aktiveret", "Anmodning om at blive anonym"]),
    ],
    ids=[
        "new code",
        "confirmed",
        "three tries",
        "right code",
        "a device",
        "shared",
        "means of the active",
        "anonymity",
    ],
)
def test_events_are_rows_in_order(steps: list[Step], lines: list[str]) -> None:
    assert transactions(a_user(), *steps) == [*CREATED, *lines]


def test_a_pretended_identity_has_its_own_text() -> None:
    facts = story(a_user(), confirmed)
    facts[-1].event.__dict__["broker"] = PRETENDED

    assert fold(ActivityHistoryProjection(), facts)[-1]["transaction"] == "Identitet angivet til afprøvning"


def test_an_imported_users_history_begins_with_the_import() -> None:
    assert transactions(an_imported_user(cpr=CPR), sent) == [
        "Bruger importeret",
        "Bruger sendt til aktivering",
        "Aktiveringsmail sendt",
    ]


def test_a_deactivation_names_its_days_in_danish() -> None:
    lines = transactions(
        a_user(), activated, deactivated("2026-04-01"), deactivated("2026-12-24", "2027-01-01"), reactivated
    )

    assert lines[4:] == [
        "Bruger deaktiveret fra 01.04.2026",
        "Bruger deaktiveret fra 24.12.2026 til og med 01.01.2027",
        "Bruger genaktiveret",
    ]


def test_a_row_has_position_time_and_provider() -> None:
    first, *_, last = fold(
        ActivityHistoryProjection(), story(a_user(cpr=CPR), today("2026-03-21"), activated)
    )

    assert (first["user_id"], first["position"], last["position"]) == (USER, 3, 9)
    assert (last["service_provider"], last["service_type"]) == ("MitID Erhverv", "public")
    assert last["occurred_at"] == microseconds(NOON + timedelta(1))


def test_due_work_is_shown_when_it_took_effect_not_when_it_was_recorded() -> None:
    rows = fold(
        ActivityHistoryProjection(),
        story(
            a_user(),
            activated,
            deactivated("2026-03-20", "2026-03-20"),
            today("2026-04-30"),
            reactivated_by_schedule("2026-03-21T00:00:00+01:00"),
        ),
    )

    assert rows[-1]["occurred_at"] == microseconds(moment("2026-03-21T00:00:00+01:00"))


@pytest.mark.parametrize("days", [0, 30])
def test_deleted_users_have_no_rows(days: int) -> None:
    assert transactions(a_user(), activated, deleted(retention_days=days)) == []
    assert transactions(a_user(), deleted(retention_days=30), erased_for_good) == []


def test_events_of_an_organisation_add_no_rows() -> None:
    assert transactions(an_organisation(PERMISSIVE_SETTINGS)) == []


def test_the_history_has_no_personal_data() -> None:
    facts = story(a_user(cpr=CPR), edited(surname="Ny", email="ny@firma.test"))

    assert fold(ActivityHistoryProjection(), erased(facts)) == fold(ActivityHistoryProjection(), facts)


# What services report


def test_an_activity_is_a_row_of_its_user_at_its_time() -> None:
    event = activity_reported(at=NOON - timedelta(3), service_type="private")

    (row,) = ActivityHistoryProjection().new_rows(RecordedEvent(7, event))

    assert row == {
        "user_id": USER,
        "occurred_at": microseconds(NOON - timedelta(3)),
        "position": 7,
        "transaction": "Log ind",
        "service_provider": "Prøveborger",
        "service_type": "private",
    }


def test_an_activity_of_an_erased_user_adds_no_row() -> None:
    life = woven(story(a_user(), activated), activity_reported(version=1), activity_reported(version=2))

    rows = fold(ActivityHistoryProjection(), erased(life))

    assert [row["transaction"] for row in rows] == [*CREATED, "Bruger aktiveret"]


@pytest.mark.parametrize("end", [[deleted()], [deleted(retention_days=30)]])
def test_a_deletion_deletes_activities_too(end: list[Step]) -> None:
    life = story(a_user(), *end)

    assert (
        fold(ActivityHistoryProjection(), woven(life, activity_reported(), activity_reported(version=2)))
        == []
    )


def test_an_activity_recorded_after_a_deletion_is_deleted_at_the_erasure() -> None:
    life = story(a_user(), deleted(retention_days=30), erased_for_good)
    late = RecordedEvent(life[-2].position + 1, activity_reported())

    assert fold(ActivityHistoryProjection(), [*life[:-1], late, life[-1]]) == []
    assert fold(ActivityHistoryProjection(), erased([*life, late])) == []
