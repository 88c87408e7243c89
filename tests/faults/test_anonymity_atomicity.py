"""Approving anonymity replaces and deletes the user in one transaction, or changes nothing."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.anonymity import NoAnonymityRequest
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.values.means import Means
from brugerbog.infrastructure.database.schema import events, mail_intents, reservations
from tests.faults.test_failing_statement import Fault, injected
from tests.org_driver import BORN, OrgDriver, open_org
from tests.people import made_up_cpr
from tests.stores import at_once, rows

EVENTS_OF_APPROVAL = 7
"""Events of one approval: created, anonymized, replaced, means assigned, mail issued; deleted, erased."""


def user_requesting_anonymity(org: OrgDriver, serial: int) -> UUID:
    user_id = org.create_active(cpr=made_up_cpr(BORN, serial), email=f"{serial}@by.test", means=(Means.APP,))
    org.administration.request_anonymity(org.seen_by(user_id).actor, accepts_losing_rights=True)
    return user_id


def recorded(org: OrgDriver, command_id: UUID) -> int:
    return [event.command_id for event in rows(org.service, events)].count(command_id)


def assert_is_the_only_user(org: OrgDriver, user_id: UUID) -> None:
    """Check that no other user exists, holds a reservation or awaits a mail."""
    assert org.ids() == [user_id]
    assert {one.holder for one in rows(org.service, reservations)} == {user_id, org.id}
    assert [one.recipient for one in rows(org.service, mail_intents)] == [user_id]


@pytest.mark.parametrize("answer_lost", [False, True], ids=["fails", "done, answer lost"])
def test_an_approval_is_complete_or_absent_whichever_statement_fails(
    store_url: str, tmp_path: Path, *, answer_lost: bool, full: bool
) -> None:
    """In the short form every second statement fails."""
    with open_org(store_url, tmp_path) as org:
        for at in range(1, 200, 1 if full else 2):
            old, command_id, fault = (
                user_requesting_anonymity(org, at),
                uuid4(),
                Fault(at, answer_lost=answer_lost),
            )

            def approve(old: UUID = old, command_id: UUID = command_id) -> UUID | None:
                answer = org.administration.approve_anonymity(org.actor, old, command_id=command_id)
                return answer.subject

            try:
                with injected(org.service, fault):
                    approve()
            except OperationalError:
                if not recorded(org, command_id):
                    assert_is_the_only_user(org, old)
                    assert [one.user_id for one in org.queries.notices(org.actor)] == [old]
            new = approve()
            assert recorded(org, command_id) == EVENTS_OF_APPROVAL
            assert org.queries.notices(org.actor) == []
            assert new is not None
            assert_is_the_only_user(org, new)
            org.delete(new)
            if not fault.was_reached:
                break
        assert 5 < at < 199


def test_of_concurrent_answers_to_a_request_one_is_recorded(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        for serial in range(5):
            user_id = user_requesting_anonymity(org, serial)

            def answer(number: int, user_id: UUID = user_id) -> object:
                try:
                    if number % 2:
                        org.administration.decline_anonymity(org.actor, user_id, "Det går ikke")
                    else:
                        org.administration.approve_anonymity(org.actor, user_id)
                except Refusal as refusal:
                    return type(refusal)
                return "answered"

            results = at_once(4, answer)
            assert results.count("answered") == 1, results
            assert set(results) <= {"answered", AlreadyDeleted, NoAnonymityRequest}
        assert len(org.ids()) == 5
