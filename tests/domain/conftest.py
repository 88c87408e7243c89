"""Given what happened, when a command comes, then these facts are recorded, or it is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.refusals import Refusal
from tests.given import Stage, Step

Given = When = Then = Callable[..., Any]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def given(stage: Stage) -> Given:
    def happened(*steps: Step) -> Any:  # noqa: ANN401 - a User or an Organisation
        """Take past steps in order; return the aggregate as it then is."""
        for step in steps:
            step(stage)
            assert stage.refusal is None, stage.refusal
        stage.already = len(stage.aggregate.pending_events) if stage.aggregate else 0
        return stage.aggregate

    return happened


@pytest.fixture
def when(stage: Stage) -> When:
    """Takes a command and what it is told; returns what the command returns."""
    return stage.do


@pytest.fixture
def then(stage: Stage) -> Then:
    """Takes what happened, in order: event classes, or pairs of a class and the facts that matter."""

    def happened(*expected: type[Event] | tuple[type[Event], dict[str, object]]) -> Any:  # noqa: ANN401
        assert stage.refusal is None, repr(stage.refusal)
        events = stage.aggregate.pending_events[stage.already :]
        told = [one if isinstance(one, tuple) else (one, {}) for one in expected]
        assert [type(event) for event in events] == [kind for kind, _ in told]
        for event, (_, facts) in zip(events, told, strict=True):
            assert {name: getattr(event, name) for name in facts} == facts
        return stage.aggregate

    return happened


@pytest.fixture
def then_nothing_happened(then: Then) -> Then:
    return then


@pytest.fixture
def then_refused(stage: Stage) -> Then:
    def refused(*kinds: type[Refusal], **fields: object) -> None:
        """Take the refusals, in order, and the fields that matter of a single one."""
        assert stage.refusal is not None, "nothing was refused"
        found = [one.refusal for one in getattr(stage.refusal, "objections", ())] or [stage.refusal]
        assert [type(one) for one in found] == list(kinds)
        assert {name: getattr(found[0], name) for name in fields} == fields
        assert stage.aggregate is None or len(stage.aggregate.pending_events) == stage.already

    return refused
