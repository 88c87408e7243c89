"""What a user has done and had done to him lately."""

from datetime import timedelta

import pytest

from brugerbog.domain.instants import microseconds
from brugerbog.domain.means import Ial, Means
from brugerbog.domain.user import User
from brugerbog.projections.activity_history import LATEST, ActivityHistory
from brugerbog.projections.projection import Recorded
from tests.given import (
    CPR,
    EAN,
    NOON,
    OPEN_HANDED,
    P_NUMBER,
    USER,
    Stage,
    Step,
    a_user,
    act,
    activated,
    an_imported_user,
    an_organisation,
    deactivated,
    deleted,
    moment,
    reactivated,
    today,
)
from tests.projections.folds import (
    edited,
    erased,
    erased_for_good,
    fold,
    given_means,
    reactivated_by_schedule,
    recorded,
    sent,
    story,
)


def transactions(*steps: Step) -> list[str]:
    return [row["transaction"] for row in fold(ActivityHistory(), story(*steps))]


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (given_means(Means.APP), "Identifikationsmidler tildelt"),
        (edited(email="ny@firma.test"), "Kontaktoplysninger ændret"),
        (edited(first_name="Ny"), "Navn rettet"),
        (edited(cpr=CPR), "CPR-nummer tilføjet"),
        (edited(target_ial=Ial.HIGH), "Sikringsniveau ændret"),
        (edited(p_number=P_NUMBER), "P-/SE-nummer ændret"),
        (edited(ean=EAN), "Faktureringsmetode ændret"),
        (edited(reference_text="K7"), "Referencetekst ændret"),
        (activated, "Bruger aktiveret"),
    ],
)
def test_each_fact_of_a_life_is_a_line(step: Step, line: str) -> None:
    assert transactions(a_user(), step) == ["Bruger oprettet", line]


def test_an_imported_life_begins_with_the_import() -> None:
    assert transactions(an_imported_user(), sent) == ["Bruger importeret", "Bruger sendt til aktivering"]


def test_a_deactivation_names_its_days_in_danish() -> None:
    lines = transactions(
        a_user(), activated, deactivated("2026-04-01"), deactivated("2026-12-24", "2027-01-01"), reactivated
    )

    assert lines[2:] == [
        "Bruger deaktiveret fra 01.04.2026",
        "Bruger deaktiveret fra 24.12.2026 til og med 01.01.2027",
        "Bruger genaktiveret",
    ]


def test_a_line_has_its_place_its_time_and_its_provider() -> None:
    first, last = fold(ActivityHistory(), story(a_user(), today("2026-03-21"), activated))

    assert (first["user_id"], first["position"], last["position"]) == (USER, 3, 6)
    assert (last["service_provider"], last["service_type"]) == ("MitID Erhverv", "public")
    assert last["occurred_at"] == microseconds(NOON + timedelta(1))


def test_due_work_is_shown_when_it_took_effect_not_when_it_was_recorded() -> None:
    rows = fold(
        ActivityHistory(),
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
def test_the_deleted_have_no_history(days: int) -> None:
    assert transactions(a_user(), activated, deleted(retention_days=days)) == []
    assert transactions(a_user(), deleted(retention_days=30), erased_for_good) == []


def test_an_organisation_has_no_history() -> None:
    assert transactions(an_organisation(OPEN_HANDED)) == []


def test_a_history_needs_nothing_personal() -> None:
    facts = story(a_user(cpr=CPR), edited(surname="Ny", email="ny@firma.test"))

    assert fold(ActivityHistory(), erased(facts)) == fold(ActivityHistory(), facts)


def busy_life(lines: int) -> list[Recorded]:
    """A user and so many lines, one a minute."""
    stage = Stage()
    a_user()(stage)
    for minute in range(1, lines):
        stage.now = NOON + timedelta(minutes=minute)
        edited(phone=f"{10_000_000 + minute}")(stage)
    return recorded(stage.aggregate.pending_events)


@pytest.mark.parametrize(("lines", "kept"), [(199, 199), (200, 200), (201, 200), (250, 200)])
def test_the_latest_200_are_kept(lines: int, kept: int) -> None:
    rows = fold(ActivityHistory(), busy_life(lines))

    assert len(rows) == kept
    assert rows[-1]["occurred_at"] == microseconds(NOON + timedelta(minutes=lines - 1))
    assert rows[0]["occurred_at"] == microseconds(NOON + timedelta(minutes=lines - kept))


def test_the_latest_are_those_that_took_effect_last() -> None:
    late = act(NOON + timedelta(1), actor=USER)
    facts = busy_life(LATEST)
    old = User.Reactivated(
        originator_id=USER,
        originator_version=LATEST + 1,
        **late.stamp() | {"effective_at": NOON - timedelta(1)},
    )

    rows = fold(ActivityHistory(), [*facts, Recorded(10_000, old)])

    assert [row["position"] for row in rows] == [fact.position for fact in facts]
