"""What holds for each projection: it goes on from any cut, and changes nothing it is given."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.domain.values.means import Means
from brugerbog.projections.catalogue import PROJECTIONS
from brugerbog.projections.projection import (
    AppendOnlyProjection,
    Fold,
    Projection,
    RecordedEvent,
    Row,
    TemporalProjection,
    key_column,
)
from tests.given import (
    CPR,
    NOON,
    P_NUMBER,
    Scenario,
    Step,
    a_user,
    activated,
    activity_reported,
    an_imported_user,
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
    ordered,
    reactivated,
    resent,
    sealing_with,
    sent,
    signing,
    today,
    took,
)
from tests.projections.folds import erased, fold, recorded, stored, woven


def by_link(step: Step) -> Step:
    """A step that only a user with a link takes."""
    return lambda scenario: step(scenario) if scenario.aggregate.link else None


BEGINNINGS = [a_user(), a_user(cpr=CPR, anonymous=True, means=(Means.APP,)), an_imported_user()]
DEEDS = [
    activated,
    sent,
    reactivated,
    deactivated("2026-04-01", "2026-04-02"),
    deactivated("2026-05-01"),
    edited(cpr=CPR),
    edited(surname="Ny", email="ny@firma.test", p_number=P_NUMBER),
    edited(surname="Igen", phone="12345678", reference_text="K7"),
    edited(user_name="anne@katalog", external_id="e-1"),
    given_means(Means.CHIP, Means.PRIVATE),
    today("2026-03-25"),
    resent,
    by_link(confirmed),
    given_a_new_code,
    by_link(code_entered(matches=False)),
    by_link(link_expired),
    ordered(Means.CHIP),
    took(Means.CHIP),
    granted("r1"),
    signing,
    sealing_with("p1"),
    asking_for_anonymity,
    deleted(),
    deleted(retention_days=30),
]


def lived(beginning: Step, deeds: list[Step], activities: Sequence[timedelta] = ()) -> list[RecordedEvent]:
    """What comes of trying these in turn; what is refused leaves no trace."""
    scenario = Scenario()
    for step in (beginning, *deeds):
        step(scenario)
        scenario.refusal = None
    done = [activity_reported(version=number, at=NOON + when) for number, when in enumerate(activities, 1)]
    return woven(recorded(scenario.aggregate.pending_events), *done)


ACTIVITIES = st.lists(st.timedeltas(-timedelta(9), timedelta(9)), max_size=5)
LIVES = st.builds(
    lived, st.sampled_from(BEGINNINGS), st.lists(st.sampled_from(DEEDS), max_size=15), ACTIVITIES
)
AS_READ: list[Callable[[list[RecordedEvent]], list[RecordedEvent]]] = [list, erased]
each_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)


@each_projection
@pytest.mark.parametrize("as_read", AS_READ)
@given(facts=LIVES)
def test_continuing_from_any_position_gives_the_same_rows(
    projection: Projection,
    as_read: Callable[[list[RecordedEvent]], list[RecordedEvent]],
    facts: list[RecordedEvent],
) -> None:
    facts = as_read(facts)
    at_once = stored(projection, fold(projection, facts))

    for cut in range(1, len(facts)):
        so_far = stored(projection, fold(projection, facts[:cut]))
        assert stored(projection, fold(projection, facts[cut:], so_far)) == at_once


@each_projection
def test_continuing_from_any_position_of_a_long_stream_gives_the_same_rows(projection: Projection) -> None:
    facts = lived(a_user(), [edited(phone=f"{10_000_000 + number}") for number in range(230)])
    at_once = stored(projection, fold(projection, facts))

    for cut in (1, 100, 200, 201, 229):
        so_far = stored(projection, fold(projection, facts[:cut]))
        assert stored(projection, fold(projection, facts[cut:], so_far)) == at_once


@each_projection
@given(facts=LIVES)
def test_events_that_are_not_handled_change_nothing(
    projection: Projection, facts: list[RecordedEvent]
) -> None:
    concerning = [fact for fact in facts if type(fact.event) in projection.handles]

    assert fold(projection, concerning) == fold(projection, facts)


@each_projection
def test_a_projection_implements_one_protocol(projection: Projection) -> None:
    assert isinstance(projection, Fold) != isinstance(projection, AppendOnlyProjection)


@pytest.mark.parametrize("journal", [one for one in PROJECTIONS if isinstance(one, AppendOnlyProjection)])
@given(facts=LIVES)
def test_an_append_only_projection_takes_events_in_any_order(
    journal: AppendOnlyProjection, facts: list[RecordedEvent]
) -> None:
    lasting = [fact for fact in facts if type(fact.event) not in journal.clears_on]

    assert stored(journal, fold(journal, lasting[::-1])) == stored(journal, fold(journal, lasting))
    assert journal.clears_on <= journal.handles


@pytest.mark.parametrize("chronicle", [one for one in PROJECTIONS if isinstance(one, TemporalProjection)])
@given(facts=LIVES)
def test_a_temporal_projection_needs_current_rows_only(
    chronicle: TemporalProjection, facts: list[RecordedEvent]
) -> None:
    rows: list[Row] = []
    for fact in facts:
        looks_back = type(fact.event) in chronicle.rewrites_past_rows_on
        kept = [] if looks_back else [row for row in rows if row["until"] is not None]
        handed = [row for row in rows if row not in kept]
        rows = [*kept, *chronicle.apply(handed, fact)] if type(fact.event) in chronicle.handles else rows

    assert stored(chronicle, rows) == stored(chronicle, fold(chronicle, facts))


@each_projection
def test_the_key_column_has_the_owner_of_the_stream(projection: Projection) -> None:
    assert key_column(projection.table) in {"user_id", "organisation_id"}


def test_names_and_tables_are_distinct() -> None:
    assert len({one.name for one in PROJECTIONS}) == len({one.table.name for one in PROJECTIONS})
    assert {one.name for one in PROJECTIONS} == {
        "user_list",
        "activity_history",
        "imported",
        "due",
        "notices",
        "standing",
        "charges",
        "organisations",
    }
    assert all(one.version >= 1 for one in PROJECTIONS)
