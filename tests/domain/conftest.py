"""Fixtures `given`, `when`, `then`: past events, a command, and the expected events or refusals."""

from collections.abc import Callable
from typing import Any

import pytest

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.refusals import Refusal
from tests.given import Scenario, Step

Given = When = Then = Callable[..., Any]


@pytest.fixture
def scenario() -> Scenario:
    return Scenario()


@pytest.fixture
def given(scenario: Scenario) -> Given:
    def happened(*steps: Step) -> Any:  # noqa: ANN401 - a User or an Organisation
        """Execute past steps in order; return the aggregate."""
        for step in steps:
            step(scenario)
            assert scenario.refusal is None, scenario.refusal
        scenario.previous_events = len(scenario.aggregate.pending_events) if scenario.aggregate else 0
        return scenario.aggregate

    return happened


@pytest.fixture
def when(scenario: Scenario) -> When:
    """Execute a command with its arguments; return what the command returns."""
    return scenario.execute


@pytest.fixture
def then(scenario: Scenario) -> Then:
    """Check the new events, in order: event classes, or pairs of a class and the expected fields."""

    def happened(*expected: type[Event] | tuple[type[Event], dict[str, object]]) -> Any:  # noqa: ANN401
        assert scenario.refusal is None, repr(scenario.refusal)
        events = scenario.aggregate.pending_events[scenario.previous_events :]
        expected_facts = [entry if isinstance(entry, tuple) else (entry, {}) for entry in expected]
        assert [type(event) for event in events] == [kind for kind, _ in expected_facts]
        for event, (_, facts) in zip(events, expected_facts, strict=True):
            assert {name: getattr(event, name) for name in facts} == facts
        return scenario.aggregate

    return happened


@pytest.fixture
def then_nothing_happened(then: Then) -> Then:
    return then


@pytest.fixture
def then_refused(scenario: Scenario) -> Then:
    def refused(*kinds: type[Refusal], **fields: object) -> None:
        """Check the refusals, in order, and the given fields of the first."""
        assert scenario.refusal is not None, "nothing was refused"
        found = [objection.refusal for objection in getattr(scenario.refusal, "objections", ())] or [
            scenario.refusal
        ]
        assert [type(refusal) for refusal in found] == list(kinds)
        assert {name: getattr(found[0], name) for name in fields} == fields
        assert (
            scenario.aggregate is None or len(scenario.aggregate.pending_events) == scenario.previous_events
        )

    return refused
