"""Events of one user, and the rows that a projection makes of them, checking its contract."""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.domain.user.user import User
from brugerbog.projections.projection import (
    AppendOnlyProjection,
    Fold,
    Projection,
    RecordedEvent,
    Row,
    key_column,
)
from tests.given import Scenario, Step, context, moment

PERSONAL = {
    "first_name", "surname", "cpr", "date_of_birth", "email", "phone", "reference_text", "reason",
    "identifier", "replaced", "user_name", "external_id",
    "occurred_at", "transaction", "service_provider", "service_type",
}  # fmt: skip


def story(*steps: Step) -> list[RecordedEvent]:
    """Return the events of these steps; other streams have the positions in between."""
    scenario = Scenario()
    for step in steps:
        step(scenario)
        assert scenario.refusal is None, scenario.refusal
    return recorded(scenario.aggregate.pending_events)


def woven(life: Sequence[RecordedEvent], *activities: Event) -> list[RecordedEvent]:
    """A life with activities right after its first fact, in places that were left free."""
    first = life[0].position
    between = [RecordedEvent(first + number, event) for number, event in enumerate(activities, 1)]
    moved = [RecordedEvent(fact.position + len(between), fact.event) for fact in life[1:]]
    return [life[0], *between, *moved]


def recorded(events: Iterable[Event]) -> list[RecordedEvent]:
    return [RecordedEvent(3 * number, event) for number, event in enumerate(events, 1)]


def fold(projection: Projection, facts: Iterable[RecordedEvent], rows: Sequence[Row] = ()) -> list[Row]:
    """The rows after these facts: whole rows in the table's column order, and the earlier ones untouched."""
    after = list(rows)
    step = _entered if isinstance(projection, AppendOnlyProjection) else _applied
    for fact in facts:
        before, kept = after, copy.deepcopy(after)
        after = step(projection, before, fact)
        assert before == kept
        for row in after:
            assert list(row) == [column.name for column in projection.table.columns]
    return after


def _applied(projection: Fold, rows: list[Row], fact: RecordedEvent) -> list[Row]:
    return projection.apply(rows, fact)


def _entered(projection: AppendOnlyProjection, rows: list[Row], fact: RecordedEvent) -> list[Row]:
    subject, kind = owner_of(fact.event.originator_id), type(fact.event)
    if kind in projection.clears_on:
        return [row for row in rows if row[key_column(projection.table)] != subject]
    added = projection.new_rows(fact) if kind in projection.handles else []
    assert {row[key_column(projection.table)] for row in added} <= {subject}
    return [*rows, *added]


def stored(projection: Projection, rows: Iterable[Row]) -> list[Row]:
    """The rows as they come back from the table: by primary key."""
    key = [column.name for column in projection.table.primary_key]
    return sorted((dict(row) for row in rows), key=lambda row: [row[name] for name in key])


def only_row(projection: Projection, *steps: Step) -> Row:
    (row,) = fold(projection, story(*steps))
    return row


def erased(facts: Iterable[RecordedEvent]) -> list[RecordedEvent]:
    """The same facts as they are read when the person's key is gone."""
    gone = []
    for fact in facts:
        event = copy.copy(fact.event)
        vars(event).update(dict.fromkeys(PERSONAL & vars(event).keys(), ERASED))
        gone.append(RecordedEvent(fact.position, event))
    return gone


def reactivated_by_schedule(effective_at: str) -> Step:
    """The end of a period, recorded when the scheduler got to it."""

    def step(scenario: Scenario) -> None:
        due = replace(context(scenario.now), effective_at=moment(effective_at))
        scenario.aggregate.record(due, User.Reactivated)

    return step


def erased_for_good(scenario: Scenario) -> None:
    scenario.aggregate.record(context(scenario.now), User.PersonalDataErased)
