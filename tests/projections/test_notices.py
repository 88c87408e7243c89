"""Who asks to become anonymous, and waits for an answer."""

import pytest

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.user.user import User
from brugerbog.projections.notices.projection import NoticesProjection
from tests.given import (
    NOON,
    ORGANISATION,
    USER,
    Scenario,
    Step,
    a_user,
    activated,
    asking_for_anonymity,
    deactivated,
    deleted,
    edited,
)
from tests.projections.folds import erased, fold, only_row, story


def declined(scenario: Scenario) -> None:
    scenario.execute(User.decline_anonymity, "Ikke nødvendigt")


def test_a_request_is_a_row_with_its_time() -> None:
    assert only_row(NoticesProjection(), a_user(), activated, asking_for_anonymity) == {
        "user_id": USER,
        "organisation_id": ORGANISATION,
        "asked_at": microseconds(NOON),
    }


@pytest.mark.parametrize(
    "answer", [declined, deleted(), deleted(retention_days=30)], ids=["declined", "erased", "kept a while"]
)
def test_an_answer_deletes_the_row(answer: Step) -> None:
    assert fold(NoticesProjection(), story(a_user(), activated, asking_for_anonymity, answer)) == []


def test_a_declined_user_may_ask_again() -> None:
    again = story(a_user(), activated, asking_for_anonymity, declined, asking_for_anonymity)

    assert len(fold(NoticesProjection(), again)) == 1


def test_other_events_leave_the_request_open() -> None:
    steps = [a_user(), activated, asking_for_anonymity]

    assert only_row(NoticesProjection(), *steps, edited(surname="Ny"), deactivated("2026-04-01")) == only_row(
        NoticesProjection(), *steps
    )


def test_a_request_has_no_personal_data() -> None:
    facts = story(a_user(), activated, asking_for_anonymity)

    assert fold(NoticesProjection(), erased(facts)) == fold(NoticesProjection(), facts)
